/** Asks our libraries every case within this process, for `coverage.ts` to see what runs. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { test } from "node:test";
import { loadCorpus } from "@scop/corpus";
import { operations } from "../adapters/scop/operations.ts";

test("every case is answered", async () => {
  const { cases, faults } = loadCorpus(dirname(import.meta.dirname));
  assert.deepEqual(faults, []);
  for (const { of, base64, params } of cases) {
    const bytes = new Uint8Array(Buffer.from(base64, "base64"));
    const chunked = Array.isArray(params["chunks"])
      ? [params, { ...params, chunks: new Array(bytes.length).fill(1) }]
      : [params];
    for (const each of chunked) await operations[of.op]!.run(bytes, each);
  }
});

/** The libraries of this repository as an adapter: a line of JSON in, a line out. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { JsonObject } from "@scop/corpus";
import { operations } from "./operations.ts";

interface Question {
  readonly id: string;
  readonly op: string;
  readonly input: { readonly base64: string };
  readonly params: JsonObject;
}

function write(line: JsonObject): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const manifest = JSON.parse(readFileSync(new URL("../../../packages/mime/package.json", import.meta.url), "utf8"));
const ops = Object.fromEntries(Object.entries(operations).map(([op, { fields }]) => [op, fields]));
write({ hello: { name: "scop", version: manifest.version, language: "TypeScript", ops } });
for await (const line of createInterface({ input: process.stdin })) {
  const { id, op, input, params } = JSON.parse(line) as Question;
  const started = performance.now();
  const operation = operations[op];
  const answer =
    operation === undefined
      ? { outcome: "unsupported" }
      : await operation.run(new Uint8Array(Buffer.from(input.base64, "base64")), params);
  write({ id, ...answer, us: Math.round((performance.now() - started) * 1000) });
}

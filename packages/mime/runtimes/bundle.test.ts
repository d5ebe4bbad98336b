import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { BENCH_MISSING, bundle, hasEsbuild } from "./bundle.ts";

const READING = "partText, partBytes, partsOf, subjectOf, addressesOf, dateOf, messageIdsOf, fileNameOf";
const sizes: readonly (readonly [what: string, source: string, octetsMax: number])[] = [
  ["parse alone", `export { parseMessage } from "@scop/mime";`, 20_000],
  ["parse and all that mail programs show", `export { parseMessage, ${READING} } from "@scop/mime";`, 20_000],
  ["compose alone", `export { composeMessage } from "@scop/mime";`, 20_000],
  ["all of it", `export * from "@scop/mime";`, 60_000],
];

for (const [what, source, octetsMax] of sizes) {
  test(`${what} is at most ${octetsMax} octets, minified and gzipped`, {
    skip: hasEsbuild ? false : BENCH_MISSING,
  }, t => {
    const text = bundle(source);
    const octets = gzipSync(text, { level: 9 }).length;
    t.diagnostic(`${what}: ${octets} octets gzipped, ${text.length} minified`);
    assert.ok(octets <= octetsMax, `${octets} octets`);
  });
}

test("no table of IDNA or of confusable characters comes with reading and writing", {
  skip: hasEsbuild ? false : BENCH_MISSING,
}, () => {
  const whole = bundle(`export * from "@scop/mime"; export * from "@scop/address";`).length;
  const withTables = bundle(
    `export * from "@scop/mime"; export * from "@scop/address"; export * from "@scop/address/idna";`,
  ).length;
  assert.ok(withTables > whole + 10_000, `${whole} octets without, ${withTables} with them`);
});

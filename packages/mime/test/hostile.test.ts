import assert from "node:assert/strict";
import { test } from "node:test";
import { GROWTH_MAX, growth } from "@scop/sim";
import { families } from "./hostile-families.ts";

/** Octets of the smallest member of a family; each of three more has twice as many. */
const OCTETS = 16_384;

test("there are forty families and more", () => assert.ok(families.length >= 40));

for (const { name, make, read } of families) {
  test(`eight times as many octets take less than sixteen times as long: ${name}`, () => {
    const found = growth(read, make(OCTETS), make(OCTETS * 8), GROWTH_MAX);
    assert.ok(found < GROWTH_MAX, `${found.toFixed(1)} times as long`);
  });
}

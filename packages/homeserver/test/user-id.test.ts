import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { userIdOf } from "../src/user-id.ts";

describe("an account of mail has a user id where one may have its name", () => {
  const rows: readonly (readonly [address: string, expected: string | undefined])[] = [
    ["alice@scop.test", "@alice:scop.test"],
    ["a.b+c@scop.test", "@a.b+c:scop.test"],
    ["Alice@scop.test", undefined],
    ["é@scop.test", undefined],
    ["a:b@scop.test", undefined],
    ['"a@b"@scop.test', undefined],
    ["@scop.test", undefined],
    ["scop.test", undefined],
    ["alice@other.test", undefined],
    [`${"a".repeat(250)}@scop.test`, undefined],
  ];
  for (const [address, expected] of rows) {
    it(`${address.slice(0, 20)}: ${expected ?? "none"}`, () => assert.equal(userIdOf(address, "scop.test"), expected));
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { TextPieces } from "@scop/wire";

test("pieces come one behind the other, few or many, read now and then", () => {
  const pieces = new TextPieces();
  assert.equal(pieces.text(), "");
  let expected = "";
  for (let index = 0; index < 5000; index += 1) {
    pieces.add(String(index));
    expected += index;
    if (index % 777 === 0) assert.equal(pieces.text(), expected);
  }
  assert.equal(pieces.text(), expected);
});

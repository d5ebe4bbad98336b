import assert from "node:assert/strict";
import { test } from "node:test";
import { base64, CharClass, Cursor, describe, latin1Bytes, Octet, Secret } from "@scop/wire";

test("README example", () => {
  const cursor = new Cursor(latin1Bytes("size=1000"));
  const name = cursor.takeText(CharClass.alpha);
  const octets = cursor.take(Octet.equals) ? Number(cursor.takeText(CharClass.digit)) : undefined;
  const read = base64("c2NvcA==");
  const password = read.ok ? new Secret(read.value) : undefined;
  const wrong = base64("c2N!");
  const sentence = wrong.ok ? "fine" : describe(wrong.error);

  assert.deepEqual([name, octets], ["size", 1000]);
  assert.equal(`${password}`, "[secret]");
  assert.equal(sentence, "base64-character at 3 (RFC 4648 3.3)");
});

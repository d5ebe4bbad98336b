import assert from "node:assert/strict";
import { test } from "node:test";
import { latin1Bytes } from "@scop/wire";
import { ourAnswer } from "../../bench/differences/ours.ts";
import { disagreements, shortened, signatureOf } from "../differential/cluster.ts";
import { messagesOf } from "../differential/inputs.ts";
import { KNOWN } from "../differential/known.ts";

const MESSAGE = latin1Bytes("From: Ann <ann@example.org>\r\nSubject: Hello Bob\r\n\r\nHi\r\n");

test("a disagreement has a field and a kind, and who reads as we do has none", () => {
  const ours = ourAnswer(MESSAGE);
  assert.deepEqual(disagreements(MESSAGE, ours), []);
  const kinds = [null, "Hello", "Hello Bob Hello", "Other", "Hello, Bob"].map(subject => {
    const [found] = disagreements(MESSAGE, { ...ours, subject });
    return signatureOf("peer", found!, MESSAGE);
  });
  assert.deepEqual(kinds, [
    "peer | Subject | they have none | well-formed",
    "peer | Subject | we have more at the end | well-formed",
    "peer | Subject | they have more at the end | well-formed",
    "peer | Subject | another text | well-formed",
    "peer | Subject | other marks | well-formed",
  ]);
});

test("an input is made shorter as long as the disagreement stays", async () => {
  const holds = async (data: Uint8Array): Promise<boolean> => Buffer.from(data).includes("Bob");
  assert.equal(Buffer.from(await shortened(MESSAGE, holds)).toString(), "Bob");
});

test("the same seed makes the same messages", () => {
  assert.deepEqual(messagesOf(3, 30), messagesOf(3, 30));
  assert.notDeepEqual(messagesOf(3, 30), messagesOf(4, 30));
});

test("each kind that was judged says why", () => {
  for (const { why } of KNOWN) assert.ok(why.length > 20);
});

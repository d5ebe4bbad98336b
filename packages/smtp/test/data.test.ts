import assert from "node:assert/strict";
import { test } from "node:test";
import { dataEnd, type StuffingPosition, serverLimits, stuff } from "@scop/smtp";
import { concat, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { codes, converse, HELLO, last, TRANSACTION } from "./machine.ts";

const PRELUDE = HELLO + TRANSACTION;

/** What follows 354, what becomes of it, and the message. */
const rows: readonly (readonly [what: string, sent: string, reply: string, message: string | undefined])[] = [
  ["an empty message", ".\r\n", "250 2.0.0", ""],
  ["a line", "a\r\n.\r\n", "250 2.0.0", "a\r\n"],
  ["an empty line", "\r\n.\r\n", "250 2.0.0", "\r\n"],
  ["a doubled dot", "..\r\n.\r\n", "250 2.0.0", ".\r\n"],
  ["a dot before text", ".a\r\n.\r\n", "250 2.0.0", "a\r\n"],
  ["a dot within a line", "a.\r\n.\r\n", "250 2.0.0", "a.\r\n"],
  ["a bare LF", "a\nb\r\n.\r\n", "550 5.6.0", undefined],
  ["a bare CR", "a\rb\r\n.\r\n", "550 5.6.0", undefined],
  ["a CR before CRLF", "a\r\r\n.\r\n", "550 5.6.0", undefined],
  ["a NUL", "a\0b\r\n.\r\n", "550 5.6.0", undefined],
];
for (const [what, sent, wanted, message] of rows) {
  test(`DATA with ${what}: ${wanted}`, () => {
    const record = converse([PRELUDE, sent]);
    assert.equal(last(record.said).slice(0, wanted.length), wanted);
    assert.deepEqual(record.messages, message === undefined ? [] : [message]);
    assert.equal(record.aborted, message === undefined ? 1 : 0);
  });
}

/** The endings that servers were found to take for the end (SMTP smuggling). */
const endings: readonly (readonly [name: string, ending: string])[] = [
  ["LF . LF", "\n.\n"],
  ["LF . CRLF", "\n.\r\n"],
  ["CRLF . LF", "\r\n.\n"],
  ["CR . CR", "\r.\r"],
  ["CRLF . CR", "\r\n.\r"],
  ["LF . CR", "\n.\r"],
  ["CR . LF", "\r.\n"],
  ["CR . CRLF", "\r.\r\n"],
  ["LF CR . CR LF", "\n\r.\r\n"],
];
for (const [name, ending] of endings) {
  test(`${name} does not end a message, and what follows is not obeyed`, () => {
    const record = converse([PRELUDE, `a${ending}MAIL FROM:<evil@example.org>\r\n`, "x\r\n.\r\n"]);
    assert.deepEqual(codes(record.said), [220, 250, 250, 250, 354, 550]);
    assert.deepEqual(record.messages, []);
  });
}

/** All texts over these octets up to a length. */
function* texts(alphabet: readonly string[], length: number): Generator<string> {
  let level = [""];
  for (let size = 0; size <= length; size += 1) {
    yield* level;
    level = level.flatMap(text => alphabet.map(octet => text + octet));
  }
}

test("of all texts up to length 6 over CR, LF, dot and a, those with CRLF.CRLF alone end a message", () => {
  let ended = 0;
  for (const text of texts(["\r", "\n", ".", "a"], 6)) {
    const record = converse([PRELUDE, text]);
    const replies = codes(record.said).length;
    // The CRLF of DATA itself stands before the text.
    const ends = `\r\n${text}`.includes("\r\n.\r\n");
    if (ends) ended += 1;
    assert.equal(record.state.phase.phase === "body", !ends, JSON.stringify(text));
    if (!ends) assert.equal(replies, 5, JSON.stringify(text));
  }
  // 85 that begin with the end, 8 that hold it elsewhere.
  assert.equal(ended, 93);
});

test("the reading of DATA is the same however it is cut", () => {
  const text = fc.array(fc.constantFrom("\r\n", "\r", "\n", ".", "a", "\0", "\r\n.", "\r\n..", "hello"), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), (parts, sizes) => {
      const sent = `${PRELUDE}${parts.join("")}\r\n.\r\nNOOP\r\n`;
      const whole = converse([sent]);
      const cut: string[] = [];
      for (let at = 0, index = 0; at < sent.length; index += 1) {
        const size = sizes[index % sizes.length]!;
        cut.push(sent.slice(at, at + size));
        at += size;
      }
      const pieces = converse(cut);
      assert.equal(pieces.said, whole.said);
      assert.deepEqual(pieces.messages, whole.messages);
      assert.deepEqual(pieces.questions, whole.questions);
    }),
  );
});

/** A message in which CR and LF stand together alone. */
const message = fc
  .array(fc.constantFrom("\r\n", ".", "..", "a", "\r\n.", "line"), { maxLength: 40 })
  .map(parts => parts.join(""));

/** A message as it is sent in DATA, cut into pieces. */
function sentAs(text: string, size: number): string {
  let position: StuffingPosition = "start";
  const parts: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += size) {
    const stuffed = stuff(position, latin1Bytes(text.slice(at, at + size)));
    assert.equal(stuffed.error, undefined);
    parts.push(...stuffed.parts);
    position = stuffed.position;
  }
  const end = dataEnd(position);
  assert(end);
  return latin1(concat([...parts, end]));
}

test("what is stuffed arrives as it was, with its last CRLF, however it is cut", () => {
  fc.assert(
    fc.property(message, fc.integer({ min: 1, max: 9 }), (text, size) => {
      const record = converse([PRELUDE, sentAs(text, size)]);
      assert.deepEqual(record.messages, [text === "" || text.endsWith("\r\n") ? text : `${text}\r\n`]);
      assert.equal(sentAs(text, size), sentAs(text, 1_000));
    }),
  );
});

test("a piece without a dot at a line's start is not copied", () => {
  const piece = latin1Bytes("a\r\nb.\r\n");
  assert.equal(stuff("start", piece).parts[0], piece);
});

test("a bare CR or LF is not sent", () => {
  const of = (text: string): string | undefined => stuff("start", latin1Bytes(text)).error?.code;
  assert.deepEqual([of("a\nb"), of("a\rb"), of("\n"), of("a\r\r\n")], ["bare-lf", "bare-cr", "bare-lf", "bare-cr"]);
  assert.equal(stuff("cr", latin1Bytes("a")).error?.code, "bare-cr");
  assert.equal(dataEnd("cr"), undefined);
});

test("a message above the limit is read to its end and refused", () => {
  const limits = { ...serverLimits, messageOctets: 10 };
  const big = converse([PRELUDE, "1234567890\r\n.\r\n", "NOOP\r\n"], { limits });
  assert.deepEqual([codes(big.said).slice(-2), big.aborted], [[552, 250], 1]);
  assert.deepEqual(converse([PRELUDE, "12345678\r\n.\r\n"], { limits }).messages, ["12345678\r\n"]);
  // Stuffed dots do not count.
  assert.deepEqual(converse([PRELUDE, "..345678\r\n.\r\n"], { limits }).messages, [".345678\r\n"]);
  const endless = converse([PRELUDE, "x".repeat(15), "x".repeat(15)], { limits });
  assert.deepEqual([last(endless.said).slice(0, 3), endless.closed, endless.aborted], ["552", 1, 1]);
});

test("a limit of the line holds where it is set, and NUL passes where it is let", () => {
  const limits = { ...serverLimits, bodyLineOctets: 5 };
  assert.match(last(converse([PRELUDE, "12345\r\n123456\r\n.\r\n"], { limits }).said), /^550 5\.6\.0 .*too long/);
  assert.deepEqual(converse([PRELUDE, "12345\r\n12", "345\r\n.\r\n"], { limits }).messages, ["12345\r\n12345\r\n"]);
  assert.deepEqual(converse([PRELUDE, "a\0\r\n.\r\n"], { nul: "accept" }).messages, ["a\0\r\n"]);
});

test("of several faults in a chunk the first is told, whole or in pieces", () => {
  const session = [...`${PRELUDE.replace("DATA\r\n", "BDAT 4 LAST\r\n")}\0a\nb`];
  assert.match(last(converse([session.join("")]).said), /NUL/);
  assert.match(last(converse(session).said), /NUL/);
});

test("a NUL that is let pass hides no other fault behind it", () => {
  for (const [fault, name] of [
    ["\r", "CR"],
    ["\n", "LF"],
  ]) {
    const data = converse([PRELUDE, `\0${fault}.${fault}a\r\n.\r\n`], { nul: "accept" });
    assert.deepEqual(data.messages, []);
    assert.match(last(data.said), new RegExp(`^550 5\\.6\\.0 .*${name}`));
    const chunks = converse([PRELUDE.replace("DATA\r\n", "BDAT 4 LAST\r\n"), `\0${fault}ab`], { nul: "accept" });
    assert.deepEqual(chunks.messages, []);
    assert.match(last(chunks.said), new RegExp(`^550 5\\.6\\.0 .*${name}`));
  }
});

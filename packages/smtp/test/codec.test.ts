import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMailbox } from "@scop/address";
import {
  decodeXtext,
  emptyReading,
  encodeReply,
  encodeXtext,
  formatMail,
  formatRecipient,
  parseCommand,
  type Reply,
  readReplies,
  reply,
} from "@scop/smtp";
import { latin1Bytes } from "@scop/wire";
import fc from "fast-check";

/** A reply and its octets: the same rows write and read. */
const replies: readonly (readonly [what: string, text: string, reply: Reply])[] = [
  ["one line", "250 2.0.0 OK\r\n", reply(250, "2.0.0", "OK")],
  ["no enhanced code", "354 Go on\r\n", reply(354, undefined, "Go on")],
  ["several lines", "550-5.1.1 No\r\n550 5.1.1 such user\r\n", reply(550, "5.1.1", "No", "such user")],
  ["no text", "250 \r\n", reply(250, undefined, "")],
  ["EHLO", "250-mx\r\n250-SIZE 10\r\n250 HELP\r\n", reply(250, undefined, "mx", "SIZE 10", "HELP")],
];
for (const [what, text, wanted] of replies) {
  test(`a reply with ${what} is written and read`, () => {
    assert.equal(encodeReply(wanted), text);
    assert.deepEqual(readReplies(emptyReading, latin1Bytes(text)).replies, [wanted]);
  });
}

/** What servers send besides. */
const tolerated: readonly (readonly [what: string, text: string, reply: Reply])[] = [
  ["a code alone", "250\r\n", reply(250, undefined, "")],
  ["an enhanced code in the first line alone", "550-5.1.1 No\r\n550 user\r\n", reply(550, "5.1.1", "No", "user")],
  ["an enhanced code of another class", "550 4.1.1 No\r\n", reply(550, undefined, "4.1.1 No")],
  ["an enhanced code and nothing else", "550 5.1.1\r\n", reply(550, "5.1.1", "")],
];
for (const [what, text, wanted] of tolerated) {
  test(`a reply with ${what} is read`, () => {
    assert.deepEqual(readReplies(emptyReading, latin1Bytes(text)).replies, [wanted]);
  });
}

const broken: readonly (readonly [what: string, text: string, code: string])[] = [
  ["a bare LF", "250 a\n", "bare-lf"],
  ["two codes", "250-a\r\n251 b\r\n", "reply-code-changed"],
  ["no code", "hello\r\n", "reply-syntax"],
  ["code 199", "199 a\r\n", "reply-syntax"],
  ["code 600", "600 a\r\n", "reply-syntax"],
  ["a short line", "25\r\n", "reply-syntax"],
  ["a line that is too long", `250 ${"a".repeat(4_096)}\r\n`, "reply-line-length"],
  ["too many lines", "250-a\r\n".repeat(257), "reply-lines"],
];
for (const [what, text, code] of broken) {
  test(`a reply with ${what} is refused`, () => {
    assert.equal(readReplies(emptyReading, latin1Bytes(text)).error?.code, code);
  });
}

test("whatever a reply says, it is lines of printable US-ASCII of at most 512 octets", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.array(fc.string({ unit: "binary", maxLength: 600 })),
      (code, lines) => {
        const text = encodeReply(reply(code, undefined, ...lines));
        assert.match(text, /^(?:[2-5][0-9][0-9][ -][ -~]{0,506}\r\n)+$/);
        const { replies: read } = readReplies(emptyReading, latin1Bytes(text));
        assert.equal(read.length, 1);
        assert.equal(read[0]?.lines.length, Math.max(1, lines.length));
      },
    ),
  );
});

test("commands that we write are commands that we read", () => {
  const local = fc.string({
    unit: fc.constantFrom("a", "B", "1", ".", " ", '"', "\\", "@", "+"),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(local, fc.option(fc.nat(), { nil: undefined }), fc.boolean(), (name, size, eightBit) => {
      const quoted = `"${name.replace(/["\\]/g, "\\$&")}"`;
      const read = parseCommand(latin1Bytes(`MAIL FROM:<${quoted}@example.org>`));
      assert(read.ok && read.command.verb === "MAIL" && read.command.path.kind === "mailbox");
      const parameters = { size, body: eightBit ? "8bitmime" : "7bit", utf8: false } as const;
      const again = parseCommand(latin1Bytes(formatMail(read.command.path, parameters)));
      assert.deepEqual(again, { ok: true, command: { verb: "MAIL", path: read.command.path, parameters } });
      const recipient = parseCommand(latin1Bytes(formatRecipient(read.command.path)));
      assert(recipient.ok && recipient.command.verb === "RCPT" && recipient.command.path.kind === "mailbox");
      assert.equal(formatMailbox(recipient.command.path.mailbox), formatMailbox(read.command.path.mailbox));
    }),
  );
});

test("xtext is read as it was written", () => {
  assert.deepEqual([encodeXtext("e=mc2@example.com"), encodeXtext("a+b c")], ["e+3Dmc2@example.com", "a+2Bb+20c"]);
  fc.assert(
    fc.property(fc.string({ unit: fc.nat({ max: 255 }).map(code => String.fromCharCode(code)) }), text => {
      const read = decodeXtext(encodeXtext(text));
      assert(read.ok);
      assert.equal(read.value, text);
    }),
  );
  for (const wrong of ["a b", "a=b", "+", "+4", "+4G", "ä"]) assert.equal(decodeXtext(wrong).ok, false);
});

test("no line throws", () => {
  const words = fc.constantFrom(
    "MAIL",
    "RCPT",
    " FROM:",
    " TO:",
    "<",
    ">",
    "@",
    "a",
    "SIZE=",
    "9",
    " ",
    "EHLO",
    "AUTH",
    "\xff",
    "[",
    '"',
    "=",
  );
  fc.assert(fc.property(fc.array(words, { maxLength: 20 }), parts => void parseCommand(latin1Bytes(parts.join("")))));
});

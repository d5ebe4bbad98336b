import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { latin1, latin1Bytes, Writer } from "@scop/wire";
import fc from "fast-check";
import { type Piece, parseCommand, type Response, writeResponse } from "../src/index.ts";
import { commands } from "./commands.ts";
import { readResponses } from "./expression.ts";

/** A command whose literals stand between «»: `a LOGIN «bob» «secret»`. */
function pieces(text: string): readonly Piece[] {
  return text.split(/[«»]/).map((part, index) => ({
    kind: index % 2 === 0 ? "text" : "literal",
    bytes: latin1Bytes(part),
  }));
}

const bad: readonly (readonly [text: string, code: string, offset: number])[] = [
  ["", "tag-expected", 0],
  ["* NOOP", "tag-expected", 0],
  ["a+ NOOP", "space-expected", 1],
  [`${"t".repeat(65)} NOOP`, "tag-expected", 65],
  ["a", "space-expected", 1],
  ["a XYZ", "command-unknown", 5],
  ["a NOOP ", "end-expected", 6],
  ["a NOOP x", "end-expected", 6],
  ["a ID", "space-expected", 4],
  ["a ID x", "list-expected", 5],
  ['a ID ("a" x)', "string-expected", 10],
  ["a LOGIN a", "space-expected", 9],
  ["a LOGIN a ", "password-expected", 10],
  ["a LOGIN a «\0»", "nul-in-literal", 11],
  ['a LOGIN a "\0"', "control-in-quoted", 11],
  ['a LOGIN a "x', "quote-expected", 12],
  ['a LOGIN a "\\x"', "quoted-escape", 12],
  ["a AUTHENTICATE", "space-expected", 14],
  ["a AUTHENTICATE PLAIN ==", "base64-expected", 23],
  ["a AUTHENTICATE PLAIN a", "base64-expected", 22],
  ["a ENABLE", "space-expected", 8],
  ["a SELECT", "space-expected", 8],
  ["a SELECT ", "mailbox-expected", 9],
  ["a SELECT a*", "end-expected", 10],
  ["a SELECT &AGE-", "mailbox-utf7", 14],
  [`a SELECT ${"m".repeat(1001)}`, "mailbox-too-long", 1010],
  ["a STATUS a MESSAGES", "list-expected", 11],
  ["a STATUS a (X)", "status-item-expected", 12],
  ["a STATUS a (MESSAGES", "list-end-expected", 20],
  ["a LIST (X) a b", "selection-option-unknown", 8],
  ["a LIST a b RETURN (X)", "return-option-unknown", 19],
  ["a LIST (RECURSIVEMATCH REMOTE) a b", "recursivematch-alone", 30],
  [`a LIST "" (${"a".repeat(600)} ${"b".repeat(600)})`, "patterns-too-long", 1212],
  ['a LIST "" (a', "list-end-expected", 12],
  ["a LIST a b RETURN (STATUS (X))", "status-item-expected", 27],
  ["a LIST a b RETURN (CHILDREN", "list-end-expected", 27],
  ["a LIST a b X", "return-expected", 11],
  ["a CREATE a (X)", "create-parameter-unknown", 11],
  ["a CREATE a (USE (Sent))", "use-attribute-expected", 17],
  ["a CREATE a (USE (\\Sent)", "list-end-expected", 23],
  ["a FETCH 0 UID", "number-expected", 8],
  ["a FETCH 4294967296 UID", "number-too-large", 18],
  ["a FETCH 1: UID", "number-expected", 10],
  ["a FETCH 1 UIDX", "end-expected", 13],
  ["a FETCH 1 ()", "fetch-item-expected", 11],
  ["a FETCH 1 (UID", "list-end-expected", 14],
  ["a FETCH 1 (ALL)", "fetch-item-expected", 11],
  ["a FETCH 1 BODY.PEEK", "section-expected", 19],
  ["a FETCH 1 BODY[MIME]", "section-text-expected", 15],
  ["a FETCH 1 BODY[1", "section-end-expected", 16],
  ["a FETCH 1 BODY[0]", "part-number-expected", 15],
  [`a FETCH 1 BODY[${"1.".repeat(101)}1]`, "section-too-deep", 216],
  ["a FETCH 1 BODY[]<1>", "partial-expected", 18],
  ["a FETCH 1 BODY[]<1.0>", "partial-expected", 19],
  ["a FETCH 1 BODY[HEADER.FIELDS ()]", "field-name-expected", 30],
  ["a STORE 1 FLAG \\Seen", "flags-expected", 10],
  ["a STORE 1 FLAGS \\Recent", "flag-unknown", 23],
  ["a STORE 1 FLAGS (", "flag-expected", 17],
  ["a SEARCH", "space-expected", 8],
  ["a SEARCH X", "search-key-expected", 10],
  ["a SEARCH ()", "search-key-expected", 10],
  ["a SEARCH ALL)", "space-expected", 12],
  ["a SEARCH NOT", "search-key-expected", 12],
  ["a SEARCH ON 31-Feb-2026", "no-such-day", 23],
  ["a SEARCH SUBJECT «\xff»", "malformed-utf8", 18],
  [`a SEARCH ${"(".repeat(101)}ALL`, "search-too-deep", 109],
  [`a SEARCH${" ALL".repeat(501)}`, "too-many-search-keys", 2009],
  ["a SEARCH CHARSET latin-9 ALL", "bad-charset", 24],
  ["a UID NOOP", "command-unknown", 10],
  ["a UID EXPUNGE", "space-expected", 13],
  ["a APPEND a (\\Seen) ", "literal-expected", 19],
  ["a APPEND a x", "literal-expected", 11],
  ['a APPEND a " 17-Nov-2026 09:55:06 +0000" ', "date-expected", 15],
];

describe("commands", () => {
  for (const [text, command] of commands) {
    test(JSON.stringify(text), () => {
      const parsed = parseCommand(pieces(text));
      assert.ok(parsed.ok, parsed.ok ? "" : parsed.error.code);
      assert.deepEqual(parsed.value, { tag: "a", command });
    });
  }
  for (const [text, code, offset] of bad) {
    test(`${code}: ${JSON.stringify(text.slice(0, 60))}`, () => {
      const parsed = parseCommand(pieces(text));
      assert.deepEqual(parsed.ok ? "parsed" : [parsed.error.code, parsed.error.offset], [code, offset]);
    });
  }
  test("a password is not printed", () => {
    const parsed = parseCommand(pieces("a LOGIN «bob» hunter2"));
    assert.ok(parsed.ok && parsed.value.command.command === "LOGIN");
    assert.equal(latin1(parsed.value.command.password.reveal()), "hunter2");
    assert.ok(!JSON.stringify(parsed).includes("hunter2"));
  });
  test("no octets throw, and diagnostics are in bounds", () => {
    const word = fc.constantFrom(
      ...'a |FETCH |UID |SEARCH |STORE |1:* |BODY[|]|HEADER.FIELDS |(|)|«|»|<|>|"|\\|NOT |OR |{|LIST |2.|FLAGS |\0|\xff'.split(
        "|",
      ),
      ...'APPEND |STATUS |ID |"x" |"01-Jan-2026 00:00:00 +0000" '.split("|"),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 25 }), words => {
        const text = `a ${words.join("")}`;
        const parsed = parseCommand(pieces(text));
        if (!parsed.ok) assert.ok(parsed.error.offset >= 0 && parsed.error.offset <= text.length);
      }),
      { numRuns: 2000 },
    );
  });
});

function written(response: Response): string {
  const writer = new Writer();
  writeResponse(writer, response);
  return latin1(writer.whole());
}

const status = { response: "status", tag: "a", status: "OK", text: "done" } as const;
const section = {
  label: "BODY[]",
  path: [1, 2],
  text: "HEADER.FIELDS",
  fields: ["To", "x y", "a]", "a\r\nb"],
  start: 4,
} as const;

const responses: readonly (readonly [response: Response, text: string])[] = [
  [{ ...status, code: undefined }, "a OK done"],
  [{ ...status, code: { code: "TRYCREATE" }, status: "NO" }, "a NO [TRYCREATE] done"],
  [{ ...status, code: undefined, text: "a\r\nb\0ü" }, "a OK a??b??"],
  [{ ...status, code: { code: "BADCHARSET", charsets: ["UTF-8"] } }, "a OK [BADCHARSET (UTF-8)] done"],
  [{ ...status, code: { code: "PERMANENTFLAGS", flags: [], create: false } }, "a OK [PERMANENTFLAGS ()] done"],
  [{ ...status, code: { code: "PERMANENTFLAGS", flags: [], create: true } }, "a OK [PERMANENTFLAGS (\\*)] done"],
  [
    { ...status, code: { code: "PERMANENTFLAGS", flags: ["\\Seen"], create: true } },
    "a OK [PERMANENTFLAGS (\\Seen \\*)] done",
  ],
  [
    { ...status, code: { code: "COPYUID", uidValidity: 7, from: [1, 2, 3, 5], to: [8, 9, 10, 11] } },
    "a OK [COPYUID 7 1:3,5 8:11] done",
  ],
  [{ response: "continue", text: "go" }, "+ go"],
  [{ response: "challenge", bytes: latin1Bytes("a") }, "+ YQ=="],
  [{ response: "challenge", bytes: new Uint8Array() }, "+ "],
  [{ response: "capability", capabilities: ["IMAP4rev1", "AUTH=PLAIN"] }, "* CAPABILITY IMAP4rev1 AUTH=PLAIN"],
  [{ response: "enabled", capabilities: [] }, "* ENABLED"],
  [
    { response: "list", attributes: ["\\Sent", "bad flag"], delimiter: "/", mailbox: "R&D", childInfo: [] },
    '* LIST (\\Sent) "/" "R&-D"',
  ],
  [
    { response: "list", attributes: [], delimiter: "/", mailbox: "a", childInfo: ["SUBSCRIBED", "SPECIAL-USE"] },
    '* LIST () "/" "a" ("CHILDINFO" ("SUBSCRIBED" "SPECIAL-USE"))',
  ],
  [
    {
      response: "mailbox-status",
      mailbox: "a",
      items: [
        { item: "SIZE", number: 5 },
        { item: "MAILBOXID", id: "F1" },
      ],
    },
    '* STATUS "a" (SIZE 5 MAILBOXID (F1))',
  ],
  [{ response: "lsub", attributes: [], delimiter: "/", mailbox: 'a"\\\r\n' }, '* LSUB () "/" "a\\"\\\\&AA0ACg-"'],
  [{ response: "search", numbers: [], modseq: undefined }, "* SEARCH"],
  [{ response: "search", numbers: [4, 2], modseq: 7 }, "* SEARCH 4 2 (MODSEQ 7)"],
  [{ response: "sort", numbers: [2, 1], modseq: undefined }, "* SORT 2 1"],
  [
    { response: "esearch", tag: "a", byUid: true, min: 2, max: 9, all: [2, 9, 4, 5], count: 4, modseq: 7 },
    '* ESEARCH (TAG "a") UID MIN 2 MAX 9 COUNT 4 ALL 2,9,4:5 MODSEQ 7',
  ],
  [{ response: "vanished", when: "now", uids: [1, 2, 5] }, "* VANISHED 1:2,5"],
  [{ response: "vanished", when: "earlier", uids: [9] }, "* VANISHED (EARLIER) 9"],
  [{ response: "expunge", number: 4 }, "* 4 EXPUNGE"],
  [{ response: "id", parameters: [["name", "a\r\nb"]] }, '* ID ("name" "a??b")'],
  [{ response: "flags", flags: ["\\Seen", "$x", "a b", "", "\\"] }, "* FLAGS (\\Seen $x)"],
  [
    { response: "fetch", sequence: 3, data: [{ item: "string", label: section, octets: undefined }] },
    '* 3 FETCH (BODY[1.2.HEADER.FIELDS (To "x y" "a]" {4}\r\na\r\nb)]<4> NIL)',
  ],
  [
    {
      response: "fetch",
      sequence: 3,
      data: [
        { item: "INTERNALDATE", instant: 0 },
        { item: "string", label: { label: "RFC822.TEXT" }, octets: latin1Bytes("\xe9") },
      ],
    },
    '* 3 FETCH (INTERNALDATE " 1-Jan-1970 00:00:00 +0000" RFC822.TEXT {1}\r\n\xe9)',
  ],
];

describe("responses", () => {
  for (const [response, text] of responses)
    test(JSON.stringify(text), () => assert.equal(written(response), `${text}\r\n`));
  test("no name or text breaks out of its place", () => {
    const text = fc.string({
      unit: fc.constantFrom("\r", "\n", '"', "\\", "a", " ", "(", ")", "{", "}", "]", "\0", "ü"),
      maxLength: 20,
    });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const transcript = [
          { ...status, code: undefined, text: one },
          { response: "list", attributes: [one], delimiter: "/", mailbox: other, childInfo: ["SUBSCRIBED"] } as const,
          { response: "mailbox-status", mailbox: one, items: [{ item: "UNSEEN", number: 1 }] } as const,
          { response: "id", parameters: [[one, other]] } as const,
          { response: "flags", flags: [one, other] } as const,
        ];
        assert.equal(readResponses(transcript.map(written).join("")).length, transcript.length);
      }),
    );
  });
});

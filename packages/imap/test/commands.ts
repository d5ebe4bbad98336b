import { latin1Bytes } from "@scop/wire";
import type { Command } from "../src/index.ts";

const all = { low: 1, high: Number.POSITIVE_INFINITY };
const set = [{ low: 2, high: 2 }];
const header = { path: [], text: "header-fields", fields: ["From", "x y"] } as const;
const seen = ["\\Seen"];
const numbers = { byUid: false, set };
const plain = { condstore: "not-asked", known: undefined } as const;
const stored = { ...numbers, unchangedSince: undefined };
const fetched = { ...numbers, changed: undefined };
const known = { uidValidity: 7, modseq: 5 };
const list = { command: "LIST", select: [], reference: "", returns: [], status: undefined } as const;

/** Commands as they are written, and as they are read. Literals stand between «». */
export const commands: readonly (readonly [text: string, command: Command])[] = [
  ["a noop", { command: "NOOP" }],
  ["a IDLE", { command: "IDLE" }],
  ["a ID NIL", { command: "ID" }],
  ['a ID ("name" "x" "version" NIL)', { command: "ID" }],
  ["a ID ()", { command: "ID" }],
  ["a ENABLE condstore X", { command: "ENABLE", capabilities: ["CONDSTORE", "X"] }],
  ["a AUTHENTICATE plain", { command: "AUTHENTICATE", mechanism: "PLAIN", initial: undefined }],
  ["a AUTHENTICATE PLAIN =", { command: "AUTHENTICATE", mechanism: "PLAIN", initial: new Uint8Array() }],
  ["a AUTHENTICATE PLAIN YQ==", { command: "AUTHENTICATE", mechanism: "PLAIN", initial: latin1Bytes("a") }],
  ["a SELECT inbox", { command: "SELECT", mailbox: "INBOX", parameters: plain }],
  ["a EXAMINE iNbOx/Sub", { command: "EXAMINE", mailbox: "INBOX/Sub", parameters: plain }],
  ['a SELECT "a \\"b\\" \\\\"', { command: "SELECT", mailbox: 'a "b" \\', parameters: plain }],
  [
    "a SELECT a (CONDSTORE QRESYNC (7 5 2 (2 2)))",
    { command: "SELECT", mailbox: "a", parameters: { condstore: "asked", known: { ...known, uids: set } } },
  ],
  [
    "a EXAMINE a (QRESYNC (7 5))",
    { command: "EXAMINE", mailbox: "a", parameters: { ...plain, known: { ...known, uids: undefined } } },
  ],
  [
    "a STORE 2 (UNCHANGEDSINCE 0) FLAGS ()",
    { command: "STORE", ...numbers, unchangedSince: 0, mode: "replace", silent: false, flags: [] },
  ],
  [
    "a FETCH 2 ALL (CHANGEDSINCE 9223372036854775807)",
    {
      command: "FETCH",
      ...numbers,
      items: [{ item: "FLAGS" }, { item: "INTERNALDATE" }, { item: "RFC822.SIZE" }, { item: "ENVELOPE" }],
      changed: { modseq: Number.MAX_SAFE_INTEGER, vanished: "not-asked" },
    },
  ],
  [
    "a UID FETCH 2 (MODSEQ) (VANISHED CHANGEDSINCE 5)",
    { command: "FETCH", byUid: true, set, items: [{ item: "MODSEQ" }], changed: { modseq: 5, vanished: "asked" } },
  ],
  [
    'a SEARCH MODSEQ "/flags/\\\\draft" all 5',
    { command: "SEARCH", byUid: false, returns: undefined, program: [{ test: "modseq", modseq: 5 }] },
  ],
  [
    "a UID SORT RETURN (COUNT) (REVERSE DATE subject) utf-8 ALL",
    {
      command: "SORT",
      byUid: true,
      returns: ["COUNT"],
      keys: [
        { by: "DATE", order: "falling" },
        { by: "SUBJECT", order: "rising" },
      ],
      program: [{ test: "all" }],
    },
  ],
  [
    'a THREAD references "US-ASCII" OLDER 60 $',
    {
      command: "THREAD",
      byUid: false,
      algorithm: "REFERENCES",
      program: [
        { test: "older", seconds: 60 },
        { test: "sequence", set: "saved" },
        { operator: "and", count: 2 },
      ],
    },
  ],
  [
    "a SEARCH RETURN () UID $",
    { command: "SEARCH", byUid: false, returns: ["ALL"], program: [{ test: "uid", set: "saved" }] },
  ],
  ["a UID EXPUNGE $", { command: "EXPUNGE", set: "saved" }],
  ["a CREATE Entw&APw-rfe", { command: "CREATE", mailbox: "Entwürfe", uses: [] }],
  ["a CREATE a (USE (\\sent \\ALL))", { command: "CREATE", mailbox: "a", uses: ["\\Sent", "\\All"] }],
  ["a CREATE a (USE ())", { command: "CREATE", mailbox: "a", uses: [] }],
  ["a DELETE «x y»", { command: "DELETE", mailbox: "x y" }],
  ["a RENAME a «b]»", { command: "RENAME", from: "a", to: "b]" }],
  ["a SUBSCRIBE a", { command: "SUBSCRIBE", mailbox: "a" }],
  ['a LIST "" %/*', { ...list, patterns: ["%/*"] }],
  ['a LIST (SPECIAL-USE) "" "*"', { ...list, select: ["SPECIAL-USE"], patterns: ["*"] }],
  ['a LIST "" * RETURN (CHILDREN SPECIAL-USE)', { ...list, patterns: ["*"], returns: ["CHILDREN", "SPECIAL-USE"] }],
  [
    'a LIST () "" ("a" "" %) RETURN (status (size unseen) SUBSCRIBED SUBSCRIBED)',
    {
      ...list,
      patterns: ["a", "%"],
      returns: ["SUBSCRIBED"],
      status: ["SIZE", "UNSEEN"],
    },
  ],
  [
    'a LIST (recursivematch SUBSCRIBED REMOTE) "x" ""',
    {
      ...list,
      select: ["RECURSIVEMATCH", "SUBSCRIBED", "REMOTE"],
      reference: "x",
      patterns: [],
    },
  ],
  ['a LIST "" ""', { ...list, patterns: [""] }],
  ["a LSUB a %", { command: "LSUB", reference: "a", pattern: "%" }],
  ["a STATUS a (UNSEEN messages UNSEEN)", { command: "STATUS", mailbox: "a", items: ["UNSEEN", "MESSAGES"] }],
  ["a EXPUNGE", { command: "EXPUNGE", set: undefined }],
  ["a UID EXPUNGE 2", { command: "EXPUNGE", set }],
  ["a STORE 2 FLAGS \\seen", { command: "STORE", ...stored, mode: "replace", silent: false, flags: seen }],
  ["a STORE 2 +FLAGS (\\SEEN)", { command: "STORE", ...stored, mode: "add", silent: false, flags: seen }],
  ["a STORE 2 -flags.silent (x X)", { command: "STORE", ...stored, mode: "remove", silent: true, flags: ["x"] }],
  ["a STORE 2 FLAGS ()", { command: "STORE", ...stored, mode: "replace", silent: false, flags: [] }],
  ["a COPY 2 a", { command: "COPY", ...numbers, mailbox: "a" }],
  ["a UID MOVE 1:*,2 a", { command: "MOVE", byUid: true, set: [all, ...set], mailbox: "a" }],
  ["a FETCH 2 UID", { command: "FETCH", ...fetched, items: [{ item: "UID" }] }],
  [
    "a FETCH 2 (BODY RFC822.SIZE)",
    { command: "FETCH", ...fetched, items: [{ item: "BODY" }, { item: "RFC822.SIZE" }] },
  ],
  [
    "a FETCH 2 FAST",
    { command: "FETCH", ...fetched, items: [{ item: "FLAGS" }, { item: "INTERNALDATE" }, { item: "RFC822.SIZE" }] },
  ],
  [
    'a FETCH 2 BODY.PEEK[HEADER.FIELDS (From "x y" FROM)]<3.9>',
    {
      command: "FETCH",
      ...fetched,
      items: [{ item: "BODY[]", peek: true, section: header, partial: { start: 3, octets: 9 } }],
    },
  ],
  [
    "a FETCH 2 BODY[1.2.MIME]",
    {
      command: "FETCH",
      ...fetched,
      items: [{ item: "BODY[]", peek: false, section: { path: [1, 2], text: "mime", fields: [] }, partial: undefined }],
    },
  ],
  ["a SEARCH ALL", { command: "SEARCH", byUid: false, returns: undefined, program: [{ test: "all" }] }],
  [
    "a UID SEARCH CHARSET utf-8 NOT SUBJECT «gr\xc3\xbcn»",
    {
      command: "SEARCH",
      byUid: true,
      returns: undefined,
      program: [{ test: "header", field: "SUBJECT", text: "grün" }, { operator: "not" }],
    },
  ],
  [
    "a SEARCH OR (SEEN 2) LARGER 5 SINCE 1-Feb-1970",
    {
      command: "SEARCH",
      byUid: false,
      returns: undefined,
      program: [
        { test: "flag", flag: "\\Seen", set: true },
        { test: "sequence", set },
        { operator: "and", count: 2 },
        { test: "larger", octets: 5 },
        { operator: "or" },
        { test: "since", day: 31 },
        { operator: "and", count: 2 },
      ],
    },
  ],
];

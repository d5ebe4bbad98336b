import type { Library } from "./topic.ts";

/** Keys of SEARCH. RFC 9051 6.4.4 and the RFCs of extensions */
const KEYS = [
  "ALL",
  "ANSWERED",
  "BCC x",
  "BEFORE 1-Feb-2026",
  'BEFORE "1-Feb-2026"',
  "BODY text",
  "CC x",
  "DELETED",
  "DRAFT",
  "FLAGGED",
  "FROM x",
  'HEADER Subject ""',
  "HEADER X-A b",
  "KEYWORD $Junk",
  "LARGER 100",
  "NOT SEEN",
  "OR SEEN DELETED",
  "ON 29-Feb-2024",
  "SEEN",
  "SENTBEFORE 1-Jan-2026",
  "SENTON 31-Dec-2026",
  "SENTSINCE 10-Oct-2026",
  "SINCE 01-Jan-2026",
  "SMALLER 4294967295",
  "SUBJECT x",
  "TEXT x",
  "TO x",
  "UID 1:*",
  "UNANSWERED",
  "UNDELETED",
  "UNDRAFT",
  "UNFLAGGED",
  "UNKEYWORD x",
  "UNSEEN",
  "NEW",
  "OLD",
  "RECENT",
  "1:5",
  "*",
  "(SEEN DELETED)",
  "((SEEN))",
  "NOT (SEEN)",
  "OR (SEEN) (NOT DELETED)",
  "OLDER 3600",
  "YOUNGER 60",
  "MODSEQ 1",
  "$",
  "SAVEDBEFORE 1-Jan-2026",
  "EMAILID M1",
  "THREADID T1",
];

const NO_KEYS = [
  "BEFORE",
  "BEFORE 32-Jan-2026",
  "BEFORE 1-Foo-2026",
  "BEFORE 1-Jan-26",
  "BEFORE 29-Feb-2026",
  "HEADER Subject",
  "LARGER",
  "LARGER x",
  "LARGER 4294967296",
  "NOT",
  "OR SEEN",
  "OR",
  "(",
  ")",
  "()",
  "(SEEN",
  "SEEN)",
  "UID",
  "UID x",
  "0",
  "FROM",
  "KEYWORD",
  "KEYWORD \\Seen",
  "SEEN  DELETED",
  "SEEN DELETED ",
  "OLDER 0",
  "OLDER x",
  "ODD",
  "CHARSET",
  "SUBJECT (x)",
  "BODY x y)",
];

const RETURNS: readonly (readonly [text: string, isValid: boolean])[] = [
  ["()", true],
  ["(ALL)", true],
  ["(MIN MAX)", true],
  ["(COUNT)", true],
  ["(SAVE)", true],
  ["(MIN", false],
  ["(ODD)", false],
  ["MIN", false],
  ["(MIN,MAX)", false],
];

/** Items of FETCH. RFC 9051 6.4.5 and the RFCs of extensions */
const ITEMS: readonly (readonly [text: string, isValid: boolean])[] = [
  ["FAST", true],
  ["BODY", true],
  ["BODY[TEXT]", true],
  ["BODY[1]", true],
  ["BODY[1.TEXT]", true],
  ["BODY[1.HEADER]", true],
  ["BODY[1.HEADER.FIELDS (A B)]", true],
  ["BODY.PEEK[]<5.10>", true],
  ["BODY[]<0.4294967295>", true],
  ["RFC822", true],
  ["RFC822.HEADER", true],
  ["RFC822.TEXT", true],
  ["INTERNALDATE", true],
  ["BINARY.PEEK[1.2]", true],
  ["BINARY.SIZE[1]", true],
  ["BINARY[]<0.5>", true],
  ["MODSEQ", true],
  ["EMAILID", true],
  ["THREADID", true],
  ["PREVIEW", true],
  ["PREVIEW (LAZY)", true],
  ["(FLAGS BODY[HEADER])", true],
  ["(UID)", true],
  ["flags", true],
  ["body[header.fields (from)]", true],
  ["BODY[TEXT", false],
  ["BODY[HEADER.FIELDS]", false],
  ["BODY[HEADER.FIELDS (A]", false],
  ["BODY[1..2]", false],
  ["BODY[.1]", false],
  ["BODY[1]<5>", false],
  ["BODY[1]<.5>", false],
  ["BODY[1]<5.>", false],
  ["BODY[1]<5.01>", false],
  ["BODY[4294967296]", false],
  ["BODY.PEEK", false],
  ["RFC822.ODD", false],
  ["(FLAGS", false],
  ["FLAGS UID", false],
  ["(FLAGS,UID)", false],
  ["(FLAGS  UID)", false],
  ["PREVIEW (ODD)", false],
  ["BINARY[TEXT]", false],
];

/** Arguments of APPEND before its message of 3 octets, and whether they are any. RFC 9051 6.3.12 */
const APPENDS: readonly (readonly [text: string, isValid: boolean])[] = [
  ["INBOX", true],
  ['"my work"', true],
  ["INBOX ()", true],
  ["INBOX (\\Seen)", true],
  ["INBOX (\\Seen $Junk)", true],
  ['INBOX "01-Jan-2026 00:00:00 +0000"', true],
  ['INBOX " 1-Jan-2026 23:59:59 -1130"', true],
  ['INBOX (\\Seen) "27-Nov-2026 09:55:06 +0100"', true],
  ["INBOX (\\Odd)", false],
  ["INBOX (\\Seen", false],
  ['INBOX "1-Jan-2026 00:00:00 +0000"', false],
  ['INBOX "32-Jan-2026 00:00:00 +0000"', false],
  ['INBOX "01-Foo-2026 00:00:00 +0000"', false],
  ['INBOX "01-Jan-2026 24:00:00 +0000"', false],
  ['INBOX "01-Jan-2026 00:60:00 +0000"', false],
  ['INBOX "01-Jan-2026 00:00:00"', false],
  ['INBOX "01-Jan-2026 00:00:00 GMT"', false],
  ['INBOX "29-Feb-2026 00:00:00 +0000"', false],
  ['"01-Jan-2026 00:00:00 +0000" INBOX', false],
  ["(\\Seen) INBOX", false],
  ["INBOX \\Seen", false],
];

/** Commands of extensions, and whether they are any. */
const EXTENSIONS: readonly (readonly [text: string, command: string | undefined, spec: string])[] = [
  ["SELECT INBOX (CONDSTORE)", "SELECT", "RFC7162#3.1.8"],
  ["SELECT INBOX (QRESYNC (1 2))", "SELECT", "RFC7162#3.2.5"],
  ["SELECT INBOX (QRESYNC (1 2 1:3 (1:2 3:4)))", "SELECT", "RFC7162#3.2.5"],
  ["SELECT INBOX (QRESYNC (0 2))", undefined, "RFC7162#3.2.5"],
  ["SELECT INBOX (ODD)", undefined, "RFC7162#3.1.8"],
  ["SELECT INBOX ()", undefined, "RFC4466#2.1"],
  ["FETCH 1 FLAGS (CHANGEDSINCE 5)", "FETCH", "RFC7162#3.1.4"],
  ["UID FETCH 1 FLAGS (CHANGEDSINCE 5 VANISHED)", "FETCH", "RFC7162#3.2.6"],
  ["FETCH 1 FLAGS (CHANGEDSINCE)", undefined, "RFC7162#3.1.4"],
  ["STORE 1 (UNCHANGEDSINCE 5) FLAGS ()", "STORE", "RFC7162#3.1.3"],
  ["STORE 1 (UNCHANGEDSINCE x) FLAGS ()", undefined, "RFC7162#3.1.3"],
  ["SORT (DATE) UTF-8 ALL", "SORT", "RFC5256#3"],
  ["UID SORT (REVERSE SUBJECT ARRIVAL) US-ASCII UNSEEN", "SORT", "RFC5256#3"],
  ["SORT RETURN (ALL) (FROM) UTF-8 ALL", "SORT", "RFC5267#3"],
  ["SORT () UTF-8 ALL", undefined, "RFC5256#3"],
  ["SORT (ODD) UTF-8 ALL", undefined, "RFC5256#3"],
  ["SORT (DATE) ALL", undefined, "RFC5256#3"],
  ["SORT (REVERSE) UTF-8 ALL", undefined, "RFC5256#3"],
  ["THREAD REFERENCES UTF-8 ALL", "THREAD", "RFC5256#3"],
  ["UID THREAD ORDEREDSUBJECT UTF-8 SEEN", "THREAD", "RFC5256#3"],
  ["THREAD ODD UTF-8 ALL", undefined, "RFC5256#3"],
  ["CREATE work (USE (\\Sent))", "CREATE", "RFC6154#3"],
  ["CREATE work (USE ())", "CREATE", "RFC6154#3"],
  ["CREATE work (USE \\Sent)", undefined, "RFC6154#3"],
  ["CREATE work (ODD (\\Sent))", undefined, "RFC6154#3"],
  ['LIST (SPECIAL-USE) "" *', "LIST", "RFC6154#5.2"],
  ['LIST (RECURSIVEMATCH) "" *', undefined, "RFC5258#3.1"],
  ['LIST (SUBSCRIBED RECURSIVEMATCH) "" *', "LIST", "RFC5258#3.1"],
  ['LIST () "" * RETURN ()', "LIST", "RFC5258#3"],
  ['LIST (ODD) "" *', undefined, "RFC5258#3.1"],
  ['LIST "" * RETURN (ODD)', undefined, "RFC5258#3.2"],
  ['LIST "" ()', undefined, "RFC5258#6"],
  ['LSUB "" *', "LSUB", "RFC3501#6.3.9"],
  ['GETQUOTA ""', "GETQUOTA", "RFC9208#4.1.2"],
  ["GETQUOTAROOT INBOX", "GETQUOTAROOT", "RFC9208#4.1.3"],
  ["GETQUOTAROOT", undefined, "RFC9208#4.1.3"],
  ["ENABLE CONDSTORE QRESYNC", "ENABLE", "RFC5161#3.1"],
  ["ENABLE", undefined, "RFC5161#3.1"],
  ["COMPRESS DEFLATE", "COMPRESS", "RFC4978#3"],
  ["COMPRESS ODD", undefined, "RFC4978#3"],
  ["NOTIFY NONE", "NOTIFY", "RFC5465#3"],
  ["NOTIFY SET (SELECTED (MessageNew (FLAGS) MessageExpunge))", "NOTIFY", "RFC5465#3"],
  [
    'NOTIFY SET STATUS (PERSONAL (MailboxName)) (SUBTREE (work "my work") (MessageNew MessageExpunge))',
    "NOTIFY",
    "RFC5465#3",
  ],
  ["NOTIFY SET (SELECTED)", undefined, "RFC5465#3"],
  ["NOTIFY ODD", undefined, "RFC5465#3"],
  ["STATUS work (HIGHESTMODSEQ SIZE MAILBOXID)", "STATUS", "RFC8438#2"],
  ['ID ("a")', undefined, "RFC2971#3.1"],
  ['ID ("a" NIL)', "ID", "RFC2971#3.1"],
  ["ID", undefined, "RFC2971#3.1"],
  ["UID COPY 1:2 work", "COPY", "RFC9051#6.4.9"],
  ["UID STORE 1 FLAGS (\\Seen)", "STORE", "RFC9051#6.4.9"],
];

export function imapSearch(library: Library): void {
  const topic = library.topic({
    area: "imap",
    topic: "search-fetch",
    description: "Keys of SEARCH and items of FETCH",
    op: "imap.command",
    spec: ["RFC9051#6.4.4"],
  });
  const number = (at: number): string => String(at + 1).padStart(2, "0");
  for (const [at, key] of KEYS.entries()) {
    topic.valid(`key.${number(at)}`, `The key ${key}`, `a SEARCH ${key}\r\n`, { tag: "a", command: "SEARCH" });
    topic.valid(
      `key-two.${number(at)}`,
      `The key ${key} behind another, by UID`,
      `a UID SEARCH CHARSET UTF-8 SEEN ${key}\r\n`,
      { tag: "a", command: "SEARCH" },
    );
    topic.valid(`key-or.${number(at)}`, `The key ${key} within OR and NOT`, `a SEARCH OR NOT ${key} (${key})\r\n`, {
      tag: "a",
      command: "SEARCH",
    });
  }
  for (const [at, key] of NO_KEYS.entries())
    topic.invalid(`no-key.${number(at)}`, `No key: ${key}`, `a SEARCH ${key}\r\n`, "no search key", {
      flags: ["ImapSyntax"],
    });
  for (const [at, [text, isValid]] of RETURNS.entries()) {
    const input = `a SEARCH RETURN ${text} ALL\r\n`;
    if (isValid)
      topic.valid(
        `return.${number(at)}`,
        `RETURN ${text}`,
        input,
        { tag: "a", command: "SEARCH" },
        { spec: ["RFC4731#3.1"] },
      );
    else
      topic.invalid(`return.${number(at)}`, `No RETURN: ${text}`, input, "no return options", {
        spec: ["RFC4731#3.1"],
        flags: ["ImapSyntax"],
      });
  }
  for (const [at, [text, isValid]] of ITEMS.entries()) {
    const more = { spec: ["RFC9051#6.4.5"], flags: isValid ? [] : ["ImapSyntax"] };
    if (isValid)
      topic.valid(
        `item.${number(at)}`,
        `The item ${text}`,
        `a FETCH 1 ${text}\r\n`,
        { tag: "a", command: "FETCH" },
        more,
      );
    else topic.invalid(`item.${number(at)}`, `No item: ${text}`, `a FETCH 1 ${text}\r\n`, "no fetch item", more);
  }
  for (const [at, [text, command, spec]] of EXTENSIONS.entries()) {
    const input = `a ${text}\r\n`;
    if (command !== undefined)
      topic.valid(`extension.${number(at)}`, text, input, { tag: "a", command }, { spec: [spec] });
    else
      topic.invalid(`extension.${number(at)}`, `No command: ${text}`, input, "it does not fit the grammar", {
        spec: [spec],
        flags: ["ImapSyntax"],
      });
  }
  appends(library);
}

function appends(library: Library): void {
  const topic = library.topic({
    area: "imap",
    topic: "append",
    description: "APPEND: its arguments, and where its message ends",
    op: "imap.stream",
    spec: ["RFC9051#6.3.12"],
    flags: ["ImapLiteral"],
  });
  for (const [at, [text, isValid]] of APPENDS.entries()) {
    for (const [key, literal] of [
      ["waits", "{3}"],
      ["comes", "{3+}"],
      ["binary", "~{3+}"],
    ] as const) {
      // After a refusal a client that waits sends no message; one that does not has sent it.
      const message = isValid || key !== "waits" ? "a\r\n" : "";
      const input = `a APPEND ${text} ${literal}\r\n${message === "" ? "" : `${message}\r\n`}b NOOP\r\n`;
      const commands = [
        ["a", isValid ? "APPEND" : "BAD"],
        ["b", "NOOP"],
      ];
      const chunks = input.split(/(?<=\n)/).map(line => line.length);
      const more = { params: { chunks }, spec: ["RFC9051#6.3.12", "RFC7888#4"], flags: isValid ? [] : ["ImapSyntax"] };
      topic.valid(`${key}.${String(at + 1).padStart(2, "0")}`, `APPEND ${text} ${literal}`, input, { commands }, more);
    }
  }
}

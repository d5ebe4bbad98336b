import type { Library, Topic } from "./topic.ts";

/** Commands of all kinds with their arguments; what each is called, and where its grammar stands. */
const COMMANDS: readonly (readonly [key: string, text: string, command: string, spec: string])[] = [
  ["login", 'LOGIN ann "my secret"', "LOGIN", "RFC9051#6.2.3"],
  ["authenticate", "AUTHENTICATE PLAIN AGEAYg==", "AUTHENTICATE", "RFC9051#6.2.2"],
  ["enable", "ENABLE CONDSTORE QRESYNC", "ENABLE", "RFC5161#3.1"],
  ["select", "SELECT work", "SELECT", "RFC9051#6.3.2"],
  ["select-condstore", "SELECT work (CONDSTORE)", "SELECT", "RFC7162#3.1.8"],
  ["select-qresync", "SELECT work (QRESYNC (67890007 20050715194045000 41,43:211,214:541))", "SELECT", "RFC7162#3.2.5"],
  ["select-qresync-short", "SELECT work (QRESYNC (67890007 90060115194045000))", "SELECT", "RFC7162#3.2.5"],
  [
    "select-qresync-match",
    "SELECT work (QRESYNC (67890007 90060115194045000 41:211 (1,9,99 10,90,990)))",
    "SELECT",
    "RFC7162#3.2.5.2",
  ],
  ["examine-both", "EXAMINE work (CONDSTORE QRESYNC (1 2))", "EXAMINE", "RFC7162#3.2.5"],
  ["create", "CREATE work", "CREATE", "RFC9051#6.3.4"],
  ["create-use", "CREATE work (USE (\\Drafts))", "CREATE", "RFC6154#6"],
  ["create-uses", "CREATE work (USE (\\Drafts \\Sent))", "CREATE", "RFC6154#6"],
  ["rename", 'RENAME work "old work"', "RENAME", "RFC9051#6.3.6"],
  ["list", 'LIST "" *', "LIST", "RFC9051#6.3.9"],
  ["list-select", 'LIST (SUBSCRIBED RECURSIVEMATCH) "" *', "LIST", "RFC5258#6"],
  ["list-patterns", 'LIST "" (INBOX "work/%" old)', "LIST", "RFC5258#6"],
  ["list-return", 'LIST "" % RETURN (SUBSCRIBED CHILDREN)', "LIST", "RFC5258#6"],
  ["list-status", 'LIST (SUBSCRIBED) "" % RETURN (CHILDREN STATUS (MESSAGES UNSEEN))', "LIST", "RFC5819#5"],
  ["lsub", 'LSUB "" *', "LSUB", "RFC3501#6.3.9"],
  ["status", "STATUS work (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE)", "STATUS", "RFC9051#6.3.11"],
  ["status-modseq", "STATUS work (HIGHESTMODSEQ)", "STATUS", "RFC7162#7"],
  ["append", "APPEND work {3}\r\nA:\r", "APPEND", "RFC9051#6.3.12"],
  ["append-flags", 'APPEND work (\\Seen $Junk) "27-Nov-2026 09:55:06 +0100" {3}\r\nA:\r', "APPEND", "RFC9051#6.3.12"],
  ["search", "SEARCH UNSEEN OR FROM ann NOT (SUBJECT x SINCE 1-Feb-2026)", "SEARCH", "RFC9051#6.4.4"],
  ["search-return", "SEARCH RETURN (MIN MAX COUNT ALL SAVE) UNSEEN", "SEARCH", "RFC9051#6.4.4"],
  ["search-return-empty", "UID SEARCH RETURN () 1:*", "SEARCH", "RFC9051#6.4.4"],
  ["search-charset", "SEARCH CHARSET UTF-8 TEXT x", "SEARCH", "RFC9051#6.4.4"],
  ["search-modseq", 'SEARCH MODSEQ "/flags/\\\\draft" all 620162338', "SEARCH", "RFC7162#3.1.5"],
  ["search-modseq-priv", 'SEARCH MODSEQ "/flags/\\\\seen" priv 1', "SEARCH", "RFC7162#3.1.5"],
  ["search-header", 'SEARCH HEADER X-A "b c"', "SEARCH", "RFC9051#6.4.4"],
  ["sort", "SORT (REVERSE DATE SUBJECT) UTF-8 ALL", "SORT", "RFC5256#5"],
  ["sort-return", "UID SORT RETURN (COUNT) (ARRIVAL) US-ASCII SEEN", "SORT", "RFC5267#3"],
  ["sort-keys", "SORT (CC FROM SIZE TO) UTF-8 UNSEEN 1:5", "SORT", "RFC5256#5"],
  ["thread", "THREAD REFERENCES UTF-8 ALL", "THREAD", "RFC5256#5"],
  ["thread-subject", "UID THREAD ORDEREDSUBJECT US-ASCII SEEN", "THREAD", "RFC5256#5"],
  ["fetch", "FETCH 1:3,5 (FLAGS UID ENVELOPE BODY INTERNALDATE RFC822.SIZE)", "FETCH", "RFC9051#6.4.5"],
  ["fetch-fields", "FETCH 1 BODY.PEEK[HEADER.FIELDS (From To)]<0.100>", "FETCH", "RFC9051#6.4.5"],
  ["fetch-not", "UID FETCH * (BODY[1.2.HEADER.FIELDS.NOT (Date)] BODY[3.MIME])", "FETCH", "RFC9051#6.4.5"],
  ["fetch-changed", "FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)", "FETCH", "RFC7162#3.1.4.1"],
  ["fetch-vanished", "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345 VANISHED)", "FETCH", "RFC7162#3.2.6"],
  ["fetch-binary", "FETCH 1 (BINARY.PEEK[1.2]<0.10> BINARY.SIZE[2])", "FETCH", "RFC3516#7"],
  ["fetch-modseq", "FETCH 1 (MODSEQ EMAILID THREADID)", "FETCH", "RFC8474#5.1"],
  ["store", "STORE 1:4 +FLAGS.SILENT (\\Deleted $Junk)", "STORE", "RFC9051#6.4.6"],
  ["store-bare", "UID STORE 1 -FLAGS \\Seen \\Draft", "STORE", "RFC9051#6.4.6"],
  ["store-unchanged", "STORE 7,5 (UNCHANGEDSINCE 320162338) +FLAGS (\\Seen)", "STORE", "RFC7162#3.1.3"],
  ["copy", "COPY 1:4 work", "COPY", "RFC9051#6.4.7"],
  ["move", "UID MOVE 1,3 work", "MOVE", "RFC9051#6.4.8"],
  ["uid-expunge", "UID EXPUNGE 1:3", "EXPUNGE", "RFC9051#6.4.9"],
  ["id", 'ID ("name" "a" "version" NIL)', "ID", "RFC2971#3.1"],
  ["id-nil", "ID NIL", "ID", "RFC2971#3.1"],
  ["getquota", 'GETQUOTA ""', "GETQUOTA", "RFC9208#4.1.2"],
  ["getquotaroot", "GETQUOTAROOT work", "GETQUOTAROOT", "RFC9208#4.1.3"],
  ["compress", "COMPRESS DEFLATE", "COMPRESS", "RFC4978#3"],
  ["notify-none", "NOTIFY NONE", "NOTIFY", "RFC5465#8"],
  ["notify-set", "NOTIFY SET (selected (MessageNew MessageExpunge FlagChange)) (personal NONE)", "NOTIFY", "RFC5465#8"],
  [
    "notify-names",
    'NOTIFY SET STATUS (mailboxes (INBOX "my work") (MessageNew MessageExpunge)) (subtree old (MailboxName))',
    "NOTIFY",
    "RFC5465#8",
  ],
  ["notify-items", "NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge))", "NOTIFY", "RFC5465#8"],
];

/** Places of an octet outside of quotes. */
function placesOf(text: string, octet: string): readonly number[] {
  const places: number[] = [];
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\" && isQuoted) at += 1;
    else if (text[at] === '"') isQuoted = !isQuoted;
    else if (text[at] === octet && !isQuoted) places.push(at);
  }
  return places;
}

/** How deep in parentheses a place is. */
function depthAt(text: string, at: number): number {
  const before = text.slice(0, at);
  return placesOf(before, "(").length - placesOf(before, ")").length;
}

/**
 * What breaks any command, since each space of the grammar is one space, and each parenthesis and quote has its other: a space twice, a
 * parenthesis or a quote that is missing or too many, an end within a list.
 */
function breakages(text: string): readonly (readonly [key: string, about: string, text: string])[] {
  const rows: (readonly [key: string, about: string, text: string])[] = [
    ["space-behind", "a space behind it", `${text} `],
  ];
  for (const [number, at] of placesOf(text, " ").entries()) {
    rows.push([`space-${number + 1}`, `space ${number + 1} twice`, `${text.slice(0, at)} ${text.slice(at)}`]);
    rows.push([`tab-${number + 1}`, `a tab for space ${number + 1}`, `${text.slice(0, at)}\t${text.slice(at + 1)}`]);
    if (depthAt(text, at) > 0)
      rows.push([`end-${number + 1}`, `an end at space ${number + 1}, within a list`, text.slice(0, at)]);
  }
  for (const [number, at] of placesOf(text, "(").entries()) {
    rows.push([`open-${number + 1}`, `parenthesis ${number + 1} twice`, `${text.slice(0, at)}(${text.slice(at)}`]);
    rows.push([`only-open-${number + 1}`, `an end behind parenthesis ${number + 1}`, text.slice(0, at + 1)]);
  }
  for (const [number, at] of placesOf(text, ")").entries()) {
    rows.push([
      `close-${number + 1}`,
      `closing parenthesis ${number + 1} missing`,
      text.slice(0, at) + text.slice(at + 1),
    ]);
    rows.push([
      `close-twice-${number + 1}`,
      `closing parenthesis ${number + 1} twice`,
      `${text.slice(0, at)})${text.slice(at)}`,
    ]);
  }
  const quote = text.lastIndexOf('"');
  if (quote > 0 && !text.includes("{"))
    rows.push(["quote", "the last quote missing", text.slice(0, quote) + text.slice(quote + 1)]);
  return rows;
}

function broken(topic: Topic, key: string, text: string, spec: string): void {
  // The octets of a literal are no part of the grammar.
  const line = text.split("\r\n", 1)[0]!;
  const rest = text.slice(line.length);
  for (const [how, about, changed] of breakages(line)) {
    // Behind the size of a literal nothing may stand, and what is missing there is another command.
    if (rest !== "" && !/^(?:space|tab)-\d/.test(how)) continue;
    topic.invalid(
      `${key}.${how}`,
      `${line.slice(0, 40)}: ${about}`,
      `a ${changed}${rest}\r\n`,
      "it does not fit the grammar",
      {
        spec: [spec, "RFC9051#9"],
        flags: ["ImapSyntax"],
      },
    );
  }
}

export function imapStrict(library: Library): void {
  const topic = library.topic({
    area: "imap",
    topic: "strict",
    description: "Commands with their arguments, and each space, parenthesis and quote of them broken",
    op: "imap.command",
    spec: ["RFC9051#9"],
  });
  for (const [key, text, command, spec] of COMMANDS) {
    topic.valid(
      `${key}.whole`,
      `The command ${text.slice(0, 50)}`,
      `a ${text}\r\n`,
      command === "APPEND" ? { tag: "a" } : { tag: "a", command },
      { spec: [spec] },
    );
    broken(topic, key, text, spec);
  }
}

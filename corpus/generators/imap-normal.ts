import { WRONG } from "./imap-wrong.ts";
import type { Library, Topic } from "./topic.ts";

type Row = readonly [key: string, command: string, normal: string, spec?: string];

/** Commands in odd spellings, and the same in the one of `normal`. */
const BASIC: readonly Row[] = [
  ["login", 'login ann "a \\"b\\" \\\\c"', 'LOGIN "ann" "a \\"b\\" \\\\c"', "RFC9051#6.2.3"],
  ["login-literal", "LOGIN {3+}\r\nann {0+}\r\n", 'LOGIN "ann" ""', "RFC9051#6.2.3"],
  ["authenticate", "authenticate plain", "AUTHENTICATE PLAIN", "RFC9051#6.2.2"],
  ["authenticate-initial", "AUTHENTICATE PLAIN AGFubgBi", "AUTHENTICATE PLAIN AGFubgBi", "RFC9051#6.2.2"],
  ["authenticate-empty", "AUTHENTICATE EXTERNAL =", "AUTHENTICATE EXTERNAL =", "RFC9051#6.2.2"],
  ["enable", "enable condstore utf8=accept", "ENABLE CONDSTORE UTF8=ACCEPT", "RFC9051#6.3.1"],
  ["select", "select inbox", 'SELECT "INBOX"', "RFC9051#6.3.2"],
  ["select-below", "SELECT inBox/work", 'SELECT "INBOX/work"', "RFC9051#5.1"],
  ["select-like", "SELECT inboxes", 'SELECT "inboxes"', "RFC9051#5.1"],
  ["select-literal", "SELECT {7+}\r\nmy work", 'SELECT "my work"', "RFC9051#9"],
  ["examine", "EXAMINE &AOQ-pfel", 'EXAMINE "äpfel"', "RFC9051#6.3.3"],
  ["select-condstore", "SELECT a (condstore)", 'SELECT "a" (CONDSTORE)', "RFC7162#3.1.8"],
  ["select-qresync", "SELECT a (QRESYNC (7 20))", 'SELECT "a" (QRESYNC (7 20))', "RFC7162#3.2.5"],
  ["select-uids", "SELECT a (qresync (7 20 1:5,9))", 'SELECT "a" (QRESYNC (7 20 1:5,9))', "RFC7162#3.2.5"],
  ["select-matches", "SELECT a (QRESYNC (7 20 1:5 (1,3 1,5)))", 'SELECT "a" (QRESYNC (7 20 1:5))', "RFC7162#3.2.5.2"],
  ["select-both", "SELECT a (CONDSTORE QRESYNC (7 20))", 'SELECT "a" (CONDSTORE QRESYNC (7 20))', "RFC7162#3.2.5"],
  ["create", "create a/b", 'CREATE "a/b"', "RFC9051#6.3.4"],
  ["create-use", "CREATE a (USE (\\sent \\DRAFTS))", 'CREATE "a" (USE (\\Sent \\Drafts))', "RFC6154#3"],
  ["create-use-none", "CREATE a (use ())", 'CREATE "a"', "RFC6154#3"],
  ["rename", 'RENAME a "b c"', 'RENAME "a" "b c"', "RFC9051#6.3.6"],
  ["unsubscribe", "unsubscribe a", 'UNSUBSCRIBE "a"', "RFC9051#6.3.8"],
  ["status", "STATUS a (messages)", 'STATUS "a" (MESSAGES)', "RFC9051#6.3.11"],
  [
    "status-all",
    "status a (UNSEEN UIDVALIDITY UIDNEXT SIZE DELETED)",
    'STATUS "a" (UNSEEN UIDVALIDITY UIDNEXT SIZE DELETED)',
    "RFC9051#6.3.11",
  ],
  ["status-more", "status a (HIGHESTMODSEQ APPENDLIMIT)", 'STATUS "a" (HIGHESTMODSEQ APPENDLIMIT)', "RFC7162#3.1.7"],
  [
    "status-id",
    "status a (mailboxid DELETED-STORAGE RECENT)",
    'STATUS "a" (MAILBOXID DELETED-STORAGE RECENT)',
    "RFC8474#4.3",
  ],
  ["expunge", "expunge", "EXPUNGE", "RFC9051#6.4.3"],
  ["uid-expunge", "uid expunge 1:3,*", "UID EXPUNGE 1:3,*", "RFC9051#6.4.9"],
  ["copy", 'copy 1,2 "a b"', 'COPY 1,2 "a b"', "RFC9051#6.4.7"],
  ["uid-move", "uid move $ a", 'UID MOVE $ "a"', "RFC9051#6.4.8"],
  ["store", "store 1 flags \\seen", "STORE 1 FLAGS (\\Seen)", "RFC9051#6.4.6"],
  [
    "store-add",
    "STORE 1:2 +FLAGS (\\SEEN \\deleted $Junk)",
    "STORE 1:2 +FLAGS (\\Seen \\Deleted $Junk)",
    "RFC9051#6.4.6",
  ],
  ["store-remove", "UID STORE * -FLAGS.SILENT (\\Draft)", "UID STORE * -FLAGS.SILENT (\\Draft)", "RFC9051#6.4.6"],
  [
    "store-plain",
    "STORE 1 FLAGS.silent \\Flagged \\Answered",
    "STORE 1 FLAGS.SILENT (\\Flagged \\Answered)",
    "RFC9051#6.4.6",
  ],
  ["store-none", "STORE 1 FLAGS ()", "STORE 1 FLAGS ()", "RFC9051#6.4.6"],
  ["store-twice", "STORE 1 FLAGS (a \\Seen \\seen)", "STORE 1 FLAGS (a \\Seen)", "RFC9051#2.3.2"],
  ["store-since", "STORE 1 (unchangedsince 5) FLAGS (a)", "STORE 1 (UNCHANGEDSINCE 5) FLAGS (a)", "RFC7162#3.1.3"],
  ["store-since-0", "STORE 1 (UNCHANGEDSINCE 0) +FLAGS (a)", "STORE 1 (UNCHANGEDSINCE 0) +FLAGS (a)", "RFC7162#3.1.3"],
  ["lsub", 'LSUB "" %', 'LSUB "" "%"', "RFC3501#6.3.9"],
  ["list", 'list "" *', 'LIST "" ("*")', "RFC9051#6.3.9"],
  ["list-delimiter", 'LIST "" ""', 'LIST "" ("")', "RFC9051#6.3.9"],
  ["list-patterns", 'LIST a/ (b% "c *")', 'LIST "a/" ("b%" "c *")', "RFC9051#6.3.9.1"],
  ["list-select", 'LIST (subscribed) "" *', 'LIST (SUBSCRIBED) "" ("*")', "RFC9051#6.3.9.1"],
  [
    "list-select-two",
    'LIST (RECURSIVEMATCH subscribed) "" *',
    'LIST (RECURSIVEMATCH SUBSCRIBED) "" ("*")',
    "RFC9051#6.3.9.1",
  ],
  ["list-special", 'LIST (SPECIAL-USE) "" *', 'LIST (SPECIAL-USE) "" ("*")', "RFC6154#5.2"],
  ["list-remote", 'LIST (REMOTE) "" *', 'LIST (REMOTE) "" ("*")', "RFC9051#6.3.9.1"],
  ["list-select-none", 'LIST () "" *', 'LIST "" ("*")', "RFC9051#6.3.9.1"],
  [
    "list-return",
    'LIST "" * return (children subscribed special-use)',
    'LIST "" ("*") RETURN (CHILDREN SUBSCRIBED SPECIAL-USE)',
    "RFC9051#6.3.9.2",
  ],
  [
    "list-status",
    'LIST "" * RETURN (STATUS (MESSAGES UNSEEN))',
    'LIST "" ("*") RETURN (STATUS (MESSAGES UNSEEN))',
    "RFC5819#2",
  ],
  [
    "list-both",
    'LIST "" * RETURN (CHILDREN STATUS (SIZE))',
    'LIST "" ("*") RETURN (CHILDREN STATUS (SIZE))',
    "RFC5819#2",
  ],
  ["list-return-none", 'LIST "" * RETURN ()', 'LIST "" ("*")', "RFC9051#6.3.9.2"],
];

const FETCH: readonly Row[] = [
  ["all", "fetch 1 all", "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"],
  ["fast", "FETCH 1 fast", "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)"],
  ["full", "FETCH 1 FULL", "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)"],
  ["items", "UID FETCH 1:* (uid flags envelope)", "UID FETCH 1:* (UID FLAGS ENVELOPE)"],
  ["one", "FETCH 2 bodystructure", "FETCH 2 (BODYSTRUCTURE)"],
  ["body", "FETCH 2 body", "FETCH 2 (BODY)"],
  [
    "old",
    "FETCH 2 (RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE)",
    "FETCH 2 (RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE)",
  ],
  ["ids", "FETCH 2 (EMAILID THREADID)", "FETCH 2 (EMAILID THREADID)"],
  ["dates", "FETCH 2 (INTERNALDATE SAVEDATE)", "FETCH 2 (INTERNALDATE SAVEDATE)"],
  ["section", "FETCH 1 body[]", "FETCH 1 (BODY[])"],
  ["peek", "FETCH 1 body.peek[]", "FETCH 1 (BODY.PEEK[])"],
  ["path", "FETCH 1 BODY[1.2.3]", "FETCH 1 (BODY[1.2.3])"],
  ["text", "FETCH 1 BODY[1.text]", "FETCH 1 (BODY[1.TEXT])"],
  ["header", "FETCH 1 BODY[header]", "FETCH 1 (BODY[HEADER])"],
  ["header-below", "FETCH 1 BODY[2.HEADER]", "FETCH 1 (BODY[2.HEADER])"],
  ["mime", "FETCH 1 BODY[2.mime]", "FETCH 1 (BODY[2.MIME])"],
  ["fields", "FETCH 1 BODY[HEADER.fields (To from)]", 'FETCH 1 (BODY[HEADER.FIELDS ("To" "from")])'],
  ["fields-not", 'FETCH 1 BODY[1.HEADER.FIELDS.NOT ("To")]', 'FETCH 1 (BODY[1.HEADER.FIELDS.NOT ("To")])'],
  ["fields-twice", "FETCH 1 BODY[HEADER.FIELDS (To tO X)]", 'FETCH 1 (BODY[HEADER.FIELDS ("To" "X")])'],
  ["partial", "FETCH 1 BODY[]<5.10>", "FETCH 1 (BODY[]<5.10>)"],
  ["partial-0", "FETCH 1 BODY.PEEK[TEXT]<0.1>", "FETCH 1 (BODY.PEEK[TEXT]<0.1>)"],
  ["binary", "FETCH 1 binary[1]", "FETCH 1 (BINARY[1])"],
  ["binary-all", "FETCH 1 (BINARY.PEEK[1.2]<0.9> binary.size[2])", "FETCH 1 (BINARY.PEEK[1.2]<0.9> BINARY.SIZE[2])"],
  ["preview", "FETCH 1 (preview)", "FETCH 1 (PREVIEW)"],
  ["preview-lazy", "FETCH 1 (PREVIEW (lazy))", "FETCH 1 (PREVIEW (LAZY))"],
  ["modseq", "FETCH 1 (MODSEQ)", "FETCH 1 (MODSEQ)"],
  ["since", "FETCH 1:* FLAGS (changedsince 12)", "FETCH 1:* (FLAGS) (CHANGEDSINCE 12)"],
  ["vanished", "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12 vanished)", "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12 VANISHED)"],
  [
    "vanished-first",
    "UID FETCH 1:* FLAGS (VANISHED CHANGEDSINCE 12)",
    "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12 VANISHED)",
  ],
];

const SEARCH: readonly Row[] = [
  ["all", "search all", "SEARCH ALL"],
  ["flags", "SEARCH answered deleted draft flagged seen", "SEARCH ANSWERED DELETED DRAFT FLAGGED SEEN"],
  [
    "unflags",
    "SEARCH UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN",
    "SEARCH UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN",
  ],
  ["recent", "SEARCH RECENT", "SEARCH RECENT"],
  ["old", "SEARCH OLD", "SEARCH OLD"],
  ["keyword", "SEARCH keyword $Junk unkeyword x", "SEARCH KEYWORD $Junk UNKEYWORD x"],
  ["texts", 'SEARCH bcc a CC "b c" from d subject e to f', 'SEARCH BCC "a" CC "b c" FROM "d" SUBJECT "e" TO "f"'],
  ["body", "SEARCH body a text b", 'SEARCH BODY "a" TEXT "b"'],
  ["header", 'SEARCH header X-Y ""', 'SEARCH HEADER "X-Y" ""'],
  ["literal", "SEARCH SUBJECT {3+}\r\na b", 'SEARCH SUBJECT "a b"'],
  ["charset", "SEARCH charset utf-8 SUBJECT {5+}\r\näpfl", 'SEARCH SUBJECT "äpfl"'],
  ["charset-ascii", "SEARCH CHARSET us-ascii SUBJECT a", 'SEARCH SUBJECT "a"'],
  [
    "dates",
    "SEARCH before 1-feb-2026 on 01-Mar-2026 since 31-DEC-1999",
    "SEARCH BEFORE 1-Feb-2026 ON 1-Mar-2026 SINCE 31-Dec-1999",
  ],
  [
    "dates-sent",
    "SEARCH SENTBEFORE 1-Apr-2026 SENTON 1-May-2026 SENTSINCE 1-Jun-2026",
    "SEARCH SENTBEFORE 1-Apr-2026 SENTON 1-May-2026 SENTSINCE 1-Jun-2026",
  ],
  [
    "dates-saved",
    "SEARCH SAVEDBEFORE 1-Jul-2026 SAVEDON 1-Aug-2026 SAVEDSINCE 1-Sep-2026",
    "SEARCH SAVEDBEFORE 1-Jul-2026 SAVEDON 1-Aug-2026 SAVEDSINCE 1-Sep-2026",
  ],
  [
    "dates-quoted",
    'SEARCH ON "10-Oct-2026" ON "1-Nov-2026" ON "29-Feb-2024"',
    "SEARCH ON 10-Oct-2026 ON 1-Nov-2026 ON 29-Feb-2024",
  ],
  [
    "dates-far",
    "SEARCH ON 1-Jan-1970 ON 31-Dec-9999 ON 28-Jan-1969",
    "SEARCH ON 1-Jan-1970 ON 31-Dec-9999 ON 28-Jan-1969",
  ],
  ["sizes", "SEARCH larger 10 smaller 20", "SEARCH LARGER 10 SMALLER 20"],
  ["ages", "SEARCH older 60 younger 3600", "SEARCH OLDER 60 YOUNGER 3600", "RFC5032#3"],
  ["modseq", "SEARCH modseq 7", "SEARCH MODSEQ 7", "RFC7162#3.1.5"],
  ["modseq-entry", 'SEARCH MODSEQ "/flags/\\\\draft" all 7', "SEARCH MODSEQ 7", "RFC7162#3.1.5"],
  ["modseq-priv", 'SEARCH MODSEQ "/flags/\\\\draft" priv 8', "SEARCH MODSEQ 8", "RFC7162#3.1.5"],
  ["modseq-shared", 'SEARCH MODSEQ "/flags/\\\\draft" shared 9', "SEARCH MODSEQ 9", "RFC7162#3.1.5"],
  ["sets", "SEARCH 1:5,9 uid 7:* $", "SEARCH 1:5,9 UID 7:* $"],
  ["star", "SEARCH *", "SEARCH *"],
  ["not", "SEARCH not seen not not deleted", "SEARCH NOT SEEN NOT NOT DELETED"],
  ["or", "SEARCH or seen deleted", "SEARCH OR SEEN DELETED"],
  ["or-or", "SEARCH OR OR SEEN DRAFT OR DELETED FLAGGED", "SEARCH OR OR SEEN DRAFT OR DELETED FLAGGED"],
  ["or-not", "SEARCH OR NOT SEEN NOT OR DELETED DRAFT ALL", "SEARCH OR NOT SEEN NOT OR DELETED DRAFT ALL"],
  ["list", "SEARCH (seen) ALL", "SEARCH SEEN ALL"],
  ["list-two", "SEARCH (SEEN DELETED) DRAFT", "SEARCH (SEEN DELETED) DRAFT"],
  [
    "list-deep",
    "SEARCH NOT (OR (SEEN DELETED) (DRAFT (FLAGGED ALL)))",
    "SEARCH NOT OR (SEEN DELETED) (DRAFT (FLAGGED ALL))",
  ],
  ["list-last", "SEARCH ALL (SEEN (DELETED DRAFT FLAGGED))", "SEARCH ALL (SEEN (DELETED DRAFT FLAGGED))"],
  ["uid", "uid search ALL", "UID SEARCH ALL"],
  ["return", "SEARCH return () ALL", "SEARCH RETURN (ALL) ALL", "RFC9051#6.4.4"],
  ["return-some", "SEARCH RETURN (min max) SEEN", "SEARCH RETURN (MIN MAX) SEEN", "RFC9051#6.4.4"],
  [
    "return-more",
    "UID SEARCH RETURN (count save all) SEEN",
    "UID SEARCH RETURN (COUNT SAVE ALL) SEEN",
    "RFC9051#6.4.4",
  ],
  ["return-twice", "SEARCH RETURN (COUNT count) SEEN", "SEARCH RETURN (COUNT) SEEN", "RFC9051#6.4.4"],
  ["sort", "sort (arrival) utf-8 all", "SORT (ARRIVAL) ALL", "RFC5256#5"],
  [
    "sort-keys",
    "UID SORT (reverse date SUBJECT from cc to SIZE) US-ASCII SEEN DRAFT",
    "UID SORT (REVERSE DATE SUBJECT FROM CC TO SIZE) SEEN DRAFT",
    "RFC5256#5",
  ],
  ["sort-return", "SORT RETURN (COUNT) (DATE) UTF-8 ALL", "SORT RETURN (COUNT) (DATE) ALL", "RFC5267#5"],
  ["thread", "thread references utf-8 all", "THREAD REFERENCES ALL", "RFC5256#5"],
  [
    "thread-subject",
    "UID THREAD ORDEREDSUBJECT UTF-8 SEEN NOT DRAFT",
    "UID THREAD ORDEREDSUBJECT SEEN NOT DRAFT",
    "RFC5256#5",
  ],
];

const NOTIFY: readonly Row[] = [
  ["none", "notify none", "NOTIFY NONE"],
  [
    "selected",
    "NOTIFY SET (selected (MessageNew MessageExpunge))",
    "NOTIFY SET (selected (MessageNew MessageExpunge))",
  ],
  [
    "delayed",
    "NOTIFY SET (SELECTED-DELAYED (messagenew messageexpunge flagchange))",
    "NOTIFY SET (selected-delayed (MessageNew MessageExpunge FlagChange))",
  ],
  [
    "items",
    "NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge))",
    "NOTIFY SET (selected (MessageNew (UID FLAGS) MessageExpunge))",
  ],
  ["status", "NOTIFY SET status (inboxes (MailboxName))", "NOTIFY SET STATUS (inboxes (MailboxName))"],
  [
    "personal",
    "NOTIFY SET (personal (SubscriptionChange mailboxname))",
    "NOTIFY SET (personal (SubscriptionChange MailboxName))",
  ],
  ["subscribed", "NOTIFY SET (subscribed none)", "NOTIFY SET (subscribed NONE)"],
  ["subtree", "NOTIFY SET (subtree a (MailboxName))", 'NOTIFY SET (subtree ("a") (MailboxName))'],
  [
    "mailboxes",
    'NOTIFY SET (mailboxes (a "b c" inbox) (MailboxName))',
    'NOTIFY SET (mailboxes ("a" "b c" "INBOX") (MailboxName))',
  ],
  [
    "groups",
    "NOTIFY SET (selected NONE) (subtree (a b) (MailboxName)) (personal NONE)",
    'NOTIFY SET (selected NONE) (subtree ("a" "b") (MailboxName)) (personal NONE)',
  ],
];

function rows(topic: Topic, group: string, list: readonly Row[], section: string): void {
  for (const [key, command, normal, spec = section] of list)
    topic.valid(
      `${group}.${key}`,
      `${group}: ${JSON.stringify(command.slice(0, 80))}`,
      `n ${command}\r\n`,
      { normal },
      { spec: [spec] },
    );
}

/** Commands with all that they say. */
export function imapNormal(library: Library): void {
  const topic = library.topic({
    area: "imap",
    topic: "normal",
    description: "Commands in odd spellings and with every argument, and what they are in one spelling",
    op: "imap.command",
    spec: ["RFC9051#9"],
  });
  rows(topic, "basic", BASIC, "RFC9051#9");
  rows(topic, "fetch", FETCH, "RFC9051#6.4.5");
  rows(topic, "search", SEARCH, "RFC9051#6.4.4");
  rows(topic, "notify", NOTIFY, "RFC5465#8");
  for (const [key, command, spec] of WRONG) {
    const octets = Buffer.from(`n ${command}\r\n`, command.includes("\xff") ? "latin1" : "utf8");
    topic.invalid(
      `wrong.${key}`,
      `It can't be read: ${JSON.stringify(command)}`,
      octets,
      "it does not fit the grammar",
      { flags: ["ImapSyntax"], spec: [spec] },
    );
  }
}

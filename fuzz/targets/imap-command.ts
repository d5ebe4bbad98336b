import type { Grammar } from "@scop/fuzz";
import {
  acceptLiteral,
  decodeMailboxName,
  emptyFramer,
  encodeMailboxName,
  type FrameLimits,
  feed,
  literalPurpose,
  nextFrame,
  parseCommand,
  refuseCommand,
  streamLiteral,
  tagOf,
} from "@scop/imap";
import { check, checkOneLine, latin1, piecesOf, same, textOf } from "./properties.ts";

export const about =
  "commands are framed alike in any pieces, literals never become commands, and mailbox names survive encoding";
export const seeds: readonly string[] = [
  'a LOGIN alice "se\\"cret"\r\nb SELECT INBOX (QRESYNC (1 2 1:3))\r\nc FETCH 1:* (FLAGS BODY.PEEK[1.2.HEADER.FIELDS (From To)]<0.10> BODYSTRUCTURE)\r\n',
  'a APPEND INBOX (\\Seen) "27-Nov-2026 12:00:00 +0100" {3+}\r\nabc\r\nb NOOP\r\n',
  "a SEARCH RETURN (ALL) CHARSET UTF-8 OR FROM {3}\r\nann NOT (UID 1:5 SINCE 1-Nov-2026)\r\n",
  'a LIST (SUBSCRIBED) "" ("INBOX" "%") RETURN (CHILDREN STATUS (MESSAGES UIDNEXT))\r\n',
  "a UID STORE 1,3:5 (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Deleted $Junk)\r\nb SORT (REVERSE DATE) UTF-8 ALL\r\nc THREAD REFERENCES UTF-8 ALL\r\n",
  "a NOTIFY SET STATUS (SELECTED (MessageNew (FLAGS))) (SUBTREE Lists (MessageNew MessageExpunge))\r\n",
  "&U,BTFw-&-",
];
export const grammar: Grammar = {
  commands: ["{tag} {command}\r\n", "{tag} {command}\r\n{commands}", "{tag} UID {command}\r\n{commands}"],
  tag: ["a", "A1", "*", "+", ""],
  command: [
    "LOGIN {string} {string}",
    "SELECT {mailbox}",
    "EXAMINE {mailbox} (CONDSTORE)",
    "STATUS {mailbox} (MESSAGES SIZE)",
    "FETCH {set} {items}",
    "STORE {set} +FLAGS ({flags})",
    "COPY {set} {mailbox}",
    "MOVE {set} {mailbox}",
    "SEARCH {keys}",
    "SEARCH RETURN (MIN MAX COUNT) {keys}",
    "SORT (SUBJECT REVERSE DATE) UTF-8 {keys}",
    "THREAD ORDEREDSUBJECT UTF-8 {keys}",
    'LIST "" {mailbox}',
    "LIST (SPECIAL-USE) {mailbox} ({mailbox} {mailbox}) RETURN (STATUS (UIDNEXT))",
    "APPEND {mailbox} ({flags}) {literal}",
    "APPEND {mailbox} {literal} {literal}",
    "EXPUNGE {set}",
    "ENABLE CONDSTORE",
    'ID ("a" {string})',
    "NAMESPACE",
    "IDLE",
    "DONE",
    "CREATE {mailbox} (USE (\\Sent))",
    "RENAME {mailbox} {mailbox}",
    "GETQUOTA {string}",
    "AUTHENTICATE PLAIN AGEAYg==",
    "COMPRESS DEFLATE",
    "ESEARCH IN (subtree {mailbox}) {keys}",
  ],
  string: ["{atom}", '"{atom}"', "{literal}", '"\\""', '""', "NIL"],
  literal: ["{{3}\r\nabc", "{{3+}\r\nabc", "~{{3+}\r\na\0c", "{{0+}\r\n", "{{99999999999}\r\n", "{{5+}\r\na b\r\n"],
  mailbox: ["INBOX", "inbox", "{string}", "a/{atom}", "*", "%", "&AOQ-"],
  atom: ["a", "é", "1", "{atom}{atom}"],
  set: ["1", "1:*", "{n},{n}:{n}", "*", "$", "{set},{set}"],
  n: ["1", "0", "4294967295", "4294967296", "01"],
  items: ["ALL", "FULL", "({item} {item})", "{item}", "{items} (CHANGEDSINCE {n})"],
  item: [
    "FLAGS",
    "UID",
    "ENVELOPE",
    "BODYSTRUCTURE",
    "RFC822.SIZE",
    "BODY[{section}]",
    "BODY.PEEK[{section}]<{n}.{n}>",
    "BINARY[{n}]",
    "BINARY.SIZE[1]",
    "PREVIEW (LAZY)",
    "MODSEQ",
    "EMAILID",
  ],
  section: ["", "HEADER", "TEXT", "1.{section}", "1.MIME", "HEADER.FIELDS ({atom} {string})", "HEADER.FIELDS.NOT (a)"],
  flags: ["\\Seen", "\\Seen {flags}", "$Junk", "{atom}", "\\*", ""],
  keys: ["{key}", "{key} {keys}", "CHARSET UTF-8 {key}"],
  key: [
    "ALL",
    "SEEN",
    "FROM {string}",
    "NOT {key}",
    "OR {key} {key}",
    "({keys})",
    "{set}",
    "UID {set}",
    "SINCE 1-Nov-2026",
    "LARGER {n}",
    "HEADER {atom} {string}",
    "MODSEQ {n}",
    "KEYWORD {atom}",
    "FUZZY {key}",
    "YOUNGER {n}",
    "EMAILID {atom}",
  ],
};

const LIMITS: FrameLimits = { commandOctets: 600, skippedOctets: 2_000 };
/** What may be waited for: the text of a command and its line end. */
const HELD_MAX = LIMITS.commandOctets + 2;
const FRAMES_MAX = 10_000;

export function fuzz(data: Uint8Array): void {
  const whole = framesOf([data]);
  same(framesOf(piecesOf(data)), whole, "pieces are framed as the whole is");
  const text = textOf(data);
  const encoded = encodeMailboxName(text);
  checkOneLine(encoded, "an encoded name");
  check(/^[ -~]*$/.test(encoded), "an encoded name is printable");
  const back = decodeMailboxName(encoded);
  check(back.ok && back.value === text.toWellFormed(), "a name is decoded as it was encoded");
  const wire = latin1(data);
  const decoded = decodeMailboxName(wire);
  if (decoded.ok) check(encodeMailboxName(decoded.value) === wire || !/^[ -~]*$/.test(wire), "a name has one form");
}

/** What the stream of a client is: commands with what they say, and refusals. */
function framesOf(pieces: readonly Uint8Array[]): readonly unknown[] {
  const found: unknown[] = [];
  let framer = emptyFramer;
  for (const piece of pieces) {
    framer = feed(framer, piece.slice());
    for (let left = FRAMES_MAX; ; left--) {
      check(left > 0, "framing comes to an end");
      const next = nextFrame(framer, LIMITS, false);
      framer = next.framer;
      const { frame } = next;
      if (frame.frame === "bytes") {
        check(framer.end - framer.start <= HELD_MAX, "what a framer holds is bounded");
        break;
      }
      if (frame.frame === "literal") {
        const purpose = literalPurpose(frame.pieces);
        const refusal = { code: "literal-too-large", offset: 0, length: 0, rule: "RFC 7888 4" };
        if (frame.octets > 100) framer = refuseCommand(framer, refusal);
        else
          framer = purpose.ok && purpose.value.purpose !== "argument" ? streamLiteral(framer) : acceptLiteral(framer);
        found.push(["literal", frame.octets, frame.synchronising, frame.binary, purpose]);
      } else if (frame.frame === "chunk") {
        const last = found.at(-1);
        if (Array.isArray(last) && last[0] === "chunk") last[1] += latin1(frame.bytes);
        else found.push(["chunk", latin1(frame.bytes)]);
      } else {
        const tag = tagOf(frame.pieces);
        checkOneLine(tag, "a tag");
        const command = frame.frame === "command" ? parseCommand(frame.pieces) : frame.error;
        if (frame.frame === "command" && "error" in command) {
          check(command.error.offset <= octetsOf(frame.pieces), "what is wrong lies in the command");
        }
        found.push([frame.frame, tag, command]);
        if (frame.frame === "overflow") return found;
      }
    }
  }
  return found;
}

function octetsOf(pieces: readonly { readonly bytes: Uint8Array }[]): number {
  return pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
}

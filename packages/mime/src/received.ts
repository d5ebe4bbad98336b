import { commentText, endOfComment, endOfQuoted, isBlank, wordsText } from "@scop/address/words";
import type { Diagnostic } from "@scop/wire";
import { type MessageDate, parseDateOf } from "./date.ts";
import { endOfValue } from "./field-text.ts";
import { COMMENTS_MAX } from "./limits.ts";
import type { HeaderField } from "./model.ts";

const QUOTE = 34;
const OPEN = 40;
const SEMICOLON = 59;
const LESS = 60;
const GREATER = 62;

/** A clause of a Received field. */
export interface ReceivedClause {
  /** Its words without quotes, comments and the brackets of an address. */
  readonly value: string;
  /** What stands in the comments behind it, in which servers put the name and address that they saw; empty if nothing. */
  readonly comment: string;
}

/** The names of clauses. RFC 5321 4.4 */
export type ReceivedClauseName = "from" | "by" | "via" | "with" | "id" | "for";

/** A Received field, taken apart. RFC 5321 4.4 */
export interface Received {
  /** The clauses that are there; of two with one name the first. */
  readonly clauses: ReadonlyMap<ReceivedClauseName, ReceivedClause>;
  readonly date: MessageDate | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

const names: ReadonlySet<string> = new Set<ReceivedClauseName>(["from", "by", "via", "with", "id", "for"]);
/** The longest name of a clause. */
const NAME_OCTETS_MAX = 4;

/** A clause while it is read: where its words stand, and its comments. */
interface Draft {
  readonly start: number;
  end: number;
  comment: string;
}

/** Behind the word, quoted string or address in brackets at `at`, which is no white space. */
function endOfToken(bytes: Uint8Array, at: number, end: number): number {
  const octet = bytes[at]!;
  if (octet === QUOTE) return endOfQuoted(bytes, at, end);
  let index = at;
  if (octet === LESS) {
    while (index < end && bytes[index] !== GREATER && !isBlank(bytes[index]!)) index += 1;
    return Math.min(index + 1, end);
  }
  while (index < end && !isBlank(bytes[index]!) && bytes[index] !== OPEN && bytes[index] !== SEMICOLON) index += 1;
  return Math.max(index, at + 1);
}

function clauseName(bytes: Uint8Array, start: number, end: number): ReceivedClauseName | undefined {
  if (end - start > NAME_OCTETS_MAX) return undefined;
  const word = String.fromCharCode(...bytes.subarray(start, end)).toLowerCase();
  return names.has(word) ? (word as ReceivedClauseName) : undefined;
}

/** The words of a clause; the brackets of `<a@b>` go. */
function clauseValue(bytes: Uint8Array, { start, end }: Draft): string {
  const text = wordsText(bytes, start, end, " ");
  return text.startsWith("<") && text.endsWith(">") ? text.slice(1, -1) : text;
}

function addComment(draft: Draft, bytes: Uint8Array, start: number, end: number): void {
  const text = commentText(bytes, start, end);
  draft.comment = draft.comment === "" ? text : `${draft.comment} ${text}`;
}

/**
 * The clauses and the date of a Received field. Never fails: words before the first clause are passed over, words that follow a
 * value belong to it (`with Microsoft SMTP Server`), a hundred comments are read, the date stands behind the last semicolon. Linear. RFC 5321 4.4, RFC 5322 3.6.7
 */
export function parseReceived(bytes: Uint8Array, field: HeaderField): Received {
  const end = endOfValue(bytes, field);
  const drafts = new Map<ReceivedClauseName, Draft>();
  const diagnostics: Diagnostic[] = [];
  const found = (code: string, offset: number, rule: string): void =>
    void diagnostics.push({ code, offset, length: 0, rule });
  let current: Draft | undefined;
  let semicolon = -1;
  let duplicate = -1;
  let commentsLeft = COMMENTS_MAX;
  let at = field.valueOffset;
  while (at < end) {
    const octet = bytes[at]!;
    if (isBlank(octet)) {
      at += 1;
      continue;
    }
    if (octet === OPEN) {
      const behind = endOfComment(bytes, at, end);
      if (semicolon < 0 && current !== undefined && commentsLeft > 0) {
        addComment(current, bytes, at, behind);
        commentsLeft -= 1;
      }
      at = behind;
      continue;
    }
    if (octet === SEMICOLON) {
      semicolon = at;
      at += 1;
      continue;
    }
    const behind = endOfToken(bytes, at, end);
    const isValueMissing = current !== undefined && current.end === current.start;
    const name = semicolon >= 0 || isValueMissing ? undefined : clauseName(bytes, at, behind);
    if (name !== undefined) {
      current = { start: behind, end: behind, comment: "" };
      if (!drafts.has(name)) drafts.set(name, current);
      else if (duplicate < 0) duplicate = at;
    } else if (semicolon < 0 && current !== undefined) current.end = behind;
    at = behind;
  }
  const clauses = new Map<ReceivedClauseName, ReceivedClause>();
  for (const [name, draft] of drafts) clauses.set(name, { value: clauseValue(bytes, draft), comment: draft.comment });
  if (duplicate >= 0) found("received-duplicate-clause", duplicate, "RFC 5321 4.4");
  if (!clauses.has("by")) found("received-by-missing", field.offset, "RFC 5321 4.4");
  const date = semicolon < 0 ? undefined : parseDateOf(bytes, semicolon + 1, end);
  if (date === undefined || !date.ok) found("received-date-missing", field.offset, "RFC 5321 4.4");
  return { clauses, date: date?.ok ? date.value : undefined, diagnostics };
}

const LITERAL_OPEN = "[";
const IPV6 = "ipv6:";

/**
 * The text of the first address in brackets in a `from` clause: in its comment, where the server that received puts what it saw, else
 * in its value, which the client said. Without `IPv6:`; undefined where there is none. `parseIp` of `@scop/address` reads it.
 */
export function addressOfClause({ value, comment }: ReceivedClause): string | undefined {
  for (const text of [comment, value]) {
    const open = text.indexOf(LITERAL_OPEN);
    const close = text.indexOf("]", open);
    if (open < 0 || close < 0) continue;
    const literal = text.slice(open + 1, close);
    return literal.toLowerCase().startsWith(IPV6) ? literal.slice(IPV6.length) : literal;
  }
  return undefined;
}

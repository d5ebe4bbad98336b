import { latin1, utf8 } from "@scop/wire";
import { readMessageSet } from "./arguments.ts";
import type { Command } from "./command.ts";
import { readDate } from "./date-time.ts";
import { readModseqKey } from "./extensions/condstore-parameters.ts";
import { readObjectId } from "./extensions/objectid.ts";
import { readReturnOptions } from "./extensions/search-return.ts";
import { KEYWORD_OCTETS_MAX, SEARCH_DEPTH_MAX, SEARCH_KEYS_MAX } from "./limits.ts";
import type { Reader } from "./reader.ts";
import type { SearchProgram, SearchStep, SearchTest } from "./search-key.ts";
import { ImapClass } from "./syntax.ts";

const OPEN = 40;
const CLOSE = 41;

const FLAG_KEYS: ReadonlyMap<string, { readonly flag: string; readonly set: boolean }> = new Map([
  ["ANSWERED", { flag: "\\Answered", set: true }],
  ["DELETED", { flag: "\\Deleted", set: true }],
  ["DRAFT", { flag: "\\Draft", set: true }],
  ["FLAGGED", { flag: "\\Flagged", set: true }],
  ["SEEN", { flag: "\\Seen", set: true }],
  ["UNANSWERED", { flag: "\\Answered", set: false }],
  ["UNDELETED", { flag: "\\Deleted", set: false }],
  ["UNDRAFT", { flag: "\\Draft", set: false }],
  ["UNFLAGGED", { flag: "\\Flagged", set: false }],
  ["UNSEEN", { flag: "\\Seen", set: false }],
  // \Recent is always off here: NEW (RECENT UNSEEN) and RECENT find nothing, OLD finds all.
  ["RECENT", { flag: "\\Recent", set: true }],
  ["NEW", { flag: "\\Recent", set: true }],
  ["OLD", { flag: "\\Recent", set: false }],
]);

const DATE_KEYS: ReadonlyMap<string, Extract<SearchTest, { day: number }>["test"]> = new Map([
  ["BEFORE", "before"],
  ["ON", "on"],
  ["SINCE", "since"],
  ["SENTBEFORE", "sent-before"],
  ["SENTON", "sent-on"],
  ["SENTSINCE", "sent-since"],
  ["SAVEDBEFORE", "saved-before"],
  ["SAVEDON", "saved-on"],
  ["SAVEDSINCE", "saved-since"],
]);

const ADDRESS_KEYS: ReadonlySet<string> = new Set(["BCC", "CC", "FROM", "SUBJECT", "TO"]);

/** An operator that still wants operands: a list until its parenthesis, NOT one, OR two. */
interface Open {
  readonly kind: "list" | "not" | "or";
  count: number;
}

/** Why a SEARCH was not understood: NO for an unknown charset, BAD for all else. RFC 3501 6.4.4 */
export const BAD_CHARSET = "bad-charset";

/** RFC 3501 9: search = "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key); RFC 4731 3.1: RETURN before it. */
export function readSearch(reader: Reader, byUid: boolean): Command | undefined {
  if (!reader.space()) return undefined;
  const returns = readReturnOptions(reader);
  if (returns === false) return undefined;
  if (reader.word("CHARSET ") && !(readCharset(reader) && reader.space())) return undefined;
  const program = readProgram(reader);
  return program && { command: "SEARCH", byUid, returns, program };
}

/** A charset whose text can be read. RFC 3501 6.4.4 */
export function readCharset(reader: Reader): boolean {
  const charset = reader.astring("charset-expected");
  if (charset === undefined) return false;
  const name = latin1(charset).toUpperCase();
  if (name === "US-ASCII" || name === "UTF-8") return true;
  reader.fail(BAD_CHARSET, "RFC 3501 6.4.4");
  return false;
}

/** RFC 3501 9: search-key *(SP search-key), to the end of the command. No recursion: operators wait on a stack. */
export function readProgram(reader: Reader): SearchProgram | undefined {
  const steps: SearchStep[] = [];
  const open: Open[] = [{ kind: "list", count: 0 }];
  for (;;) {
    if (steps.length + open.length > SEARCH_KEYS_MAX) return reader.fail("too-many-search-keys");
    if (open.length > SEARCH_DEPTH_MAX) return reader.fail("search-too-deep");
    const opened = readOperator(reader);
    if (opened !== undefined) {
      open.push(opened);
      continue;
    }
    const test = readTest(reader);
    if (test === undefined) return undefined;
    steps.push(test);
    if (!closeOperators(reader, open, steps)) return undefined;
    if (open.length === 0) return steps;
    if (!reader.space()) return undefined;
  }
}

function readOperator(reader: Reader): Open | undefined {
  if (reader.take(OPEN)) return { kind: "list", count: 0 };
  if (reader.word("NOT ")) return { kind: "not", count: 0 };
  if (reader.word("OR ")) return { kind: "or", count: 0 };
  return undefined;
}

/** After an operand: ends every operator that has what it wants, and every list whose parenthesis follows. */
function closeOperators(reader: Reader, open: Open[], steps: SearchStep[]): boolean {
  // Each turn takes one operator from the stack or leaves.
  for (;;) {
    const top = open[open.length - 1]!;
    top.count += 1;
    if (top.kind === "not") steps.push({ operator: "not" });
    else if (top.kind === "or" && top.count === 2) steps.push({ operator: "or" });
    else if (top.kind === "or") return true;
    else {
      const last = open.length === 1 ? reader.done : reader.take(CLOSE);
      if (!last) return true;
      if (top.count > 1) steps.push({ operator: "and", count: top.count });
    }
    open.pop();
    if (open.length === 0) return true;
  }
}

function readTest(reader: Reader): SearchTest | undefined {
  const next = reader.peek();
  if (next === 36 || next === 42 || (next >= 48 && next <= 57)) {
    const set = readMessageSet(reader);
    return set === undefined ? undefined : { test: "sequence", set };
  }
  const key = reader.text(ImapClass.atom).toUpperCase();
  // RFC 8514 4.4: every mailbox here keeps them.
  if (key === "ALL" || key === "SAVEDATESUPPORTED") return { test: "all" };
  const flag = FLAG_KEYS.get(key);
  if (flag !== undefined) return { test: "flag", ...flag };
  const date = DATE_KEYS.get(key);
  const known = date !== undefined || ADDRESS_KEYS.has(key) || OTHER_KEYS.has(key);
  if (!known) return reader.fail("search-key-expected", "RFC 3501 6.4.4");
  if (!reader.space()) return undefined;
  if (date === undefined) return readArgument(reader, key);
  const day = readDate(reader);
  return day === undefined ? undefined : { test: date, day };
}

const OTHER_KEYS: ReadonlySet<string> = new Set([
  "BODY",
  "EMAILID",
  "HEADER",
  "KEYWORD",
  "LARGER",
  "MODSEQ",
  "OLDER",
  "SMALLER",
  "TEXT",
  "THREADID",
  "UID",
  "UNKEYWORD",
  "YOUNGER",
]);

function readArgument(reader: Reader, key: string): SearchTest | undefined {
  switch (key) {
    case "LARGER":
    case "SMALLER": {
      const octets = reader.number();
      return octets === undefined ? undefined : { test: key === "LARGER" ? "larger" : "smaller", octets };
    }
    case "OLDER":
    case "YOUNGER": {
      const seconds = reader.number();
      if (seconds === 0) return reader.fail("number-expected", "RFC 5032 3");
      return seconds === undefined ? undefined : { test: key === "OLDER" ? "older" : "younger", seconds };
    }
    case "MODSEQ": {
      const modseq = readModseqKey(reader);
      return modseq === undefined ? undefined : { test: "modseq", modseq };
    }
    case "EMAILID": {
      const message = readObjectId(reader, "M");
      return message === undefined ? undefined : { test: "email", message };
    }
    case "THREADID": {
      const thread = readObjectId(reader, "T");
      return thread === undefined ? undefined : { test: "thread", thread };
    }
    case "UID": {
      const set = readMessageSet(reader);
      return set === undefined ? undefined : { test: "uid", set };
    }
    case "KEYWORD":
    case "UNKEYWORD": {
      const flag = reader.text(ImapClass.atom);
      if (flag === "" || flag.length > KEYWORD_OCTETS_MAX) return reader.fail("flag-expected");
      return { test: "flag", flag, set: key === "KEYWORD" };
    }
    case "HEADER": {
      const field = readText(reader);
      const text = field !== undefined && reader.space() ? readText(reader) : undefined;
      return field === undefined || text === undefined ? undefined : { test: "header", field, text };
    }
    default: {
      const text = readText(reader);
      if (text === undefined) return undefined;
      if (key === "BODY" || key === "TEXT") return { test: key === "BODY" ? "body" : "text", text };
      return { test: "header", field: key, text };
    }
  }
}

/** UTF-8 is taken with and without CHARSET: US-ASCII is part of it. */
function readText(reader: Reader): string | undefined {
  const octets = reader.astring("string-expected");
  if (octets === undefined) return undefined;
  const text = utf8(octets);
  return text.ok ? text.value : reader.fail(text.error.code, text.error.rule);
}

import { equalIgnoringCase, latin1, Octet, type Parsed, utf8 } from "@scop/wire";
import { FLAGS_MAX, KEYWORD_OCTETS_MAX, MAILBOX_OCTETS_MAX, SET_RANGES_MAX } from "./limits.ts";
import type { Reader } from "./reader.ts";
import type { MessageSet, SequenceRange, SequenceSet } from "./sequence-set.ts";
import { ImapClass } from "./syntax.ts";
import { decodeMailboxName, utf8Octets } from "./utf7.ts";

const SYSTEM_FLAGS = ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"] as const;
const OPEN = 40;
const CLOSE = 41;
const DOLLAR = 36;

/** The flags every mailbox has. RFC 3501 2.3.2; `\Recent` is always off (RFC 9051 drops it). */
export const systemFlags: readonly string[] = SYSTEM_FLAGS;

/** RFC 3501 5.1: `INBOX` in any case is one name, and so is what is under it. */
export function upperInbox(name: string): string {
  const first = name.slice(0, 5);
  return equalIgnoringCase(first, "INBOX") && (name.length === 5 || name[5] === "/") ? `INBOX${name.slice(5)}` : name;
}

/** RFC 3501 9 mailbox, decoded to UTF-8 text. Whether it is a fit name for a new mailbox is asked later. */
export function readMailbox(reader: Reader): string | undefined {
  const octets = reader.astring("mailbox-expected");
  if (octets === undefined) return undefined;
  const name = decodeName(reader, octets);
  if (!name.ok) return reader.fail(name.error.code, name.error.rule);
  if (utf8Octets(name.value) > MAILBOX_OCTETS_MAX) return reader.fail("mailbox-too-long");
  return upperInbox(name.value);
}

function decodeName({ names }: Reader, octets: Uint8Array): Parsed<string> {
  return names === "utf-8" ? utf8(octets) : decodeMailboxName(latin1(octets));
}

/** RFC 3501 9 list-mailbox and the reference before it, decoded; `%` and `*` stay wildcards. */
export function readMailboxPattern(reader: Reader, mask: number): string | undefined {
  const octets = reader.stringOr(mask, "mailbox-expected");
  if (octets === undefined) return undefined;
  const name = decodeName(reader, octets);
  if (!name.ok) return reader.fail(name.error.code, name.error.rule);
  if (utf8Octets(name.value) > MAILBOX_OCTETS_MAX) return reader.fail("mailbox-too-long");
  return name.value;
}

/** RFC 3501 9 sequence-set. */
export function readSet(reader: Reader): SequenceSet | undefined {
  const ranges: SequenceRange[] = [];
  do {
    const low = readSetNumber(reader);
    if (low === undefined) return undefined;
    const high = reader.take(Octet.colon) ? readSetNumber(reader) : low;
    if (high === undefined) return undefined;
    if (ranges.length === SET_RANGES_MAX) return reader.fail("set-too-long");
    ranges.push({ low, high });
  } while (reader.take(Octet.comma));
  return ranges;
}

/** RFC 5182 2.3: a sequence set, or `$` alone. */
export function readMessageSet(reader: Reader): MessageSet | undefined {
  return reader.take(DOLLAR) ? "saved" : readSet(reader);
}

function readSetNumber(reader: Reader): number | undefined {
  if (reader.take(42)) return Number.POSITIVE_INFINITY;
  return reader.positive();
}

/** One flag, a system flag in its usual spelling. `\Recent` and unknown system flags can't be set: RFC 3501 2.3.2 */
function readFlag(reader: Reader): string | undefined {
  const system = reader.take(Octet.backslash);
  const name = reader.text(ImapClass.atom);
  if (name === "") return reader.fail("flag-expected");
  if (name.length > KEYWORD_OCTETS_MAX) return reader.fail("flag-too-long");
  if (!system) return name;
  const known = SYSTEM_FLAGS.find(flag => equalIgnoringCase(flag, `\\${name}`));
  return known ?? reader.fail("flag-unknown", "RFC 3501 2.3.2");
}

/** RFC 3501 9 flag-list; duplicates in any case count once. */
export function readFlagList(reader: Reader): readonly string[] | undefined {
  if (!reader.take(OPEN)) return reader.fail("list-expected");
  if (reader.take(CLOSE)) return [];
  const flags = readFlags(reader);
  if (flags === undefined) return undefined;
  return reader.take(CLOSE) ? flags : reader.fail("list-end-expected");
}

/** Flags with spaces between, at least one. */
export function readFlags(reader: Reader): readonly string[] | undefined {
  const flags = new Map<string, string>();
  let count = 0;
  do {
    const flag = readFlag(reader);
    if (flag === undefined) return undefined;
    count += 1;
    if (count > FLAGS_MAX) return reader.fail("too-many-flags");
    if (!flags.has(flag.toLowerCase())) flags.set(flag.toLowerCase(), flag);
  } while (reader.take(Octet.space));
  return [...flags.values()];
}

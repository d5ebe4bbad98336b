import { Octet } from "@scop/wire";
import { readMailboxPattern } from "../arguments.ts";
import type { CommandOf, ListReturn, ListSelection, StatusItem } from "../command.ts";
import { ITEMS_MAX, MAILBOX_OCTETS_MAX } from "../limits.ts";
import type { Reader } from "../reader.ts";
import { ImapClass } from "../syntax.ts";
import { readStatusItems } from "./status-items.ts";

const OPEN = 40;
const CLOSE = 41;
const SELECTIONS: readonly ListSelection[] = ["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"];
const RETURNS: readonly ListReturn[] = ["SUBSCRIBED", "CHILDREN", "SPECIAL-USE"];

/** RFC 5258 6: list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts] */
export function readList(reader: Reader): CommandOf<"LIST"> | undefined {
  if (!reader.space()) return undefined;
  let isExtended = reader.peek() === OPEN;
  const select = isExtended ? readSelection(reader) : [];
  if (select === undefined || (isExtended && !reader.space())) return undefined;
  const reference = readMailboxPattern(reader, ImapClass.astring);
  if (reference === undefined || !reader.space()) return undefined;
  isExtended ||= reader.peek() === OPEN;
  const patterns = readPatterns(reader);
  if (patterns === undefined) return undefined;
  const options = reader.take(Octet.space) ? readReturns(reader) : { returns: [], status: undefined };
  if (options === undefined) return undefined;
  isExtended ||= options.returns.length > 0 || options.status !== undefined;
  // RFC 5258 3: only a LIST of the old kind asks for the delimiter with an empty pattern.
  const wanted = isExtended ? patterns.filter(pattern => pattern !== "") : patterns;
  return { command: "LIST", select, reference, patterns: wanted, ...options };
}

/** RFC 5258 3.1; RECURSIVEMATCH says how another option is meant, and is nothing without one. */
function readSelection(reader: Reader): readonly ListSelection[] | undefined {
  const select = readOptions(reader, SELECTIONS);
  if (select === undefined) return reader.fail("selection-option-unknown", "RFC 5258 3.1");
  if (!select.includes("RECURSIVEMATCH")) return select;
  const meant = select.includes("SUBSCRIBED") || select.includes("SPECIAL-USE");
  return meant ? select : reader.fail("recursivematch-alone", "RFC 5258 3.1");
}

/** A list of known words in any order, perhaps empty, each kept once. */
function readOptions<Word extends string>(reader: Reader, known: readonly Word[]): readonly Word[] | undefined {
  const options = new Set<Word>();
  if (!reader.take(OPEN)) return undefined;
  if (reader.take(CLOSE)) return [];
  let count = 0;
  do {
    const option = known.find(word => reader.word(word));
    count += 1;
    if (option === undefined || count > ITEMS_MAX) return undefined;
    options.add(option);
  } while (reader.take(Octet.space));
  return reader.take(CLOSE) ? [...options] : undefined;
}

/** RFC 5258 6: mbox-or-pat = list-mailbox / "(" list-mailbox *(SP list-mailbox) ")"; together as long as one name may be. */
function readPatterns(reader: Reader): readonly string[] | undefined {
  const patterns: string[] = [];
  const list = reader.take(OPEN);
  let length = 0;
  do {
    const pattern = readMailboxPattern(reader, ImapClass.list);
    if (pattern === undefined) return undefined;
    length += pattern.length;
    if (length > MAILBOX_OCTETS_MAX || patterns.length === ITEMS_MAX) return reader.fail("patterns-too-long");
    patterns.push(pattern);
  } while (list && reader.take(Octet.space));
  return list && !reader.take(CLOSE) ? reader.fail("list-end-expected") : patterns;
}

interface Returns {
  readonly returns: readonly ListReturn[];
  readonly status: readonly StatusItem[] | undefined;
}

/** RFC 5258 3.2, RFC 5819 2 */
function readReturns(reader: Reader): Returns | undefined {
  const returns = new Set<ListReturn>();
  let status: readonly StatusItem[] | undefined;
  if (!reader.word("RETURN (")) return reader.fail("return-expected", "RFC 5258 3.2");
  if (reader.take(CLOSE)) return { returns: [], status };
  let count = 0;
  do {
    count += 1;
    if (count > ITEMS_MAX) return reader.fail("too-many-items");
    if (reader.word("STATUS ")) {
      status = readStatusItems(reader);
      if (status === undefined) return undefined;
      continue;
    }
    const option = RETURNS.find(word => reader.word(word));
    if (option === undefined) return reader.fail("return-option-unknown", "RFC 5258 3.2");
    returns.add(option);
  } while (reader.take(Octet.space));
  return reader.take(CLOSE) ? { returns: [...returns], status } : reader.fail("list-end-expected");
}

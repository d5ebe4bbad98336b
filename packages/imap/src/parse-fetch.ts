import { equalIgnoringCase, latin1, Octet } from "@scop/wire";
import { readMessageSet } from "./arguments.ts";
import type { Command, FetchItem, Partial, Section } from "./command.ts";
import { readBinaryItem } from "./extensions/binary.ts";
import { readFetchModifiers } from "./extensions/condstore-parameters.ts";
import { readPreviewItem } from "./extensions/preview.ts";
import { FIELDS_MAX, ITEMS_MAX, SECTION_DEPTH_MAX } from "./limits.ts";
import type { Reader } from "./reader.ts";
import type { MessageSet } from "./sequence-set.ts";

const OPEN = 40;
const CLOSE = 41;
const BRACKET = 91;
const BRACKET_END = 93;

type SimpleItem = Exclude<FetchItem["item"], "BODY[]" | "BINARY[]" | "BINARY.SIZE" | "PREVIEW">;

/** Longer words before their beginnings, since an item ends where the word does. */
const ITEMS: readonly SimpleItem[] = [
  "BODYSTRUCTURE",
  "EMAILID",
  "ENVELOPE",
  "FLAGS",
  "INTERNALDATE",
  "MODSEQ",
  "RFC822.HEADER",
  "RFC822.SIZE",
  "RFC822.TEXT",
  "RFC822",
  "SAVEDATE",
  "THREADID",
  "UID",
];

/** RFC 3501 6.4.5: macros stand alone. */
const MACROS: ReadonlyMap<string, readonly SimpleItem[]> = new Map([
  ["ALL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"]],
  ["FAST", ["FLAGS", "INTERNALDATE", "RFC822.SIZE"]],
  ["FULL", ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"]],
]);

/** RFC 3501 9: fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")") */
export function readFetch(reader: Reader, byUid: boolean): Command | undefined {
  const set = reader.space() ? readMessageSet(reader) : undefined;
  if (set === undefined || !reader.space()) return undefined;
  for (const [macro, names] of MACROS) {
    if (reader.word(macro))
      return withModifiers(
        reader,
        byUid,
        set,
        names.map(item => ({ item })),
      );
  }
  if (reader.take(OPEN)) {
    const items = readFetchItems(reader);
    return items === undefined ? undefined : withModifiers(reader, byUid, set, items);
  }
  const item = readItem(reader);
  return item === undefined ? undefined : withModifiers(reader, byUid, set, [item]);
}

/** Items up to the parenthesis that ends their list. */
export function readFetchItems(reader: Reader): readonly FetchItem[] | undefined {
  const items: FetchItem[] = [];
  do {
    const item = readItem(reader);
    if (item === undefined) return undefined;
    if (items.length === ITEMS_MAX) return reader.fail("too-many-items");
    items.push(item);
  } while (reader.take(Octet.space));
  return reader.take(CLOSE) ? items : reader.fail("list-end-expected");
}

function withModifiers(
  reader: Reader,
  byUid: boolean,
  set: MessageSet,
  items: readonly FetchItem[],
): Command | undefined {
  const changed = readFetchModifiers(reader, byUid);
  return changed === false ? undefined : { command: "FETCH", byUid, set, items, changed };
}

function readItem(reader: Reader): FetchItem | undefined {
  const simple = ITEMS.find(item => reader.word(item));
  if (simple !== undefined) return { item: simple };
  if (reader.word("BINARY")) return readBinaryItem(reader);
  if (reader.word("PREVIEW")) return readPreviewItem(reader);
  if (!reader.word("BODY")) return reader.fail("fetch-item-expected");
  const peek = reader.word(".PEEK");
  if (!reader.take(BRACKET)) return peek ? reader.fail("section-expected") : { item: "BODY" };
  const section = readSection(reader);
  if (section === undefined) return undefined;
  if (reader.peek() !== Octet.less) return { item: "BODY[]", peek, section, partial: undefined };
  const partial = readPartial(reader);
  return partial === undefined ? undefined : { item: "BODY[]", peek, section, partial };
}

/** RFC 3501 9: section = "[" [section-spec] "]" */
export function readSection(reader: Reader): Section | undefined {
  const path: number[] = [];
  while (reader.peek() >= 48 && reader.peek() <= 57) {
    const number = reader.positive("part-number-expected");
    if (number === undefined) return undefined;
    if (path.length === SECTION_DEPTH_MAX) return reader.fail("section-too-deep");
    path.push(number);
    if (reader.take(BRACKET_END)) return { path, text: "all", fields: [] };
    if (!reader.take(Octet.dot)) return reader.fail("section-end-expected");
  }
  if (path.length === 0 && reader.take(BRACKET_END)) return { path, text: "all", fields: [] };
  const section = readSectionText(reader, path);
  if (section === undefined) return undefined;
  return reader.take(BRACKET_END) ? section : reader.fail("section-end-expected");
}

function readSectionText(reader: Reader, path: readonly number[]): Section | undefined {
  if (reader.word("TEXT")) return { path, text: "text", fields: [] };
  // RFC 3501 6.4.5: MIME needs a part number before it.
  if (path.length > 0 && reader.word("MIME")) return { path, text: "mime", fields: [] };
  if (!reader.word("HEADER")) return reader.fail("section-text-expected");
  if (!reader.word(".FIELDS")) return { path, text: "header", fields: [] };
  const text = reader.word(".NOT") ? "header-fields-not" : "header-fields";
  if (!reader.space()) return undefined;
  const fields = readFieldNames(reader);
  return fields === undefined ? undefined : { path, text, fields };
}

function readFieldNames(reader: Reader): readonly string[] | undefined {
  if (!reader.take(OPEN)) return reader.fail("list-expected");
  const fields: string[] = [];
  do {
    const field = reader.astring("field-name-expected");
    if (field === undefined) return undefined;
    if (fields.length === FIELDS_MAX) return reader.fail("too-many-fields");
    const name = latin1(field);
    if (!fields.some(other => equalIgnoringCase(other, name))) fields.push(name);
  } while (reader.take(Octet.space));
  return reader.take(CLOSE) ? fields : reader.fail("list-end-expected");
}

/** RFC 3501 9: "<" number "." nz-number ">" */
export function readPartial(reader: Reader): Partial | undefined {
  reader.take(Octet.less);
  const start = reader.number();
  const octets = start !== undefined && reader.take(Octet.dot) ? reader.positive("partial-expected") : undefined;
  if (start === undefined || octets === undefined) return reader.fail("partial-expected");
  return reader.take(Octet.greater) ? { start, octets } : reader.fail("partial-expected");
}

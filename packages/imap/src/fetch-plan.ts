import { type Header, type Message, parseHeader, parseMessage } from "@scop/mime";
import { Writer } from "@scop/wire";
import type { Entry } from "./backend.ts";
import { bodyStructure } from "./body-structure.ts";
import type { FetchItem, Partial, Section } from "./command.ts";
import { envelope } from "./envelope.ts";
import { headerSection, type SectionPlace, sectionOf } from "./message-section.ts";
import type { FetchLabel } from "./response.ts";
import { writeFetchData, writeFetchLabel, writeNullable } from "./serialise.ts";

/** What has to be read of each message: nothing, its header, or all of it. A message that is passed through is not read here. */
type FetchNeed = "entry" | "header" | "message";

/** The items of one FETCH and what they cost. */
export interface FetchPlan {
  /** Each once; UID among them for UID FETCH (RFC 3501 6.4.8). */
  readonly items: readonly FetchItem[];
  readonly need: FetchNeed;
  readonly setsSeen: "yes" | "no";
}

/** What was read of a message. */
export type MessageSource =
  | { readonly read: "nothing" }
  | { readonly read: "header"; readonly header: Header }
  | { readonly read: "message"; readonly message: Message };

/** Octets to be written, or octets of the message to be passed through. */
export type FetchPiece = Uint8Array | { readonly start: number; readonly end: number };

const WHOLE: Section = { path: [], text: "all", fields: [] };
const HEADER: Section = { path: [], text: "header", fields: [] };
const TEXT: Section = { path: [], text: "text", fields: [] };

/** The older names of three sections. RFC 3501 6.4.5 */
const SECTIONS: ReadonlyMap<string, Section> = new Map([
  ["RFC822", WHOLE],
  ["RFC822.HEADER", HEADER],
  ["RFC822.TEXT", TEXT],
]);

/** Looks at the items once, before the first message. */
export function planFetch(asked: readonly FetchItem[], byUid: boolean): FetchPlan {
  const items = new Map<string, FetchItem>();
  if (byUid) items.set("UID", { item: "UID" });
  for (const item of asked) items.set(item.item === "BODY[]" ? JSON.stringify(item) : item.item, item);
  let need: FetchNeed = "entry";
  let setsSeen: "yes" | "no" = "no";
  for (const item of items.values()) {
    const needed = needOf(item);
    if (needed === "message" || (needed === "header" && need === "entry")) need = needed;
    const peeks = item.item === "BODY[]" ? item.peek : item.item !== "RFC822" && item.item !== "RFC822.TEXT";
    if (!peeks) setsSeen = "yes";
  }
  return { items: [...items.values()], need, setsSeen };
}

function needOf(item: FetchItem): FetchNeed {
  switch (item.item) {
    case "BODY":
    case "BODYSTRUCTURE":
      return "message";
    case "ENVELOPE":
    case "RFC822.HEADER":
    case "RFC822.TEXT":
      return "header";
    case "BODY[]":
      if (item.section.path.length > 0) return "message";
      return item.section.text === "all" ? "entry" : "header";
    default:
      return "entry";
  }
}

/** Whether the header of a message ends within its first octets. */
export function hasWholeHeader(bytes: Uint8Array, size: number): boolean {
  return bytes.length >= size || parseHeader(bytes).bodyOffset < bytes.length;
}

/** The index over what was read, as much of it as the plan needs. */
export function readSource(need: FetchNeed, bytes: Uint8Array): MessageSource {
  if (need === "message") return { read: "message", message: parseMessage(bytes) };
  return { read: "header", header: parseHeader(bytes) };
}

/** What the client is told of flags that it did not ask for: they changed by this FETCH, and perhaps so did the mod-sequence. */
type ToldFlags = "asked" | "told" | "with-modseq";

/** The FETCH response of one message, in pieces. */
export function fetchPieces(
  plan: FetchPlan,
  sequence: number,
  entry: Entry,
  source: MessageSource,
  flags: ToldFlags,
): readonly FetchPiece[] {
  const pieces: FetchPiece[] = [];
  let writer = new Writer().ascii(`* ${sequence} FETCH (`);
  for (const [index, item] of itemsWith(plan, flags).entries()) {
    if (index > 0) writer.ascii(" ");
    const place = writeItem(writer, item, entry, source);
    if (place === undefined) continue;
    // The literal's octets go from the store to the client without being looked at.
    writer.ascii(`{${place.end - place.start}}\r\n`);
    pieces.push(...writer.chunks());
    writer = new Writer();
    if (place.end > place.start) pieces.push(place);
  }
  pieces.push(...writer.ascii(")\r\n").chunks());
  return pieces;
}

function itemsWith({ items }: FetchPlan, flags: ToldFlags): readonly FetchItem[] {
  if (flags === "asked") return items;
  const told = [{ item: "FLAGS" }, { item: "MODSEQ" }] as const;
  const added = told.slice(0, flags === "told" ? 1 : 2).filter(({ item }) => !items.some(other => other.item === item));
  return [...items, ...added];
}

/** Writes an item, or only its label where its value is a stretch of the message. */
function writeItem(
  writer: Writer,
  item: FetchItem,
  entry: Entry,
  source: MessageSource,
): { readonly start: number; readonly end: number } | undefined {
  switch (item.item) {
    case "FLAGS":
      writeFetchData(writer, { item: "FLAGS", flags: entry.flags });
      return undefined;
    case "MODSEQ":
      writeFetchData(writer, { item: "MODSEQ", number: entry.modseq });
      return undefined;
    case "UID":
      writeFetchData(writer, { item: "UID", number: entry.uid });
      return undefined;
    case "RFC822.SIZE":
      writeFetchData(writer, { item: "RFC822.SIZE", number: entry.size });
      return undefined;
    case "INTERNALDATE":
      writeFetchData(writer, { item: "INTERNALDATE", instant: entry.internalDate });
      return undefined;
    case "ENVELOPE":
      if (source.read !== "nothing") {
        const view = source.read === "header" ? source.header : source.message;
        writeFetchData(writer, { item: "ENVELOPE", data: envelope(view) });
      }
      return undefined;
    case "BODY":
    case "BODYSTRUCTURE":
      if (source.read === "message") {
        const data = bodyStructure(source.message, item.item === "BODYSTRUCTURE");
        writeFetchData(writer, { item: item.item, data });
      }
      return undefined;
    case "BODY[]":
      writeFetchLabel(writer, labelOf(item.section, item.partial));
      return writePlace(writer, placeOf(item.section, entry, source), item.partial);
    default:
      writeFetchLabel(writer, { label: item.item });
      return writePlace(writer, placeOf(SECTIONS.get(item.item)!, entry, source), undefined);
  }
}

function placeOf(section: Section, entry: Entry, source: MessageSource): SectionPlace | undefined {
  if (section.path.length === 0 && section.text === "all") return { place: "range", start: 0, end: entry.size };
  if (source.read === "message") return sectionOf(source.message, section);
  if (source.read === "nothing") return undefined;
  const { bytes, header, bodyOffset } = source.header;
  return headerSection(bytes, { header, headerOffset: 0, bodyOffset, end: entry.size }, section);
}

/** A stretch for the caller to pass through, cut by `partial`; all else is written here. */
function writePlace(
  writer: Writer,
  place: SectionPlace | undefined,
  partial: Partial | undefined,
): { readonly start: number; readonly end: number } | undefined {
  if (place === undefined) {
    writeNullable(writer, undefined);
    return undefined;
  }
  const from = partial?.start ?? 0;
  const most = partial?.octets ?? Number.POSITIVE_INFINITY;
  if (place.place === "octets") {
    writeNullable(writer, place.octets.subarray(from, from + most));
    return undefined;
  }
  const start = Math.min(place.start + from, place.end);
  return { start, end: Math.min(start + most, place.end) };
}

const SECTION_WORDS: Readonly<Record<Section["text"], string>> = {
  all: "",
  header: "HEADER",
  "header-fields": "HEADER.FIELDS",
  "header-fields-not": "HEADER.FIELDS.NOT",
  text: "TEXT",
  mime: "MIME",
};

/** RFC 3501 7.4.2: the label repeats the section and where it starts. */
function labelOf(section: Section, partial: Partial | undefined): FetchLabel {
  const text = SECTION_WORDS[section.text];
  return { label: "BODY[]", path: section.path, text, fields: section.fields, start: partial?.start };
}

import { type Header, type Message, parseHeader, parseMessage } from "@scop/mime";
import { assert, unreachable, Writer } from "@scop/wire";
import type { Entry } from "./backend.ts";
import { bodyStructure } from "./body-structure.ts";
import type { FetchItem, Partial, Section } from "./command.ts";
import { envelope } from "./envelope.ts";
import { binaryData } from "./extensions/binary.ts";
import { emailId, threadId } from "./extensions/objectid.ts";
import { previewOf } from "./extensions/preview.ts";
import { HEADER_READ_OCTETS, PREVIEW_READ_OCTETS } from "./limits.ts";
import { headerSection, type SectionPlace, sectionOf } from "./message-section.ts";
import type { FetchData, FetchLabel } from "./response.ts";
import { writeFetchData, writeFetchLabel, writeNullable } from "./serialise.ts";

/** What has to be read of each message: nothing, its header, enough to show what it is about, or all of it. A message that is passed through is not read here. */
type FetchNeed = "entry" | "header" | "beginning" | "message";

/** The items of one FETCH and what they cost. */
export interface FetchPlan {
  /** Each once; UID among them for UID FETCH (RFC 3501 6.4.8). */
  readonly items: readonly FetchItem[];
  readonly need: FetchNeed;
  readonly setsSeen: "yes" | "no";
  readonly threads: "asked" | "not-asked";
}

/** What was read of a message. */
export type MessageSource =
  | { readonly read: "nothing" }
  /** With as much of the message as was read, where it is to be shown. */
  | { readonly read: "header"; readonly header: Header; readonly beginning: Message | undefined }
  | { readonly read: "message"; readonly message: Message };

/** Octets to be written, or octets of the message to be passed through. */
export type FetchPiece = Uint8Array | { readonly start: number; readonly end: number };

const WHOLE: Section = { path: [], text: "all", fields: [] };
const HEADER: Section = { path: [], text: "header", fields: [] };
const TEXT: Section = { path: [], text: "text", fields: [] };

const NOTHING_READ: MessageSource = { read: "nothing" };

/** The older names of three sections. RFC 3501 6.4.5 */
const SECTIONS: ReadonlyMap<string, Section> = new Map([
  ["RFC822", WHOLE],
  ["RFC822.HEADER", HEADER],
  ["RFC822.TEXT", TEXT],
]);

/** Each more than the one before it. */
const NEEDS: readonly FetchNeed[] = ["entry", "header", "beginning", "message"];

/** Octets of a message of this size that are read first. */
export function octetsToRead(need: FetchNeed, size: number): number {
  if (need === "entry") return 0;
  const most = need === "header" ? HEADER_READ_OCTETS : need === "beginning" ? PREVIEW_READ_OCTETS : size;
  return Math.min(most, size);
}

/** Looks at the items once, before the first message. */
export function planFetch(asked: readonly FetchItem[], byUid: boolean): FetchPlan {
  const items = new Map<string, FetchItem>();
  if (byUid) items.set(JSON.stringify({ item: "UID" }), { item: "UID" });
  for (const item of asked) items.set(JSON.stringify(item), item);
  let need: FetchNeed = "entry";
  let setsSeen: "yes" | "no" = "no";
  for (const item of items.values()) {
    const needed = needOf(item);
    if (NEEDS.indexOf(needed) > NEEDS.indexOf(need)) need = needed;
    const peeks = "peek" in item ? item.peek : item.item !== "RFC822" && item.item !== "RFC822.TEXT";
    if (!peeks) setsSeen = "yes";
  }
  const threads = asked.some(({ item }) => item === "THREADID") ? "asked" : "not-asked";
  return { items: [...items.values()], need, setsSeen, threads };
}

function needOf(item: FetchItem): FetchNeed {
  switch (item.item) {
    case "BINARY[]":
    case "BINARY.SIZE":
    case "BODY":
    case "BODYSTRUCTURE":
      return "message";
    case "PREVIEW":
      return "beginning";
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
  const beginning = need === "beginning" ? parseMessage(bytes) : undefined;
  return { read: "header", header: parseHeader(bytes), beginning };
}

/** What the client is told of flags that it did not ask for: they changed by this FETCH, and perhaps so did the mod-sequence. */
type ToldFlags = "asked" | "told" | "with-modseq";

/** A message that is told. */
interface ToldMessage {
  readonly sequence: number;
  readonly entry: Entry;
  readonly source: MessageSource;
  readonly flags: ToldFlags;
  /** Where it was asked for. */
  readonly thread: number | undefined;
}

/** The FETCH response of one message, in pieces. */
export function fetchPieces(plan: FetchPlan, told: ToldMessage): readonly FetchPiece[] {
  const pieces: FetchPiece[] = [];
  let writer = new Writer().ascii(`* ${told.sequence} FETCH (`);
  for (const [index, item] of itemsWith(plan, told.flags).entries()) {
    if (index > 0) writer.ascii(" ");
    const place = writeItem(writer, item, told);
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

/** Whether all that was asked for is known without reading messages, and so needs no pieces. */
export function isOfEntries({ items, need, threads }: FetchPlan): boolean {
  return (
    need === "entry" && threads === "not-asked" && items.every(({ item }) => item !== "BODY[]" && item !== "RFC822")
  );
}

/** Writes the FETCH response of one message where `isOfEntries` holds. */
export function writeEntry(writer: Writer, plan: FetchPlan, sequence: number, entry: Entry): void {
  const told: ToldMessage = { sequence, entry, source: NOTHING_READ, flags: "asked", thread: undefined };
  writer.ascii(`* ${sequence} FETCH (`);
  let isFirst = true;
  for (const item of plan.items) {
    if (!isFirst) writer.ascii(" ");
    isFirst = false;
    writeItem(writer, item, told);
  }
  writer.ascii(")\r\n");
}

function itemsWith({ items }: FetchPlan, flags: ToldFlags): readonly FetchItem[] {
  if (flags === "asked") return items;
  const told = [{ item: "FLAGS" }, { item: "MODSEQ" }] as const;
  const added = told.slice(0, flags === "told" ? 1 : 2).filter(({ item }) => !items.some(other => other.item === item));
  return [...items, ...added];
}

type EntryItem = Extract<
  FetchItem,
  { item: "EMAILID" | "FLAGS" | "INTERNALDATE" | "MODSEQ" | "RFC822.SIZE" | "SAVEDATE" | "THREADID" | "UID" }
>;
type ContentItem = Extract<
  FetchItem,
  { item: "BINARY[]" | "BINARY.SIZE" | "BODY" | "BODYSTRUCTURE" | "ENVELOPE" | "PREVIEW" }
>;

/** Writes an item, or only its label where its value is a stretch of the message. */
function writeItem(
  writer: Writer,
  item: FetchItem,
  told: ToldMessage,
): { readonly start: number; readonly end: number } | undefined {
  switch (item.item) {
    case "BODY[]":
      writeFetchLabel(writer, labelOf(item.section, item.partial));
      return writePlace(writer, placeOf(item.section, told.entry, told.source), item.partial);
    case "RFC822":
    case "RFC822.HEADER":
    case "RFC822.TEXT":
      writeFetchLabel(writer, { label: item.item });
      return writePlace(writer, placeOf(SECTIONS.get(item.item)!, told.entry, told.source), undefined);
    case "BINARY[]":
    case "BINARY.SIZE":
    case "BODY":
    case "BODYSTRUCTURE":
    case "ENVELOPE":
    case "PREVIEW":
      writeFetchData(writer, contentData(item, told));
      return undefined;
    default:
      writeFetchData(writer, entryData(item, told));
      return undefined;
  }
}

/** What is known of a message without reading it. */
function entryData({ item }: EntryItem, { entry, thread }: ToldMessage): FetchData {
  switch (item) {
    case "FLAGS":
      return { item, flags: entry.flags };
    case "MODSEQ":
      return { item, number: entry.modseq };
    case "UID":
      return { item, number: entry.uid };
    case "RFC822.SIZE":
      return { item, number: entry.size };
    case "INTERNALDATE":
      return { item, instant: entry.internalDate };
    case "SAVEDATE":
      return { item, instant: entry.saveDate };
    case "EMAILID":
      return { item, id: emailId(entry.message) };
    case "THREADID":
      assert(thread !== undefined, "a thread was asked for before it is told");
      return { item, id: threadId(thread) };
    default:
      return unreachable(item);
  }
}

/** What is made of the octets of a message. */
function contentData(item: ContentItem, { entry, source }: ToldMessage): FetchData {
  assert(source.read !== "nothing", "what is told of a message was read");
  switch (item.item) {
    case "BINARY[]":
    case "BINARY.SIZE":
      return binaryData(item, source);
    case "PREVIEW":
      return { item: "PREVIEW", text: previewText(item.lazy, entry, source) };
    case "ENVELOPE":
      return { item: "ENVELOPE", data: envelope(source.read === "header" ? source.header : source.message) };
    default: {
      assert(source.read === "message", "the structure of a message is that of all of it");
      return { item: item.item, data: bodyStructure(source.message, item.item === "BODYSTRUCTURE") };
    }
  }
}

/** RFC 8970 3.2: what was asked for lazily is told where no large message had to be read. */
function previewText(lazy: "yes" | "no", entry: Entry, source: MessageSource): string | undefined {
  if (lazy === "yes" && entry.size > PREVIEW_READ_OCTETS) return undefined;
  const message = source.read === "message" ? source.message : source.read === "header" ? source.beginning : undefined;
  return message === undefined ? undefined : previewOf(message);
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

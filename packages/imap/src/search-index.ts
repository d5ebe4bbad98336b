import { fieldText, type HeaderView, type Message, partsOf, partText } from "@scop/mime";
import type { Entry, MessageText, TextCandidates } from "./backend.ts";
import { casemap } from "./extensions/casemap.ts";
import {
  INDEX_BATCH_MESSAGES,
  INDEX_BATCH_UNITS,
  INDEX_READ_OCTETS_MAX,
  INDEXED_OCTETS_MAX,
  INDEXED_TEXTS_MAX,
} from "./limits.ts";
import type { SearchProgram } from "./search-key.ts";
import type { SearchSource } from "./search-source.ts";

/** The fewest characters that an index can look for. */
const INDEXED_UNITS_MIN = 3;

/** What the backend's index says to one search, and the texts that it is given by it. */
export interface SearchIndex {
  /** By text: whether the message at a place may have it. */
  readonly possible: ReadonlyMap<string, Uint8Array>;
  /** Whether the message at a place is not indexed. */
  readonly unindexed: Uint8Array;
  /** Texts that wait to be indexed. Grows in place. */
  readonly waiting: MessageText[];
  readonly units: number;
  /** Octets that this search may read for nothing but the index. */
  readonly room: number;
}

/** The texts of a program in the form in which they are compared, by its steps; undefined for steps without one. */
export function textsOf(program: SearchProgram): readonly (string | undefined)[] {
  return program.map(step => ("test" in step && "text" in step ? casemap(step.text) : undefined));
}

/** Those that an index is asked for. */
export function indexedTexts(texts: readonly (string | undefined)[]): readonly string[] {
  const long = texts.filter(text => text !== undefined && text.length >= INDEXED_UNITS_MIN) as string[];
  return [...new Set(long)].slice(0, INDEXED_TEXTS_MAX);
}

/** What a backend answered, by place. A search of headers alone reads a part of the messages whole, a later one the next. */
export function searchIndex(
  entries: readonly Entry[],
  texts: readonly string[],
  { unindexed, possible }: TextCandidates,
  program: SearchProgram,
): SearchIndex {
  const readsBodies = program.some(step => "test" in step && (step.test === "body" || step.test === "text"));
  const room = readsBodies ? Number.POSITIVE_INFINITY : INDEX_READ_OCTETS_MAX;
  const places = new Map<string, Uint8Array>();
  for (const [index, text] of texts.entries()) {
    // What is not indexed may have anything.
    const marks = marksOf(entries, possible[index] ?? []);
    places.set(text, addMarks(marks, entries, unindexed));
  }
  return { possible: places, unindexed: marksOf(entries, unindexed), waiting: [], units: 0, room };
}

function marksOf(entries: readonly Entry[], uids: readonly number[]): Uint8Array {
  return addMarks(new Uint8Array(entries.length), entries, uids);
}

/** Both rise, so each is gone through once. */
function addMarks(marks: Uint8Array, entries: readonly Entry[], uids: readonly number[]): Uint8Array {
  let place = 0;
  for (const uid of uids) {
    while (place < entries.length && entries[place]!.uid < uid) place += 1;
    if (entries[place]?.uid === uid) marks[place] = 1;
  }
  return marks;
}

/** Whether the index excludes that the message at a place has this text. */
export function isExcluded(index: SearchIndex | undefined, text: string, place: number): boolean {
  return index?.possible.get(text)?.[place] === 0;
}

/** Whether all of a message is to be read, to be indexed as well. */
export function isToBeIndexed(index: SearchIndex | undefined, place: number, entry: Entry): boolean {
  return index?.unindexed[place] === 1 && entry.size <= Math.min(INDEXED_OCTETS_MAX, index.room);
}

/** Keeps the text of a message that was read, or that it is too large to be indexed, until there are enough of them. */
export function gatherText(index: SearchIndex, place: number, entry: Entry, source: SearchSource): SearchIndex {
  if (index.unindexed[place] !== 1) return index;
  if (entry.size > INDEXED_OCTETS_MAX) index.waiting.push({ blob: entry.blob, text: undefined });
  if (entry.size > INDEXED_OCTETS_MAX || source.read !== "message") return index;
  const text = messageText(source.message);
  const isShort = text.length <= INDEXED_OCTETS_MAX;
  index.waiting.push({ blob: entry.blob, text: isShort ? text : undefined });
  return { ...index, units: index.units + (isShort ? text.length : 0), room: index.room - entry.size };
}

/** Whether so many texts wait that they are indexed before more come. */
export function hasEnough(index: SearchIndex): boolean {
  return index.units >= INDEX_BATCH_UNITS || index.waiting.length >= INDEX_BATCH_MESSAGES;
}

/** Everything in a message that any key of SEARCH looks at, in the form in which it is compared. */
function messageText(message: Message): string {
  const texts: string[] = [];
  for (const part of partsOf(message.root)) {
    texts.push(...headerLines({ bytes: message.bytes, header: part.header }));
    if (part.mediaType.startsWith("text/")) texts.push(partText(message, part) ?? "");
  }
  return casemap(texts.join("\n"));
}

/** Each field with its name, decoded, as SEARCH TEXT compares it. */
export function headerLines({ bytes, header }: HeaderView): readonly string[] {
  return header.map(field => `${field.name}: ${fieldText(bytes, field)}`);
}

import { type Diagnostic, utf8Lossy } from "@scop/wire";
import { decodeCharset } from "./charset.ts";
import { decompressRtf } from "./compressed-rtf.ts";
import { TNEF_ATTACHMENTS_MAX } from "./limits.ts";
import { type MapiProperty, MapiType, readMapiProperties } from "./mapi-properties.ts";
import type { Charsets } from "./model.ts";
import { littleEndian, readNumber, readOctets } from "./tnef-reader.ts";

/** A part that stands in a form of its own within the body of another. */
export interface EmbeddedPart {
  readonly mediaType: string;
  /** Of text. */
  readonly charset: string | undefined;
  /** As it came, perhaps with folders; undefined where there is none. */
  readonly name: string | undefined;
  /** Without brackets; what HTML beside it refers to. */
  readonly contentId: string | undefined;
  readonly bytes: Uint8Array;
}

/** What a winmail.dat holds. */
export interface Tnef {
  /** The bodies (text/plain, text/html, application/rtf) and then the attachments. */
  readonly parts: readonly EmbeddedPart[];
  readonly diagnostics: readonly Diagnostic[];
}

const SIGNATURE = 0x223e9f78;

/** Attributes by their numbers, types left out. MS-OXTNEF 2.1.3.3 */
const Attribute = {
  codePage: 0x9007,
  body: 0x800c,
  messageProperties: 0x9003,
  attachmentStart: 0x9002,
  attachmentTitle: 0x8010,
  attachmentData: 0x800f,
  attachmentProperties: 0x9005,
} as const;

/** Properties by their numbers. MS-OXPROPS 2 */
const Property = {
  body: 0x1000,
  compressedRtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  data: 0x3701,
  shortName: 0x3704,
  longName: 0x3707,
  mediaType: 0x370e,
  contentId: 0x3712,
} as const;

/** An attachment while it is read. */
interface Draft {
  title: Uint8Array | undefined;
  data: Uint8Array | undefined;
  properties: ReadonlyMap<number, MapiProperty>;
}

interface State {
  readonly charsets: Charsets | undefined;
  readonly diagnostics: Diagnostic[];
  readonly attachments: Draft[];
  charset: string;
  body: Uint8Array | undefined;
  properties: ReadonlyMap<number, MapiProperty>;
}

const NONE: ReadonlyMap<number, MapiProperty> = new Map();
/** Before the octets of an object stands what kind it is. */
const OBJECT_KIND_OCTETS = 16;

function found(state: State, code: string, offset: number, rule = "MS-OXTNEF 2.1.3"): void {
  state.diagnostics.push({ code, offset, length: 0, rule });
}

function textOf(state: State, property: MapiProperty | undefined): string | undefined {
  if (property === undefined) return undefined;
  if (property.type === MapiType.unicode) return utf16(property.bytes);
  return decodeCharset(state.charset, property.bytes, state.charsets).text ?? utf8Lossy(property.bytes);
}

/** Names are short: text of little-endian units, those of half a character as they are. */
function utf16(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(bytes[at]! | (bytes[at + 1]! << 8));
  return text;
}

function bodyParts(state: State): readonly EmbeddedPart[] {
  const { properties } = state;
  const parts: EmbeddedPart[] = [];
  const add = (mediaType: string, charset: string | undefined, bytes: Uint8Array): void =>
    void parts.push({ mediaType, charset, name: undefined, contentId: undefined, bytes });
  const text = properties.get(Property.body);
  if (text !== undefined) add("text/plain", text.type === MapiType.unicode ? "utf-16le" : state.charset, text.bytes);
  else if (state.body !== undefined) add("text/plain", state.charset, state.body);
  const html = properties.get(Property.html);
  if (html !== undefined) add("text/html", html.type === MapiType.unicode ? "utf-16le" : state.charset, html.bytes);
  const compressed = properties.get(Property.compressedRtf);
  const rtf = compressed === undefined ? undefined : decompressRtf(compressed.bytes);
  if (rtf !== undefined) add("application/rtf", undefined, rtf);
  else if (compressed !== undefined) found(state, "tnef-malformed", 0, "MS-OXRTFCP 2.2");
  return parts;
}

function attachmentPart(state: State, { title, data, properties }: Draft): EmbeddedPart {
  const name =
    textOf(state, properties.get(Property.longName)) ??
    (title === undefined ? undefined : decodeCharset(state.charset, title, state.charsets).text) ??
    textOf(state, properties.get(Property.shortName)) ??
    textOf(state, properties.get(Property.displayName));
  const content = properties.get(Property.data);
  const isObject = content?.type === MapiType.object;
  const given = isObject ? content.bytes.subarray(OBJECT_KIND_OCTETS) : content?.bytes;
  const bytes = given ?? data ?? new Uint8Array(0);
  const embedded = bytes.length >= 4 && readNumber(littleEndian(bytes), 4) === SIGNATURE;
  const type = textOf(state, properties.get(Property.mediaType))?.trim().toLowerCase() ?? "";
  return {
    mediaType: embedded ? "application/ms-tnef" : type === "" ? "application/octet-stream" : type,
    charset: undefined,
    name: name === "" ? undefined : name,
    contentId: textOf(state, properties.get(Property.contentId))?.replace(/^<|>$/g, ""),
    bytes,
  };
}

/** A string of the outer form ends with NUL. */
function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function readProperties(state: State, bytes: Uint8Array, offset: number): ReadonlyMap<number, MapiProperty> {
  const { properties, isWhole } = readMapiProperties(bytes);
  if (!isWhole) found(state, "tnef-malformed", offset, "MS-OXTNEF 2.1.3.4");
  return properties;
}

function readAttribute(state: State, id: number, bytes: Uint8Array, offset: number): void {
  const attachment = state.attachments.at(-1);
  switch (id) {
    case Attribute.codePage: {
      const page = readNumber(littleEndian(bytes), 4);
      if (page > 0) state.charset = page === 65_001 ? "utf-8" : `windows-${page}`;
      break;
    }
    case Attribute.body:
      state.body ??= untilNul(bytes);
      break;
    case Attribute.messageProperties:
      state.properties = readProperties(state, bytes, offset);
      break;
    case Attribute.attachmentStart:
      state.attachments.push({ title: undefined, data: undefined, properties: NONE });
      break;
    case Attribute.attachmentTitle:
      if (attachment !== undefined) attachment.title ??= untilNul(bytes);
      break;
    case Attribute.attachmentData:
      if (attachment !== undefined) attachment.data ??= bytes;
      break;
    case Attribute.attachmentProperties:
      if (attachment !== undefined) attachment.properties = readProperties(state, bytes, offset);
  }
}

function checkSum(bytes: Uint8Array): number {
  let sum = 0;
  for (const octet of bytes) sum = (sum + octet) & 0xffff;
  return sum;
}

/**
 * The bodies and attachments of a TNEF stream (winmail.dat). Octets are views of it, RTF aside. What is malformed or cut ends the reading there
 * and is noted, at 1,000 attachments it ends too; a message within is a part of type application/ms-tnef, to be read in turn. Offsets
 * count from the start of the stream. Linear. MS-OXTNEF 2.1
 */
export function readTnef(bytes: Uint8Array, charsets?: Charsets): Tnef {
  const reader = littleEndian(bytes);
  const state: State = {
    charsets,
    diagnostics: [],
    attachments: [],
    charset: "windows-1252",
    body: undefined,
    properties: NONE,
  };
  const signature = readNumber(reader, 4);
  readNumber(reader, 2);
  if (signature !== SIGNATURE || reader.short) {
    found(state, "tnef-malformed", 0);
    return { parts: [], diagnostics: state.diagnostics };
  }
  while (reader.at < reader.end) {
    const from = reader.at;
    const level = readNumber(reader, 1);
    const id = readNumber(reader, 4) & 0xffff;
    const content = readOctets(reader, readNumber(reader, 4));
    const sum = readNumber(reader, 2);
    if (reader.short || (level !== 1 && level !== 2)) {
      found(state, "tnef-malformed", from);
      break;
    }
    if (id === Attribute.attachmentStart && state.attachments.length >= TNEF_ATTACHMENTS_MAX) {
      found(state, "parts-limit", from);
      break;
    }
    if (sum !== checkSum(content)) found(state, "tnef-checksum", from, "MS-OXTNEF 2.1.3.1");
    readAttribute(state, id, content, from);
  }
  const attachments = state.attachments.map(draft => attachmentPart(state, draft));
  return { parts: [...bodyParts(state), ...attachments], diagnostics: state.diagnostics };
}

import type { HeaderField, Message, Part } from "@scop/mime";
import { concat, latin1Bytes } from "@scop/wire";
import type { Section } from "./command.ts";

/** Where a section of a message is: a stretch of it, or octets that were put together. */
export type SectionPlace =
  | { readonly place: "range"; readonly start: number; readonly end: number }
  | { readonly place: "octets"; readonly octets: Uint8Array };

/** A header and what belongs to it, within a byte string. */
interface HeaderPlace {
  readonly header: readonly HeaderField[];
  readonly headerOffset: number;
  readonly bodyOffset: number;
  readonly end: number;
}

const BLANK_LINE = latin1Bytes("\r\n");

/** The place of a section, undefined where the message has none such. RFC 3501 6.4.5 */
export function sectionOf(message: Message, section: Section): SectionPlace | undefined {
  if (section.path.length === 0) {
    return headerSection(message.bytes, { ...message.root, headerOffset: 0, end: message.bytes.length }, section);
  }
  const part = partAt(message.root, section.path);
  if (part === undefined) return undefined;
  if (section.text === "all") return { place: "range", start: part.bodyOffset, end: part.end };
  if (section.text === "mime") return { place: "range", start: part.headerOffset, end: part.bodyOffset };
  // HEADER and TEXT of a part are those of the message in it.
  const inner = part.mediaType === "message/rfc822" ? part.children[0] : undefined;
  return inner === undefined ? undefined : headerSection(message.bytes, inner, section);
}

/** A section without part numbers, of a message whose header was read. */
export function headerSection(bytes: Uint8Array, place: HeaderPlace, section: Section): SectionPlace {
  switch (section.text) {
    case "header":
      return { place: "range", start: place.headerOffset, end: place.bodyOffset };
    case "text":
      return { place: "range", start: place.bodyOffset, end: place.end };
    case "header-fields":
    case "header-fields-not":
      return { place: "octets", octets: selectFields(bytes, place.header, section) };
    default:
      return { place: "range", start: place.headerOffset, end: place.end };
  }
}

/** The fields that were named, or all others, in the order of the message, and the blank line. RFC 3501 6.4.5 */
function selectFields(bytes: Uint8Array, header: readonly HeaderField[], section: Section): Uint8Array {
  const named = new Set(section.fields.map(name => name.toLowerCase()));
  const wanted = section.text === "header-fields";
  const chunks: Uint8Array[] = [];
  for (const field of header) {
    if (named.has(field.lowerName) !== wanted) continue;
    const end = field.offset + field.length;
    chunks.push(bytes.subarray(field.offset, end));
    if (bytes[end - 1] !== 10) chunks.push(BLANK_LINE);
  }
  return concat([...chunks, BLANK_LINE]);
}

/** The part with these numbers. RFC 3501 6.4.5: a message that is no multipart has one part, number 1. */
export function partAt(root: Part, path: readonly number[]): Part | undefined {
  let part: Part | undefined = root;
  let isMessage = true;
  for (const number of path) {
    if (!isMessage && part.mediaType === "message/rfc822") {
      part = part.children[0];
      if (part === undefined) return undefined;
      isMessage = true;
    }
    if (part.mediaType.startsWith("multipart/")) part = part.children[number - 1];
    else if (!isMessage || number !== 1) return undefined;
    if (part === undefined) return undefined;
    isMessage = false;
  }
  return part;
}

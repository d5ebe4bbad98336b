import { type Diagnostic, latin1, TextPieces, utf8Lossy } from "@scop/wire";
import { decodeWords, withoutBreaks } from "./encoded-word.ts";
import type { Charsets, Decoded, HeaderField } from "./model.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

/** Octets of the value as they stand: behind the colon, without the last line end, folds kept. A view, no copy. */
export function fieldRaw(bytes: Uint8Array, field: HeaderField): Uint8Array {
  return bytes.subarray(field.valueOffset, endOfValue(bytes, field));
}

/** Where the value of a field ends, before its last line end. */
export function endOfValue(bytes: Uint8Array, field: HeaderField): number {
  let end = field.offset + field.length;
  if (end > field.valueOffset && bytes[end - 1] === LF) end -= 1;
  if (end > field.valueOffset && bytes[end - 1] === CR) end -= 1;
  return end;
}

/** Text with the line ends before white space taken out. RFC 5322 2.2.3 */
function unfold(text: string): string {
  let at = text.indexOf("\n");
  if (at < 0) return text;
  const pieces = new TextPieces();
  let from = 0;
  for (; at >= 0; at = text.indexOf("\n", at + 1)) {
    pieces.add(text.slice(from, at > from && text.charCodeAt(at - 1) === CR ? at - 1 : at));
    from = at + 1;
  }
  pieces.add(text.slice(from));
  return pieces.text();
}

/** White space and the line ends of folded lines. */
function isSpace(octet: number): boolean {
  return octet === SPACE || octet === TAB || octet === CR || octet === LF;
}

/**
 * The value of a field on one line, white space around it removed, encoded-words left as they are: for fields with a syntax of
 * their own. UTF-8, with U+FFFD for what is malformed; CR, LF and NUL never occur in it. RFC 5322 2.2.3
 */
export function fieldValue(bytes: Uint8Array, field: HeaderField): string {
  let start = field.valueOffset;
  let end = endOfValue(bytes, field);
  while (start < end && isSpace(bytes[start]!)) start += 1;
  while (end > start && isSpace(bytes[end - 1]!)) end -= 1;
  let high = 0;
  let controls = false;
  for (let at = start; at < end; at += 1) {
    const octet = bytes[at]!;
    high |= octet;
    controls ||= octet < SPACE;
  }
  const text = high < 128 ? latin1(bytes, start, end) : utf8Lossy(bytes, start, end);
  return controls ? withoutBreaks(unfold(text)) : text;
}

/** The value of a field for people, with what was noticed; offsets are those of the field. RFC 2047 */
export function decodeField(bytes: Uint8Array, field: HeaderField, charsets?: Charsets): Decoded<string> {
  const text = fieldValue(bytes, field);
  if (!text.includes("=?")) return { value: text, diagnostics: [] };
  const decoded = decodeWords(text, charsets);
  const diagnostics = decoded.diagnostics.map(
    (found): Diagnostic => ({ ...found, offset: field.offset, length: field.length }),
  );
  return { value: decoded.value, diagnostics };
}

/** The value of a field for people: unfolded, decoded, without CR, LF or NUL. `decodeField` tells also what was wrong. */
export function fieldText(bytes: Uint8Array, field: HeaderField, charsets?: Charsets): string {
  return decodeField(bytes, field, charsets).value;
}

import { CharClass, failed, isClass, latin1, latin1Bytes, type Parsed, parsed } from "@scop/wire";
import { TAGS_MAX } from "./limits.ts";

/** One `name=value`. Places count octets. */
export interface Tag {
  /** As written: names differ by case. */
  readonly name: string;
  /** Without the white space around it. */
  readonly value: string;
  /** Where the name begins. */
  readonly offset: number;
  /** Where the value begins. */
  readonly valueOffset: number;
  /** Behind the `=`, and at the `;` or the end: what is taken out of `b=` when its field is signed. RFC 6376 3.7 */
  readonly from: number;
  readonly end: number;
}

/** Tags by name, in their order. */
export type Tags = ReadonlyMap<string, Tag>;

/** Tags and the octets that their places are in. */
export interface TagList {
  readonly octets: Uint8Array;
  readonly tags: Tags;
}

const SPACE = 32;
const TAB = 9;
const LF = 10;
const CR = 13;

/** Whether the octet or character is one of folding white space. RFC 6376 2.8 */
export function isFolding(code: number): boolean {
  return code === SPACE || code === TAB || code === CR || code === LF;
}

/** Text without any folding white space: lists and base64 may have it anywhere. */
export function withoutFolding(text: string): string {
  return /[ \t\r\n]/.test(text) ? text.replace(/[ \t\r\n]+/g, "") : text;
}

/** Where the folding white space from `at` on ends, at `end` at the latest. */
export function skipFolding(text: string, at: number, end: number): number {
  let index = at;
  while (index < end && isFolding(text.charCodeAt(index))) index += 1;
  return index;
}

/** Where the first control is that is no folding white space, or -1: no value has one. Octets above 127 are UTF-8 (RFC 8616 3). */
function findControl(octets: Uint8Array): number {
  for (let at = 0; at < octets.length; at += 1) {
    const octet = octets[at]!;
    if ((octet < SPACE && !isFolding(octet)) || octet === 127) return at;
  }
  return -1;
}

/** The octets of a text with one character an octet. Any other character becomes a control, so that it is refused. */
export function octetsOf(text: string): Uint8Array {
  return latin1Bytes(/[^\x00-\xff]/.test(text) ? text.replace(/[^\x00-\xff]/g, "\0") : text);
}

/**
 * tag-list = tag-spec *( ";" tag-spec ) [ ";" ]
 * tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
 *
 * Refused: a spec without a name or `=`, a name twice, controls, more than 64 tags. RFC 6376 3.2
 */
export function parseTagList(octets: Uint8Array): Parsed<TagList> {
  const rule = "RFC 6376 3.2";
  const control = findControl(octets);
  if (control >= 0) return failed("tag-character", control, 1, rule);
  const text = latin1(octets);
  const tags = new Map<string, Tag>();
  for (let start = 0; start <= text.length; ) {
    const found = text.indexOf(";", start);
    const end = found < 0 ? text.length : found;
    const offset = skipFolding(text, start, end);
    if (offset === end) {
      // Nothing may stand behind the last semicolon alone.
      if (found >= 0 || tags.size === 0) return failed("tag-missing", offset, 0, rule);
      break;
    }
    const nameEnd = endOfName(text, offset, end);
    const equals = skipFolding(text, nameEnd, end);
    if (nameEnd === offset || equals === end || text.charAt(equals) !== "=")
      return failed("tag-malformed", offset, end - offset, rule);
    const name = text.slice(offset, nameEnd);
    if (tags.has(name)) return failed("tag-duplicate", offset, end - offset, rule);
    if (tags.size === TAGS_MAX) return failed("tags-limit", offset, 0, rule);
    const from = equals + 1;
    const valueOffset = skipFolding(text, from, end);
    let valueEnd = end;
    while (valueEnd > valueOffset && isFolding(text.charCodeAt(valueEnd - 1))) valueEnd -= 1;
    tags.set(name, { name, value: text.slice(valueOffset, valueEnd), offset, valueOffset, from, end });
    start = end + 1;
  }
  return parsed({ octets, tags });
}

/** tag-name = ALPHA *ALNUMPUNC */
function endOfName(text: string, at: number, end: number): number {
  if (at >= end || !isClass(text.charCodeAt(at), CharClass.alpha)) return at;
  let index = at + 1;
  while (index < end) {
    const code = text.charCodeAt(index);
    if (!isClass(code, CharClass.alpha | CharClass.digit) && code !== 95) break;
    index += 1;
  }
  return index;
}

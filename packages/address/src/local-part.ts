import { type Brand, CharClass, failed, isClass, type Parsed, parsed } from "@scop/wire";
import { LOCAL_PART_OCTETS_MAX } from "./limits.ts";

/** What stands before the `@`, without quotes and backslashes, case kept: 0 to 64 octets of UTF-8, no controls. */
export type LocalPart = Brand<string, "LocalPart">;

const QUOTE = 34;
const DOT = 46;
const BACKSLASH = 92;

/** Octets of text in UTF-8; -1 if there is a lone surrogate. */
export function utf8Octets(text: string): number {
  let octets = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.codePointAt(at)!;
    if (code >= 0xd800 && code <= 0xdfff) return -1;
    if (code > 0xffff) at += 1;
    octets += code < 0x80 ? 1 : code < 0x800 ? 2 : code > 0xffff ? 4 : 3;
  }
  return octets;
}

/** RFC 5321 4.1.2 qtextSMTP and quoted-pairSMTP, RFC 6531 3.3 */
function isContent(code: number): boolean {
  return code >= 32 && code !== 127;
}

/** RFC 5321 4.1.2 atext, RFC 6531 3.3 */
function isAtext(code: number): boolean {
  return code > 127 || isClass(code, CharClass.atext);
}

/** A local part from its content, without the quotes that its text may need. `local-part` on controls or more than 64 octets. */
export function parseLocalPart(content: string): Parsed<LocalPart> {
  for (let at = 0; at < content.length; at += 1) {
    if (!isContent(content.charCodeAt(at))) return failed("local-part", at, 1, "RFC 5321 4.1.2");
  }
  const octets = utf8Octets(content);
  if (octets < 0) return failed("local-part", 0, content.length, "RFC 6531 3.3");
  if (octets > LOCAL_PART_OCTETS_MAX) return failed("local-part-length", 0, content.length, "RFC 5321 4.5.3.1.1");
  return parsed(content as LocalPart);
}

/** A local part in a longer text. */
interface LocalPartRead {
  readonly localPart: LocalPart;
  /** Where the text goes on. */
  readonly end: number;
}

function finish(content: string, start: number, end: number): Parsed<LocalPartRead> {
  const localPart = parseLocalPart(content);
  if (!localPart.ok) return failed(localPart.error.code, start, end - start, localPart.error.rule);
  return parsed({ localPart: localPart.value, end });
}

/** Quoted-string = DQUOTE *QcontentSMTP DQUOTE   RFC 5321 4.1.2 */
function readQuoted(text: string, start: number): Parsed<LocalPartRead> {
  let content = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return finish(content, start, at + 1);
    if (code === BACKSLASH) at += 1;
    content += text.charAt(at);
  }
  return failed("quote-not-closed", start, text.length - start, "RFC 5321 4.1.2");
}

/** Local-part = Dot-string / Quoted-string   RFC 5321 4.1.2 */
export function readLocalPart(text: string, start: number): Parsed<LocalPartRead> {
  if (text.charCodeAt(start) === QUOTE) return readQuoted(text, start);
  let at = start;
  let afterDot = true;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT ? afterDot : !isAtext(code)) break;
    afterDot = code === DOT;
  }
  if (afterDot) return failed("local-part", at, at < text.length ? 1 : 0, "RFC 5321 4.1.2");
  return finish(text.slice(start, at), start, at);
}

/** The text of a local part, quoted where RFC 5321 4.1.2 asks for it. */
export function formatLocalPart(localPart: string): string {
  const whole = readLocalPart(localPart, 0);
  if (whole.ok && whole.value.end === localPart.length && localPart.charCodeAt(0) !== QUOTE) return localPart;
  let text = '"';
  for (const character of localPart) text += character === '"' || character === "\\" ? `\\${character}` : character;
  return `${text}"`;
}

/** A local part with its subaddress. */
export interface TaggedLocalPart {
  /** What stands before the separator. */
  readonly base: LocalPart;
  /** What stands behind it, perhaps empty; undefined where there is no separator. */
  readonly tag: string | undefined;
}

/** Splits `user+tag` at the first separator that is not the first character. RFC 5233 1 */
export function splitTag(localPart: LocalPart, separator: string = "+"): TaggedLocalPart {
  const at = separator === "" ? -1 : localPart.indexOf(separator, 1);
  if (at < 1) return { base: localPart, tag: undefined };
  return { base: localPart.slice(0, at) as LocalPart, tag: localPart.slice(at + separator.length) };
}

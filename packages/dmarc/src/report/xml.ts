import { failed, type Parsed, parsed } from "@scop/wire";
import { XML_DEPTH_MAX, XML_ELEMENTS_MAX } from "../limits.ts";

/** An element with its children and the text between them; attributes are not kept, for reports have none that matter. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** Where it begins in the text. */
  readonly offset: number;
  readonly children: readonly XmlElement[];
  /** Of this element alone, references resolved, without white space around it and what XML forbids. */
  readonly text: string;
}

/** An element that is not closed yet. */
interface Open {
  readonly name: string;
  readonly offset: number;
  readonly children: XmlElement[];
  readonly pieces: string[];
}

const RULE = "XML 1.0";
/** Characters that no document may have: they are left out in reading and in writing. XML 1.0 2.2 */
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
const REFERENCES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);
/** `&` and what may follow it up to the `;`: a longer one is none of ours. */
const REFERENCE_CHARACTERS_MAX = 12;

/**
 * A document of elements and text, as reports are. Refused with the place: a document type (which is how a few octets become gigabytes), what
 * is not closed or closes something else, a second root, more depth or elements than the limits. One pass, no recursion.
 */
export function parseXml(text: string): Parsed<XmlElement> {
  const open: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  for (let at = text.startsWith("\ufeff") ? 1 : 0; at < text.length; ) {
    const less = text.indexOf("<", at);
    const end = less < 0 ? text.length : less;
    const between = text.slice(at, end);
    if (open.length > 0) open[open.length - 1]!.pieces.push(resolved(between));
    else if (between.trim() !== "") return failed("xml-text", at, end - at, RULE);
    if (less < 0) break;
    const markup = readMarkup(text, less);
    if (!markup.ok) return markup;
    at = markup.value.end;
    const { kind, name, content } = markup.value;
    if (kind === "other") continue;
    if (kind === "text") {
      if (open.length === 0) return failed("xml-text", less, at - less, RULE);
      open[open.length - 1]!.pieces.push(content);
      continue;
    }
    if (kind !== "close") {
      elements += 1;
      if (root !== undefined) return failed("xml-roots", less, at - less, RULE);
      if (elements > XML_ELEMENTS_MAX || open.length >= XML_DEPTH_MAX)
        return failed("xml-limit", less, at - less, RULE);
      open.push({ name, offset: less, children: [], pieces: [] });
      if (kind === "open") continue;
    }
    const closed = open.pop();
    if (closed?.name !== name) return failed("xml-close", less, at - less, RULE);
    const { offset, children, pieces } = closed;
    const element: XmlElement = { name, offset, children, text: pieces.join("").replace(FORBIDDEN, "").trim() };
    if (open.length === 0) root = element;
    else open[open.length - 1]!.children.push(element);
  }
  if (open.length > 0) return failed("xml-open", open[open.length - 1]!.offset, 0, RULE);
  return root === undefined ? failed("xml-root", text.length, 0, RULE) : parsed(root);
}

interface Markup {
  readonly kind: "open" | "close" | "empty" | "text" | "other";
  readonly name: string;
  readonly content: string;
  /** Behind it. */
  readonly end: number;
}

/** What begins with the `<` at a place. */
function readMarkup(text: string, at: number): Parsed<Markup> {
  const until = (mark: string, from: number): number => {
    const found = text.indexOf(mark, from);
    return found < 0 ? -1 : found + mark.length;
  };
  if (text.startsWith("<![CDATA[", at)) {
    const end = until("]]>", at + 9);
    if (end < 0) return failed("xml-open", at, 0, RULE);
    return parsed({ kind: "text", name: "", content: text.slice(at + 9, end - 3), end });
  }
  const isComment = text.startsWith("<!--", at);
  if (isComment || text.startsWith("<?", at)) {
    const end = until(isComment ? "-->" : "?>", at + 2);
    return end < 0 ? failed("xml-open", at, 0, RULE) : parsed({ kind: "other", name: "", content: "", end });
  }
  if (text.startsWith("<!", at)) return failed("xml-document-type", at, 2, RULE);
  return readTag(text, at);
}

function readTag(text: string, at: number): Parsed<Markup> {
  const isClose = text.charAt(at + 1) === "/";
  const from = at + (isClose ? 2 : 1);
  let end = from;
  while (end < text.length && !" \t\r\n/>".includes(text.charAt(end))) end += 1;
  const whole = text.slice(from, end);
  const name = whole.slice(whole.lastIndexOf(":") + 1);
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/.test(name)) return failed("xml-name", at, end - at, RULE);
  const behind = endOfTag(text, end);
  if (behind < 0) return failed("xml-open", at, 0, RULE);
  const isEmpty = !isClose && text.charAt(behind - 2) === "/";
  return parsed({ kind: isClose ? "close" : isEmpty ? "empty" : "open", name, content: "", end: behind });
}

/** Behind the `>` of a tag; one in a quoted value is none. */
function endOfTag(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === ">") return at + 1;
    if (character !== '"' && character !== "'") continue;
    at = text.indexOf(character, at + 1);
    if (at < 0) return -1;
  }
  return -1;
}

/** Text with its references resolved; what is none stays. */
function resolved(text: string): string {
  if (!text.includes("&")) return text;
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    const name = /^[#A-Za-z0-9]+;/.exec(text.slice(at + 1, at + 1 + REFERENCE_CHARACTERS_MAX))?.[0].slice(0, -1);
    const character = name === undefined ? undefined : (REFERENCES.get(name) ?? numbered(name));
    if (character === undefined) continue;
    pieces.push(text.slice(from, at), character);
    from = at + name!.length + 2;
  }
  return pieces.join("") + text.slice(from);
}

function numbered(name: string): string | undefined {
  const digits = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(name);
  if (digits === null) return undefined;
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const character = String.fromCodePoint(code);
  return character.search(FORBIDDEN) < 0 ? character : undefined;
}

/** Text as it stands in a document; characters that no document may have are left out. */
export function xmlText(text: string): string {
  return text
    .toWellFormed()
    .replace(FORBIDDEN, "")
    .replace(/[<>&\r]/g, odd => (odd === "<" ? "&lt;" : odd === ">" ? "&gt;" : odd === "&" ? "&amp;" : "&#13;"));
}

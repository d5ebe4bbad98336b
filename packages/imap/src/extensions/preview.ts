import { type Message, partsOf, partText } from "@scop/mime";
import type { FetchItem } from "../command.ts";
import type { Reader } from "../reader.ts";

/** RFC 8970 3.1 recommends at most 200 characters and allows 256. */
const PREVIEW_CHARACTERS_MAX = 200;
/** Characters of a text that are looked at: some begin with a long style sheet. */
const PREVIEW_TEXT_MAX = 65_536;
/** Elements whose content nobody reads. */
const HIDDEN = ["head", "script", "style", "title"];
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["apos", "'"],
  ["gt", ">"],
  ["lt", "<"],
  ["nbsp", " "],
  ["quot", '"'],
  ["zwnj", ""],
]);

/** RFC 8970 6: fetch-att =/ "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"]; `PREVIEW` was read. */
export function readPreviewItem(reader: Reader): FetchItem | undefined {
  if (!reader.word(" (")) return { item: "PREVIEW", lazy: "no" };
  if (!reader.word("LAZY)")) return reader.fail("preview-modifier-unknown", "RFC 8970 3.2");
  return { item: "PREVIEW", lazy: "yes" };
}

/** The beginning of what a message says, in one line, empty where it has no text. The message may be cut at its end. RFC 8970 3.1 */
export function previewOf(message: Message): string {
  for (const part of partsOf(message.root)) {
    const isHtml = part.mediaType === "text/html";
    if (!isHtml && part.mediaType !== "text/plain") continue;
    const text = (partText(message, part) ?? "").slice(0, PREVIEW_TEXT_MAX);
    const line = oneLine(isHtml ? visibleText(text) : text);
    if (line !== "") return line;
  }
  return "";
}

/** White space and invisible characters as one space, cut between characters. */
function oneLine(text: string): string {
  let line = "";
  let characters = 0;
  let gap = false;
  for (const character of text) {
    if (/\s|\p{C}|\u034f/u.test(character)) {
      gap = characters > 0;
      continue;
    }
    const room = PREVIEW_CHARACTERS_MAX - characters;
    if (room < (gap ? 2 : 1)) break;
    line += gap ? ` ${character}` : character;
    characters += gap ? 2 : 1;
    gap = false;
  }
  return line;
}

/** HTML without tags, comments and what is hidden: one pass, and no more of a parser than a line of text needs. */
function visibleText(html: string): string {
  const lower = html.replace(/[A-Z]+/g, letters => letters.toLowerCase());
  let text = "";
  let at = 0;
  // Each turn goes beyond a tag or leaves.
  while (at < html.length) {
    const open = html.indexOf("<", at);
    text += decodeEntities(html.slice(at, open < 0 ? html.length : open));
    const end = open < 0 ? -1 : endOfTag(lower, open);
    if (end < 0) break;
    text += " ";
    at = end;
  }
  return text;
}

/** Behind a tag or comment, or behind all of a hidden element; -1 where it has no end. */
function endOfTag(lower: string, open: number): number {
  if (lower.startsWith("<!--", open)) return behind(lower, "-->", open);
  const name = /^<([a-z]{0,10})/.exec(lower.slice(open, open + 12))?.[1] ?? "";
  if (!HIDDEN.includes(name)) return behind(lower, ">", open);
  const close = behind(lower, `</${name}`, open);
  return close < 0 ? -1 : behind(lower, ">", close);
}

function behind(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? -1 : at + wanted.length;
}

function decodeEntities(text: string): string {
  return text.replace(/&(#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z]{2,4});/g, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES.get(name) ?? whole;
    const code = /^#[xX]/.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
  });
}

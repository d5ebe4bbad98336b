import { isUtf8, latin1, tableText, utf8Lossy } from "@scop/wire";
import type { Charsets } from "./model.ts";
import { utf7 } from "./utf7.ts";

export type BuiltIn = "utf-8" | "us-ascii" | "windows-1252" | "utf-7";

/** Labels in lower case. ISO 8859-1 is read as windows-1252, which differs only where the former has controls: so say real mail and WHATWG. */
const builtIn: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["unicode-1-1-utf-8", "utf-8"],
  ["us-ascii", "us-ascii"],
  ["ascii", "us-ascii"],
  ["ansi_x3.4-1968", "us-ascii"],
  ["iso646-us", "us-ascii"],
  ["iso-8859-1", "windows-1252"],
  ["iso8859-1", "windows-1252"],
  ["iso_8859-1", "windows-1252"],
  ["latin1", "windows-1252"],
  ["latin-1", "windows-1252"],
  ["l1", "windows-1252"],
  ["windows-1252", "windows-1252"],
  ["cp1252", "windows-1252"],
  ["cp-1252", "windows-1252"],
  ["utf-7", "utf-7"],
  ["unicode-1-1-utf-7", "utf-7"],
]);

/** What windows-1252 has at 0x80 to 0x9f. The five octets that it leaves open are the controls of ISO 8859-1. */
const HIGH =
  "\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f" +
  "\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178";

/** The unit of each octet in windows-1252; made when text first needs it. */
let units1252: Uint16Array | undefined;

/** Units that are put together at once. */
const UNITS_MAX = 262_144;

/** `malformed-charset`: U+FFFD stands for what is malformed. `raw-8bit`: octets above 127 in US-ASCII, read as UTF-8. */
export type CharsetFault = "unknown-charset" | "malformed-charset" | "raw-8bit";

/** What became of octets in a charset: `text` is undefined where the charset is unknown. */
interface CharsetText {
  readonly text: string | undefined;
  readonly fault: CharsetFault | undefined;
}

/** What windows-1252 and ISO 8859-1 read differently. */
const SPECIAL = /[\u0080-\u009f]/;

function windows1252(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let from = start; from < end; from += UNITS_MAX)
    text += windows1252Piece(bytes, from, Math.min(end, from + UNITS_MAX));
  return text;
}

function windows1252Piece(bytes: Uint8Array, start: number, end: number): string {
  const text = latin1(bytes, start, end);
  if (!SPECIAL.test(text)) return text;
  units1252 ??= Uint16Array.from({ length: 256 }, (_, octet) => HIGH.charCodeAt(octet - 0x80) || octet);
  return tableText(bytes, units1252, start, end);
}

/** The built-in charset of this label (any case), if it is one. */
export function builtInOf(label: string): BuiltIn | undefined {
  return builtIn.get(label) ?? builtIn.get(label.toLowerCase());
}

/** Text of so many octets is not looked through: some engines copy it whole for that, since it was put together from pieces. */
const LONG_OCTETS = 65_536;

/**
 * Text of octets in a built-in charset. UTF-8 is decoded first and looked at then: U+FFFD in the text is either written there or
 * stands for what is malformed, and a text shorter than its octets has some above 127.
 */
export function builtInText(charset: BuiltIn, bytes: Uint8Array, start: number, end: number): CharsetText {
  if (charset === "windows-1252") return { text: windows1252(bytes, start, end), fault: undefined };
  if (charset === "utf-7") {
    const text = utf7(bytes, start, end);
    if (text === undefined) return { text: utf8Lossy(bytes, start, end), fault: "malformed-charset" };
    return { text, fault: undefined };
  }
  const text = utf8Lossy(bytes, start, end);
  const mayBeMalformed = end - start >= LONG_OCTETS || text.includes("\ufffd");
  if (mayBeMalformed && !isUtf8(bytes, start, end)) return { text, fault: "malformed-charset" };
  return { text, fault: charset === "us-ascii" && text.length !== end - start ? "raw-8bit" : undefined };
}

/** Text of octets in the charset of this label (any case). Built in: UTF-8, US-ASCII, ISO 8859-1, windows-1252, UTF-7. */
export function decodeCharset(
  label: string,
  bytes: Uint8Array,
  charsets: Charsets | undefined,
  start = 0,
  end: number = bytes.length,
): CharsetText {
  const known = builtInOf(label);
  if (known !== undefined) return builtInText(known, bytes, start, end);
  const text = charsets?.decode(label.toLowerCase(), bytes.subarray(start, end));
  if (text === undefined) return { text, fault: "unknown-charset" };
  return { text, fault: text.includes("\ufffd") ? "malformed-charset" : undefined };
}

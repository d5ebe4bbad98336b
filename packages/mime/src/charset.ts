import { findMalformedUtf8, isAscii, latin1, utf8Lossy } from "@scop/wire";
import type { Charsets } from "./model.ts";
import { utf7 } from "./utf7.ts";

type BuiltIn = "utf-8" | "us-ascii" | "windows-1252" | "utf-7";

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

/** What became of octets in a charset: `text` is undefined where the charset is unknown. */
interface CharsetText {
  readonly text: string | undefined;
  /** `malformed-charset`: U+FFFD stands for what is malformed. `raw-8bit`: octets above 127 in US-ASCII, read as UTF-8. */
  readonly fault: "unknown-charset" | "malformed-charset" | "raw-8bit" | undefined;
}

function windows1252(bytes: Uint8Array): string {
  const text = latin1(bytes);
  let decoded = "";
  let from = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const octet = bytes[at]!;
    if (octet < 0x80 || octet > 0x9f) continue;
    decoded += text.slice(from, at) + HIGH.charAt(octet - 0x80);
    from = at + 1;
  }
  return from === 0 ? text : decoded + text.slice(from);
}

/** Text of octets in the charset of this label (any case). Built in: UTF-8, US-ASCII, ISO 8859-1, windows-1252, UTF-7. */
export function decodeCharset(label: string, bytes: Uint8Array, charsets: Charsets | undefined): CharsetText {
  const lower = label.toLowerCase();
  const known = builtIn.get(lower);
  if (known === undefined) {
    const text = charsets?.decode(lower, bytes);
    return { text, fault: text === undefined ? "unknown-charset" : undefined };
  }
  if (known === "windows-1252") return { text: windows1252(bytes), fault: undefined };
  if (known === "utf-7") {
    const text = utf7(bytes);
    return text === undefined ? { text: utf8Lossy(bytes), fault: "malformed-charset" } : { text, fault: undefined };
  }
  if (isAscii(bytes)) return { text: latin1(bytes), fault: undefined };
  if (findMalformedUtf8(bytes) >= 0) return { text: utf8Lossy(bytes), fault: "malformed-charset" };
  return { text: utf8Lossy(bytes), fault: known === "us-ascii" ? "raw-8bit" : undefined };
}

import { failed, hexValue, type Parsed, parsed } from "@scop/wire";

/** xtext = *( xchar / hexchar ), hexchar = "+" two upper-case hex digits. RFC 3461 4 */
export function decodeXtext(text: string): Parsed<string> {
  let decoded = "";
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 33 || code > 126 || code === 61) return failed("xtext-character", at, 1, "RFC 3461 4");
    if (code !== 43) {
      decoded += text[at];
      continue;
    }
    const high = hexValue(text.charCodeAt(at + 1));
    const low = hexValue(text.charCodeAt(at + 2));
    if (high < 0 || low < 0) return failed("xtext-hex", at, 1, "RFC 3461 4");
    decoded += String.fromCharCode(high * 16 + low);
    at += 2;
  }
  return parsed(decoded);
}

/** The inverse, for text whose units are all below 256. RFC 3461 4 */
export function encodeXtext(text: string): string {
  return text.replace(/[^!-*,-<>-~]/g, character => {
    const digits = character.charCodeAt(0).toString(16).toUpperCase();
    return `+${digits.padStart(2, "0")}`;
  });
}

import { base64DecodeStrict, base64Values } from "./base64-pure.ts";
import { base64DecodeChecked } from "./byte-work.ts";
import { failed, type Parsed, parsed } from "./result.ts";

const PAD = 61;
/** Characters up to which one plain pass costs less than a check and the call of native code. */
const PLAIN_CHARACTERS_MAX = 1_024;

/**
 * Octets of base64, strictly: the alphabet of RFC 4648 4, a length that is a multiple of four, padding only at the end and with
 * zero bits beneath it. Offsets of the error count characters. Mail bodies, where junk is allowed, are read by `@scop/mime`.
 */
export function base64(text: string): Parsed<Uint8Array> {
  if (text.length <= PLAIN_CHARACTERS_MAX) {
    const bytes = base64DecodeStrict(text);
    if (bytes !== undefined) return parsed(bytes);
  }
  if (text.length % 4 !== 0) return failed("base64-length", text.length, 0, "RFC 4648 4");
  let symbols = text.length;
  while (symbols > text.length - 2 && symbols > 0 && text.charCodeAt(symbols - 1) === PAD) symbols -= 1;
  for (let index = 0; index < symbols; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127 || base64Values[code] === 255) return failed("base64-character", index, 1, "RFC 4648 3.3");
  }
  const last = symbols > 0 ? base64Values[text.charCodeAt(symbols - 1)]! : 0;
  const unused = text.length - symbols === 2 ? 15 : text.length - symbols === 1 ? 3 : 0;
  if ((last & unused) !== 0) return failed("base64-trailing-bits", symbols - 1, 1, "RFC 4648 3.5");
  return parsed(base64DecodeChecked(text));
}

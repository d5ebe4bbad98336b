import { base64Values } from "@scop/wire";

const PLUS = 43;
const HYPHEN = 45;
const NO_VALUE = 255;

/** Text of UTF-7 in `[start, end)`; undefined where it is malformed. Linear. RFC 2152 */
export function utf7(bytes: Uint8Array, start: number, end: number): string | undefined {
  const units: number[] = [];
  let at = start;
  while (at < end) {
    const octet = bytes[at]!;
    at += 1;
    if (octet > 127) return undefined;
    if (octet !== PLUS) {
      units.push(octet);
      continue;
    }
    if (at < end && bytes[at] === HYPHEN) {
      units.push(PLUS);
      at += 1;
      continue;
    }
    const behind = readShifted(bytes, at, end, units);
    if (behind < 0) return undefined;
    at = behind < end && bytes[behind] === HYPHEN ? behind + 1 : behind;
  }
  return textOfUnits(units);
}

/** Reads modified base64 of UTF-16 and answers where it ends; -1 where a unit is cut or set bits are left over. */
function readShifted(bytes: Uint8Array, start: number, end: number, units: number[]): number {
  let held = 0;
  let bits = 0;
  let at = start;
  for (; at < end && base64Values[bytes[at]!] !== NO_VALUE; at += 1) {
    held = ((held << 6) | base64Values[bytes[at]!]!) & 0x3fffff;
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    units.push((held >> bits) & 0xffff);
  }
  return at === start || bits >= 6 || (held & ((1 << bits) - 1)) !== 0 ? -1 : at;
}

/** Arguments per call: more overflow the stack of some engines. */
const UNITS_PER_CALL = 4096;

function textOfUnits(units: readonly number[]): string {
  let text = "";
  for (let at = 0; at < units.length; at += UNITS_PER_CALL) {
    text += String.fromCharCode(...units.slice(at, at + UNITS_PER_CALL));
  }
  return text;
}

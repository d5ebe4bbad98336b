import { base64Values, TextPieces, utf16 } from "@scop/wire";

const PLUS = 43;
const HYPHEN = 45;
const NO_VALUE = 255;

/** Units that are put together at once. */
const UNITS_MAX = 4096;

/** Units on their way to text. */
interface Output {
  readonly units: Uint16Array;
  readonly pieces: TextPieces;
  count: number;
}

function put(output: Output, unit: number): void {
  if (output.count === output.units.length) flush(output);
  output.units[output.count] = unit;
  output.count += 1;
}

function flush(output: Output): void {
  output.pieces.add(utf16(output.units, 0, output.count));
  output.count = 0;
}

/** Text of UTF-7 in `[start, end)`; undefined where it is malformed. Linear. RFC 2152 */
export function utf7(bytes: Uint8Array, start: number, end: number): string | undefined {
  const units = new Uint16Array(Math.min(UNITS_MAX, end - start + 1));
  const output: Output = { units, pieces: new TextPieces(), count: 0 };
  let at = start;
  while (at < end) {
    const octet = bytes[at]!;
    at += 1;
    if (octet > 127) return undefined;
    if (octet !== PLUS) {
      put(output, octet);
      continue;
    }
    if (at < end && bytes[at] === HYPHEN) {
      put(output, PLUS);
      at += 1;
      continue;
    }
    const behind = readShifted(bytes, at, end, output);
    if (behind < 0) return undefined;
    at = behind < end && bytes[behind] === HYPHEN ? behind + 1 : behind;
  }
  flush(output);
  const text = output.pieces.text();
  // Half of a surrogate pair is no character. RFC 2152
  return text.isWellFormed() ? text : undefined;
}

/** Reads modified base64 of UTF-16 and answers where it ends; -1 where a unit is cut or set bits are left over. */
function readShifted(bytes: Uint8Array, start: number, end: number, output: Output): number {
  let held = 0;
  let bits = 0;
  let at = start;
  for (; at < end && base64Values[bytes[at]!] !== NO_VALUE; at += 1) {
    held = ((held << 6) | base64Values[bytes[at]!]!) & 0x3fffff;
    bits += 6;
    if (bits < 16) continue;
    bits -= 16;
    put(output, (held >> bits) & 0xffff);
  }
  return at === start || bits >= 6 || (held & ((1 << bits) - 1)) !== 0 ? -1 : at;
}

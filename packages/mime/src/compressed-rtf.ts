import { latin1Bytes } from "@scop/wire";
import { littleEndian, readNumber } from "./tnef-reader.ts";

const COMPRESSED = 0x75465a4c;
const PLAIN = 0x414c454d;
const HEADER_OCTETS = 16;
const WINDOW_OCTETS = 4096;
/** Octets that one reference of two octets stands for at most: so much a hostile text grows. MS-OXRTFCP 2.1.3.1.5 */
const REFERENCE_OCTETS_MAX = 17;

/** What the window begins with. MS-OXRTFCP 2.1.3.1.2 */
const PRESET: Uint8Array = latin1Bytes(
  "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans " +
    "SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx",
);

/**
 * RTF out of its compressed form; undefined where it is none. It never has more octets than its header says, nor more than nine times
 * what came. MS-OXRTFCP 2.2
 */
export function decompressRtf(bytes: Uint8Array): Uint8Array | undefined {
  const reader = littleEndian(bytes);
  readNumber(reader, 4);
  const said = readNumber(reader, 4);
  const kind = readNumber(reader, 4);
  readNumber(reader, 4);
  if (reader.short) return undefined;
  if (kind === PLAIN) return bytes.subarray(HEADER_OCTETS, HEADER_OCTETS + said);
  if (kind !== COMPRESSED) return undefined;
  const most = Math.min(said, Math.ceil((bytes.length - HEADER_OCTETS) / 2) * REFERENCE_OCTETS_MAX);
  return expand(bytes, most);
}

/** Runs of eight tokens, each an octet or a reference into the last 4,096 octets. */
function expand(bytes: Uint8Array, most: number): Uint8Array {
  const output = new Uint8Array(most);
  const window = new Uint8Array(WINDOW_OCTETS);
  window.set(PRESET);
  let write = PRESET.length;
  let octets = 0;
  const put = (octet: number): void => {
    if (octets < most) output[octets] = octet;
    octets += 1;
    window[write] = octet;
    write = (write + 1) % WINDOW_OCTETS;
  };
  let at = HEADER_OCTETS;
  while (at < bytes.length && octets < most) {
    const flags = bytes[at]!;
    at += 1;
    for (let bit = 0; bit < 8 && at < bytes.length && octets < most; bit += 1) {
      if (((flags >> bit) & 1) === 0) {
        put(bytes[at]!);
        at += 1;
        continue;
      }
      const reference = (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
      at += 2;
      const from = reference >> 4;
      // A reference to where the next octet goes ends the text.
      if (from === write) return output.subarray(0, octets);
      for (let index = 0; index < (reference & 15) + 2; index += 1) put(window[(from + index) % WINDOW_OCTETS]!);
    }
  }
  return output.subarray(0, Math.min(octets, most));
}

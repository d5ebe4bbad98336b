import { TextDecoder } from "node:util";
import type { Charsets } from "@scop/mime";
import { isAscii, latin1, tableText } from "@scop/wire";

/** Characters of a label that are looked at; those of WHATWG have at most 19. */
const LABEL_CHARACTERS_MAX = 40;
/** Labels whose decoder, or whose absence, is kept. WHATWG names 228. */
const LABELS_MAX = 512;

/** Text of octets in one charset. */
type Decode = (bytes: Uint8Array) => string;

/** What the runtime has for each label that was asked for. Making a decoder costs more than decoding a field does. */
const decoders = new Map<string, Decode | undefined>();

/** Encodings of WHATWG that have one character an octet. */
const SINGLE_BYTE = /^(?:ibm866|iso-8859-|koi8-|macintosh|windows-|x-mac-cyrillic)/;

/** Looks octets up in a table, which takes half the time of the runtime's way for words, and less for the first text of a process. */
function decodeByTable(decoder: TextDecoder): Decode {
  const text = decoder.decode(Uint8Array.from({ length: 256 }, (_, octet) => octet));
  const table = Uint16Array.from({ length: 256 }, (_, octet) => text.charCodeAt(octet));
  return bytes => (isAscii(bytes) ? latin1(bytes) : tableText(bytes, table));
}

function decoderOf(label: string): Decode | undefined {
  try {
    const decoder = new TextDecoder(label, { ignoreBOM: true });
    return SINGLE_BYTE.test(decoder.encoding) ? decodeByTable(decoder) : bytes => decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The charsets that this runtime's TextDecoder knows: with full ICU, as Node is built, all that the Encoding Standard of WHATWG
 * names, by all their labels, but for those that it replaces (`iso-2022-kr`, `hz-gb-2312` and others), which are unknown. What
 * is malformed becomes U+FFFD.
 */
export const runtimeCharsets: Charsets = {
  decode: (label, bytes) => {
    if (label.length > LABEL_CHARACTERS_MAX) return undefined;
    let decode = decoders.get(label);
    if (decode === undefined && !decoders.has(label)) {
      decode = decoderOf(label);
      if (decoders.size < LABELS_MAX) decoders.set(label, decode);
    }
    return decode?.(bytes);
  },
};

import { isAscii, latin1, tableText } from "@scop/wire";
import type { Charsets } from "./model.ts";

/** Characters of a label that are looked at; those of WHATWG have at most 19. */
const LABEL_CHARACTERS_MAX = 40;
/** Labels whose decoder, or whose absence, is kept. WHATWG names 228. */
const LABELS_MAX = 512;

/** Text of octets in one charset. */
type Decode = (bytes: Uint8Array) => string;

/** What of a `TextDecoder` is used. */
interface Decoder {
  readonly encoding: string;
  decode(bytes: Uint8Array): string;
}

/** The class `TextDecoder`. */
type DecoderClass = new (label: string, options: { readonly ignoreBOM: boolean }) => Decoder;

/** Encodings of WHATWG that have one character an octet. */
const SINGLE_BYTE = /^(?:ibm866|iso-8859-|koi8-|macintosh|windows-|x-mac-cyrillic)/;

/** Looks octets up in a table, which takes half the time of the runtime's way for words, and less for the first text of a process. */
function decodeByTable(decoder: Decoder): Decode {
  const text = decoder.decode(Uint8Array.from({ length: 256 }, (_, octet) => octet));
  const table = Uint16Array.from({ length: 256 }, (_, octet) => text.charCodeAt(octet));
  return bytes => (isAscii(bytes) ? latin1(bytes) : tableText(bytes, table));
}

function decoderOf(TextDecoderClass: DecoderClass, label: string): Decode | undefined {
  try {
    const decoder = new TextDecoderClass(label, { ignoreBOM: true });
    return SINGLE_BYTE.test(decoder.encoding) ? decodeByTable(decoder) : bytes => decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The charsets that a runtime's `TextDecoder`, which is the argument, knows: in browsers, and in Node with full ICU, all that the Encoding
 * Standard of WHATWG names, by all their labels, but for those that it replaces (`iso-2022-kr`, `hz-gb-2312` and others), which are
 * unknown. What is malformed becomes U+FFFD. Keeps up to 512 decoders: making one costs more than decoding a field does.
 */
export function whatwgCharsets(TextDecoderClass: DecoderClass): Charsets {
  const decoders = new Map<string, Decode | undefined>();
  return {
    decode: (label, bytes) => {
      if (label.length > LABEL_CHARACTERS_MAX) return undefined;
      let decode = decoders.get(label);
      if (decode === undefined && !decoders.has(label)) {
        decode = decoderOf(TextDecoderClass, label);
        if (decoders.size < LABELS_MAX) decoders.set(label, decode);
      }
      return decode?.(bytes);
    },
  };
}

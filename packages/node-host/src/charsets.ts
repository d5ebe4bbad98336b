import { TextDecoder } from "node:util";
import type { Charsets } from "@scop/mime";

/** Characters of a label that are looked at; those of WHATWG have at most 19. */
const LABEL_CHARACTERS_MAX = 40;
/** Labels whose decoder, or whose absence, is kept. WHATWG names 228. */
const LABELS_MAX = 512;

/** What the runtime has for each label that was asked for. Making a decoder costs more than decoding a field does. */
const decoders = new Map<string, TextDecoder | undefined>();

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { ignoreBOM: true });
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
    let decoder = decoders.get(label);
    if (decoder === undefined && !decoders.has(label)) {
      decoder = decoderOf(label);
      if (decoders.size < LABELS_MAX) decoders.set(label, decoder);
    }
    return decoder?.decode(bytes);
  },
};

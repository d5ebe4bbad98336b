import type { Charsets } from "@scop/mime";

/** The charsets that this runtime knows by their WHATWG labels, beyond those that are built in. */
export const runtimeCharsets: Charsets = {
  decode: (label, bytes) => {
    try {
      return new TextDecoder(label).decode(bytes);
    } catch {
      return undefined;
    }
  },
};

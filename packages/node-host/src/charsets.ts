import { TextDecoder } from "node:util";
import { type Charsets, whatwgCharsets } from "@scop/mime";

/** The charsets of Node: all that WHATWG names and does not replace. */
export const runtimeCharsets: Charsets = whatwgCharsets(TextDecoder);

import { isUtf8, utf8Lossy } from "./byte-work.ts";
import { failed, type Parsed, parsed } from "./result.ts";
import { findMalformedUtf8 } from "./text-pure.ts";

/** Text of well-formed UTF-8; `malformed-utf8` with its place otherwise. RFC 3629 3 */
export function utf8(bytes: Uint8Array, start = 0, end: number = bytes.length): Parsed<string> {
  if (isUtf8(bytes, start, end)) return parsed(utf8Lossy(bytes, start, end));
  return failed("malformed-utf8", findMalformedUtf8(bytes, start, end), 1, "RFC 3629 3");
}

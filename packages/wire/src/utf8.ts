import { utf8Lossy } from "./byte-work.ts";
import { failed, type Parsed, parsed } from "./result.ts";
import { utf8Step } from "./text-pure.ts";

/** Where the first malformed sequence of UTF-8 begins, or -1 if there is none. RFC 3629 3 */
export function findMalformedUtf8(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  let at = start;
  while (at < end) {
    if (bytes[at]! < 0x80) {
      at += 1;
      continue;
    }
    const octets = utf8Step(bytes, at, end);
    if (octets < 0) return at;
    at += octets;
  }
  return -1;
}

/** Text of well-formed UTF-8; `malformed-utf8` with its place otherwise. RFC 3629 3 */
export function utf8(bytes: Uint8Array, start = 0, end: number = bytes.length): Parsed<string> {
  const malformed = findMalformedUtf8(bytes, start, end);
  if (malformed >= 0) return failed("malformed-utf8", malformed, 1, "RFC 3629 3");
  return parsed(utf8Lossy(bytes, start, end));
}

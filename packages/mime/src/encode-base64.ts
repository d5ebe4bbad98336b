import { base64Encode, concat, EMPTY, latin1Bytes } from "@scop/wire";
import { ENCODED_LINE_OCTETS } from "./limits.ts";

/** Octets that make one line of base64. */
const LINE_CONTENT_OCTETS = (ENCODED_LINE_OCTETS / 4) * 3;
/** Octets that are encoded at once: whole lines, about 48 KB. */
const BLOCK_OCTETS = LINE_CONTENT_OCTETS * 850;

/** Base64 of octets in lines of at most 76, each with its line end. RFC 2045 6.8 */
function base64Lines(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const text = base64Encode(bytes.subarray(start, end));
  let lines = "";
  for (let at = 0; at < text.length; at += ENCODED_LINE_OCTETS)
    lines += `${text.slice(at, at + ENCODED_LINE_OCTETS)}\r\n`;
  return latin1Bytes(lines);
}

/** Octets in any pieces as base64 in lines of 76; what was held back comes out at the end. It holds less than one line. */
export class Base64Lines {
  #held: Uint8Array = EMPTY;

  /** The whole lines so far, in blocks of at most 64 KB. */
  *write(bytes: Uint8Array): Generator<Uint8Array, void> {
    let at = 0;
    if (this.#held.length > 0) {
      at = Math.min(LINE_CONTENT_OCTETS - this.#held.length, bytes.length);
      this.#held = concat([this.#held, bytes.subarray(0, at)]);
      if (this.#held.length < LINE_CONTENT_OCTETS) return;
      yield base64Lines(this.#held, 0, LINE_CONTENT_OCTETS);
    }
    const whole = at + Math.floor((bytes.length - at) / LINE_CONTENT_OCTETS) * LINE_CONTENT_OCTETS;
    for (; at < whole; at += BLOCK_OCTETS) yield base64Lines(bytes, at, Math.min(at + BLOCK_OCTETS, whole));
    // A copy: the caller may use its bytes again.
    this.#held = bytes.slice(whole);
  }

  /** The last line, if it is not whole. */
  *end(): Generator<Uint8Array, void> {
    if (this.#held.length > 0) yield base64Lines(this.#held, 0, this.#held.length);
    this.#held = EMPTY;
  }
}

import { type BodyWork, pureBodyWork } from "@scop/dkim";

const TAB = 9;
const SPACE = 32;
/** Octets that are looked at before it is asked again where the next white space is. */
const STRIDE = 16_384;

const { indexOf } = Buffer.prototype;

/** Where an octet is at or after `from`; `end` if it is not before that. */
function next(bytes: Uint8Array, octet: number, from: number, end: number): number {
  const found = indexOf.call(bytes, octet, from);
  return found < 0 || found > end ? end : found;
}

/** The loops of `@scop/dkim` for bodies: base64 has no white space within its lines, and native code finds that out at once. */
export const nodeBodyWork: BodyWork = {
  findBlankChange(bytes, from, end) {
    if (end - from < STRIDE) return pureBodyWork.findBlankChange(bytes, from, end);
    let space = -1;
    let tab = -1;
    for (let at = from; at < end; ) {
      if (space < at) space = next(bytes, SPACE, at, end);
      if (tab < at) tab = next(bytes, TAB, at, end);
      at = Math.min(space, tab);
      // A space that a piece ends with is decided on with the next one.
      const stop = Math.min(end, at + STRIDE);
      const found = pureBodyWork.findBlankChange(bytes, at, stop);
      if (found < stop - 1 || stop === end) return found;
      at = found;
    }
    return end;
  },
};

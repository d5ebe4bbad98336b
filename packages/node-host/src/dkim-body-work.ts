import { type BodyWork, pureBodyWork } from "@scop/dkim";

const TAB = 9;
const SPACE = 32;
/** Octets that are looked at one after the other before native code is asked where the next white space is. */
const STRIDE = 16_384;
/** Octets that native code looks at in one call, so that what it looks at in vain is bounded. */
const WINDOW = 262_144;

const { indexOf } = Buffer.prototype;

/** Where white space is at or after `from`; where the window ends if there is none in it. */
function nextBlank(bytes: Uint8Array, from: number, end: number): number {
  const window = bytes.subarray(from, Math.min(end, from + WINDOW));
  const space = indexOf.call(window, SPACE);
  const before = space < 0 ? window : window.subarray(0, space);
  const tab = indexOf.call(before, TAB);
  return from + (tab < 0 ? before.length : tab);
}

/** The loops of `@scop/dkim` for bodies: base64 has no white space within its lines, and native code finds that out at once. */
export const nodeBodyWork: BodyWork = {
  findBlankChange(bytes, from, end) {
    for (let at = from; at < end; ) {
      const stop = Math.min(end, at + STRIDE);
      const found = pureBodyWork.findBlankChange(bytes, at, stop);
      // White space that a piece ends with is decided on with the octets behind it.
      if (found < stop - 1 || stop === end) return found;
      at = nextBlank(bytes, found, end);
    }
    return end;
  },
};

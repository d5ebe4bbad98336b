/**
 * The byte loops of bodies. Each has a default in plain ECMAScript; a host with native ones installs them once. Both answer equally, and
 * the tests of the host say so.
 */
export interface BodyWork {
  /**
   * The first octet from `from` on that the relaxed form does not keep as it is, or whose fate the octets up to `end` do not tell: a tab,
   * and a space before a space, a tab, CR or `end`. `end` where there is none. RFC 6376 3.4.4
   */
  findBlankChange(bytes: Uint8Array, from: number, end: number): number;
}

const TAB = 9;
const CR = 13;
const SPACE = 32;

function isChange(bytes: Uint8Array, at: number, end: number): boolean {
  const octet = bytes[at]!;
  if (octet === TAB) return true;
  if (octet !== SPACE) return false;
  if (at + 1 === end) return true;
  const next = bytes[at + 1]!;
  return next === SPACE || next === TAB || next === CR;
}

/** Whether the first octet of a number in memory is its lowest. */
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
/** Below so many octets a view of words costs more than it saves. */
const WORDS_MIN = 64;

/**
 * Eight octets at a time, from a place where words of memory begin. Of each word: which octets are at most a space (a borrow may mark one too
 * many, which the exact test then passes over), which of these have the bit of a space, and which may be tabs. A change is a tab, or a space
 * before one that is marked. Answers where such a pair of words begins.
 */
function skipWords(bytes: Uint8Array, from: number, end: number): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + from, (end - from) >> 2);
  const count = words.length & ~1;
  let carried = 0;
  for (let index = 0; index < count; index += 2) {
    const one = words[index]!;
    const two = words[index + 1]!;
    const lowOne = (one - 0x21212121) & ~one & 0x80808080;
    const lowTwo = (two - 0x21212121) & ~two & 0x80808080;
    const spacesOne = lowOne & (one << 2);
    const spacesTwo = lowTwo & (two << 2);
    const tabs = (lowOne & (one << 7) & ~(one << 5)) | (lowTwo & (two << 7) & ~(two << 5));
    const pairs = (((spacesOne << 8) | carried) & lowOne) | (((spacesTwo << 8) | (spacesOne >>> 24)) & lowTwo);
    if ((pairs | tabs) !== 0) return from + index * 4;
    carried = spacesTwo >>> 24;
  }
  return from + count * 4;
}

function findBlankChangePure(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    // At least twelve one by one, so that words that were marked in vain are left behind, and then up to where words begin.
    const stop = Math.min(end, at + 12 + (-(bytes.byteOffset + at) & 3));
    for (; at < stop; at += 1) if (isChange(bytes, at, end)) return at;
    // A space that the last word ends with is looked at again.
    if (isLittleEndian && end - at >= WORDS_MIN) at = Math.max(at, skipWords(bytes, at, end) - 1);
  }
  return end;
}

/** The default, for hosts that have nothing better and for tests that compare. */
export const pureBodyWork: BodyWork = { findBlankChange: findBlankChangePure };

let work: BodyWork = pureBodyWork;

/** Installs a host's native loops for the whole process. */
export function installBodyWork(native: BodyWork): void {
  work = native;
}

/** See `BodyWork.findBlankChange`. */
export function findBlankChange(bytes: Uint8Array, from: number, end: number): number {
  return work.findBlankChange(bytes, from, end);
}

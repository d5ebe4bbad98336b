import { base64Values } from "@scop/wire";
import { isFolding } from "./tag-list.ts";

const PAD = 61;
/** Symbols are decoded here and copied out: what is kept has the size it needs. */
let room = new Uint8Array(1024);

/**
 * The octets of base64 with folding white space anywhere, of which the padding may be left out; undefined for everything else, also where bits
 * beneath the padding are set. One pass. RFC 6376 2.10, RFC 4648 4
 */
export function decodeFolded(octets: Uint8Array, from: number, end: number): Uint8Array | undefined {
  if (room.length < end - from) room = new Uint8Array(end - from);
  let at = from;
  let written = 0;
  /** Symbols of a group that is not whole yet, and their bits. */
  let symbols = 0;
  let bits = 0;
  while (at < end) {
    if (symbols === 0) {
      const groups = decodeGroups(octets, at, end, written);
      at += groups * 4;
      written += groups * 3;
      if (at >= end) break;
    }
    const value = base64Values[octets[at]!]!;
    if (value <= 63) {
      bits = (bits << 6) | value;
      symbols += 1;
      if (symbols === 4) {
        room[written] = bits >> 16;
        room[written + 1] = bits >> 8;
        room[written + 2] = bits;
        written += 3;
        symbols = 0;
        bits = 0;
      }
    } else if (!isFolding(octets[at]!)) break;
    at += 1;
  }
  if (symbols === 1 || !isPadding(octets, at, end, symbols === 0 ? 0 : 4 - symbols)) return undefined;
  // RFC 4648 3.5: what the padding leaves over is zero.
  if ((bits & (symbols === 3 ? 3 : 15)) !== 0) return undefined;
  if (symbols >= 2) room[written] = symbols === 2 ? bits >> 4 : bits >> 10;
  if (symbols === 3) room[written + 1] = bits >> 2;
  return room.slice(0, written + Math.max(0, symbols - 1));
}

/** Decodes groups of four symbols that stand together, into the room; answers how many there were. */
function decodeGroups(octets: Uint8Array, from: number, end: number, written: number): number {
  const values = base64Values;
  const target = room;
  let at = from;
  for (let to = written; at + 4 <= end; at += 4, to += 3) {
    const first = values[octets[at]!]!;
    const second = values[octets[at + 1]!]!;
    const third = values[octets[at + 2]!]!;
    const fourth = values[octets[at + 3]!]!;
    if ((first | second | third | fourth) > 63) break;
    target[to] = (first << 2) | (second >> 4);
    target[to + 1] = (second << 4) | (third >> 2);
    target[to + 2] = (third << 6) | fourth;
  }
  return (at - from) / 4;
}

/** Whether nothing but white space and so many signs of padding at most are left. */
function isPadding(octets: Uint8Array, from: number, end: number, most: number): boolean {
  let signs = 0;
  for (let at = from; at < end; at += 1) {
    if (octets[at] === PAD) signs += 1;
    else if (!isFolding(octets[at]!)) return false;
  }
  return signs <= most;
}

import { EMPTY } from "@scop/wire";

/** Octets that are kept until more come. Room doubles, so that a header that comes octet by octet is copied twice at most. */
interface Kept {
  room: Uint8Array;
  octets: number;
}

export function nothingKept(): Kept {
  return { room: EMPTY, octets: 0 };
}

export function keep(kept: Kept, bytes: Uint8Array): void {
  const octets = kept.octets + bytes.length;
  if (octets > kept.room.length) {
    const room = new Uint8Array(Math.max(octets, kept.room.length * 2));
    room.set(kept.room.subarray(0, kept.octets));
    kept.room = room;
  }
  kept.room.set(bytes, kept.octets);
  kept.octets = octets;
}

import { type ByteWork, pureByteWork } from "@scop/wire";
import type { Native } from "./native.ts";

/** The byte loops of `@scop/wire` by those of the base. */
export function nativeByteWork(native: Native): ByteWork {
  return {
    ...pureByteWork,
    latin1Text: (bytes, start, end) => native.latin1(bytes, start, end),
    latin1Bytes: text => native.latin1Bytes(text),
    isAscii: (bytes, start, end) => native.isAscii(bytes, start, end),
    isUtf8: (bytes, start, end) => native.isUtf8(bytes, start, end),
    plainLines: (bytes, start, end, octetsMax) => native.plainLines(bytes, start, end, octetsMax),
    find: (bytes, needle, from) => native.find(bytes, needle, from),
  };
}

import { isAscii, isUtf8 } from "node:buffer";
import { type Base64Run, type ByteWork, pureByteWork } from "@scop/wire";

/** Below this many octets a plain loop is faster than the call into native code. */
const NATIVE_OCTETS_MIN = 10;
/** The same for octets of text, which native code writes into a byte string that has to be made first. */
const NATIVE_UNITS_MIN = 48;
/** The same for the question whether octets are ASCII, for which a view of them is made. */
const NATIVE_ASCII_MIN = 256;
/** Octets that a plain loop looks at first: behind one delimiter, much of what is looked for stands right there. */
const NATIVE_FIND_MIN = 4;
/** Octets of base64 below which the preparation costs more than the native loop saves. */
const BASE64_NATIVE_MIN = 128;
/** Octets of base64 that are decoded in one call: they stay in the cache, and the text of them is short-lived. */
const BASE64_CHUNK = 65_536;
/** Tries in vain, less those that were not, after which the plain loop has the rest: junk in every line must not cost many times. */
const BASE64_FAILURES_MAX = 16;

/** Methods of Buffer that Node's own `toString` and `write` end in. They take any Uint8Array, so that no Buffer is made for it. */
interface NativeSlices {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  ucs2Slice(this: Uint8Array, start: number, end: number): string;
  base64Write(this: Uint8Array, text: string, offset: number, length: number): number;
}

const { indexOf } = Buffer.prototype;
const { latin1Slice, utf8Slice, ucs2Slice, base64Write } = Buffer.prototype as unknown as Partial<NativeSlices>;

function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Node documents none of these: where one is missing, the documented way is taken.
const latin1Text: ByteWork["latin1Text"] =
  latin1Slice === undefined
    ? (bytes, start, end) => view(bytes).toString("latin1", start, end)
    : (bytes, start, end) => latin1Slice.call(bytes, start, end);
const utf8Text: ByteWork["utf8Text"] =
  utf8Slice === undefined
    ? (bytes, start, end) => view(bytes).toString("utf8", start, end)
    : (bytes, start, end) => utf8Slice.call(bytes, start, end);
/** Whether the octets of a number stand in memory as UTF-16LE has them. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const utf16Text: ByteWork["utf16Text"] =
  ucs2Slice === undefined || !isLittleEndian
    ? pureByteWork.utf16Text
    : (units, start, end) =>
        end - start < NATIVE_OCTETS_MIN
          ? pureByteWork.utf16Text(units, start, end)
          : ucs2Slice.call(new Uint8Array(units.buffer, units.byteOffset, units.byteLength), start * 2, end * 2);
const writeBase64: (output: Uint8Array, text: string, at: number, octets: number) => number =
  base64Write === undefined
    ? (output, text, at, octets) => view(output).write(text, at, octets, "base64")
    : (output, text, at, octets) => base64Write.call(output, text, at, octets);

/** Plain octets, without the pool behind small Buffers: what is kept does not hold on to its neighbours. */
function owned(text: string, encoding: "latin1" | "utf8"): Uint8Array {
  const bytes = new Uint8Array(encoding === "latin1" ? text.length : Buffer.byteLength(text, "utf8"));
  view(bytes).write(text, encoding);
  return bytes;
}

const LF = 10;
const CR = 13;
const PAD = 61;

/** Whole lines of base64 of one length and with one line end. */
interface Lines {
  /** Octets of a line with its end. */
  readonly stride: number;
  /** Octets of a line without its end, CRLF or LF. */
  readonly symbols: number;
  readonly count: number;
}

/** How many lines like the first begin at `at`, in one chunk; the last one is left out if it is padded. */
function uniformLines(bytes: Uint8Array, at: number, end: number): Lines {
  const stop = Math.min(end, at + BASE64_CHUNK);
  let behind = at;
  while (behind < stop && bytes[behind] !== LF) behind += 1;
  const stride = behind + 1 - at;
  const last = bytes[behind - 1] === CR ? CR : LF;
  const symbols = last === CR ? stride - 2 : stride - 1;
  if (behind === stop || symbols < 4 || symbols % 4 !== 0) return { stride, symbols, count: 0 };
  let count = 0;
  for (
    let end = behind;
    end < stop && bytes[end] === LF && bytes[at + count * stride + symbols] === last;
    end += stride
  )
    count += 1;
  if (count > 0 && bytes[at + (count - 1) * stride + symbols - 1] === PAD) count -= 1;
  return { stride, symbols, count };
}

/**
 * Decodes uniform lines natively; false where that is not exact. Node's decoder skips what is no base64 and stops at padding, so a
 * wrong count tells both; it takes `-` and `_` for symbols, so these are looked for.
 */
function decodeLines(
  bytes: Uint8Array,
  { stride, symbols, count }: Lines,
  output: Uint8Array,
  run: Base64Run,
): boolean {
  const stop = run.at + count * stride;
  const text = latin1Text(bytes, run.at, stop);
  if (text.includes("-") || text.includes("_")) return false;
  const octets = (count * symbols * 3) / 4;
  if (writeBase64(output, text, run.octets, octets) !== octets) return false;
  run.at = stop;
  run.octets += octets;
  return true;
}

function base64Groups(bytes: Uint8Array, end: number, output: Uint8Array, run: Base64Run): void {
  while (end - run.at >= BASE64_NATIVE_MIN && run.failures < BASE64_FAILURES_MAX) {
    const from = run.at;
    const lines = uniformLines(bytes, from, end);
    const isLong = lines.count * lines.stride >= BASE64_NATIVE_MIN;
    if (isLong && decodeLines(bytes, lines, output, run)) {
      run.failures = Math.max(0, run.failures - 1);
      continue;
    }
    run.failures += 1;
    // A line that is unlike the next ones, or a chunk with something else in it, is left to the plain loop.
    const stop = Math.min(end, from + (isLong ? BASE64_CHUNK : lines.stride));
    pureByteWork.base64Groups(bytes, stop, output, run);
    // A group may be cut by the end of the chunk. Anything longer is something else.
    if (stop - run.at > 3 || run.at === from) break;
  }
  pureByteWork.base64Groups(bytes, end, output, run);
}

function isAt(bytes: Uint8Array, needle: Uint8Array, at: number): boolean {
  for (let index = 0; index < needle.length; index += 1) if (bytes[at + index] !== needle[index]) return false;
  return true;
}

function find(bytes: Uint8Array, needle: Uint8Array, from: number): number {
  const first = needle[0]!;
  // One octet alone has a way into native code that costs little.
  if (needle.length === 1) return indexOf.call(bytes, first, from);
  const far = Math.min(from + NATIVE_FIND_MIN, bytes.length);
  for (let at = from; at < far; at += 1) if (bytes[at] === first && isAt(bytes, needle, at)) return at;
  return far === bytes.length ? -1 : indexOf.call(bytes, needle, far);
}

/** The byte loops of `@scop/wire` by Node's Buffer. `installByteWork(nodeByteWork)` is called once, at start. */
export const nodeByteWork: ByteWork = {
  latin1Text: (bytes, start, end) =>
    end - start < NATIVE_OCTETS_MIN ? pureByteWork.latin1Text(bytes, start, end) : latin1Text(bytes, start, end),
  latin1Bytes: text => (text.length < NATIVE_UNITS_MIN ? pureByteWork.latin1Bytes(text) : owned(text, "latin1")),
  utf8Text,
  utf16Text,
  utf8Bytes: text => (text.length < NATIVE_UNITS_MIN ? pureByteWork.utf8Bytes(text) : owned(text, "utf8")),
  find,
  isAscii: (bytes, start, end) =>
    end - start < NATIVE_ASCII_MIN ? pureByteWork.isAscii(bytes, start, end) : isAscii(bytes.subarray(start, end)),
  isUtf8: (bytes, start, end) =>
    end - start < NATIVE_ASCII_MIN ? pureByteWork.isUtf8(bytes, start, end) : isUtf8(bytes.subarray(start, end)),
  base64Encode: bytes => view(bytes).toString("base64"),
  base64Decode: text => {
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    const output = new Uint8Array((text.length / 4) * 3 - padding);
    writeBase64(output, text, 0, output.length);
    return output;
  },
  base64Groups,
};

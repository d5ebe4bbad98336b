import { type ByteWork, pureByteWork } from "./byte-work.ts";

/** What of a `TextDecoder` is used. */
interface Decoder {
  decode(bytes?: Uint8Array, options?: { readonly stream: boolean }): string;
}

/** The class `TextDecoder`. */
type DecoderClass = new (label: string, options: { readonly ignoreBOM: boolean; readonly fatal: boolean }) => Decoder;

/** What of a `TextEncoder` is used. */
interface Encoder {
  encode(text: string): Uint8Array;
}

/** To call out of the engine costs more than so few octets do. */
const OCTETS_MIN = 24;
/** To make a decoder that stops at what is malformed costs as much as looking through so many octets. */
const CHECKED_OCTETS_MIN = 4096;
/** Octets that are decoded at a time when only their form matters: the text is thrown away. */
const PIECE_OCTETS = 65_536;

function isUtf8(DecoderOf: DecoderClass, bytes: Uint8Array, start: number, end: number): boolean {
  const decoder = new DecoderOf("utf-8", { ignoreBOM: true, fatal: true });
  try {
    for (let at = start; at < end; at += PIECE_OCTETS)
      decoder.decode(bytes.subarray(at, Math.min(end, at + PIECE_OCTETS)), { stream: true });
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/**
 * The byte work of a runtime with the codecs of WHATWG's Encoding Standard (browsers and their workers, Deno, Bun), to be given to
 * `installByteWork`: UTF-8 by `TextDecoder` and `TextEncoder`, which are the arguments, all else as it is. Octets in a
 * `SharedArrayBuffer`, which browsers' decoders refuse, have to be copied before they are read.
 */
export function whatwgByteWork(DecoderOf: DecoderClass, EncoderOf: new () => Encoder): ByteWork {
  const decoder = new DecoderOf("utf-8", { ignoreBOM: true, fatal: false });
  const encoder = new EncoderOf();
  return {
    ...pureByteWork,
    utf8Text: (bytes, start, end) =>
      end - start < OCTETS_MIN ? pureByteWork.utf8Text(bytes, start, end) : decoder.decode(bytes.subarray(start, end)),
    utf8Bytes: text => (text.length < OCTETS_MIN ? pureByteWork.utf8Bytes(text) : encoder.encode(text)),
    isUtf8: (bytes, start, end) =>
      end - start < CHECKED_OCTETS_MIN ? pureByteWork.isUtf8(bytes, start, end) : isUtf8(DecoderOf, bytes, start, end),
  };
}

import { concat, find, isAscii, latin1Bytes } from "@scop/wire";
import { STREAM_START_OCTETS } from "./limits.ts";

/** A message to send: its octets with CRLF line ends, or how to open a stream of them, which is done once for each destination. */
export type OutgoingMessage = Uint8Array | (() => AsyncIterable<Uint8Array>);

/** A message and what the server has to be told about it before. */
export interface Content {
  readonly source: readonly Uint8Array[] | AsyncIterable<Uint8Array>;
  readonly size: number | undefined;
  /** `unknown`: it may have octets above 127 further on. RFC 6152 */
  readonly eightBit: "yes" | "no" | "unknown";
  /** Whether its header has. RFC 6531 */
  readonly utf8Header: "yes" | "no";
  /** Lets go of the source, read or not. */
  close(): Promise<void>;
}

/** What bytes say about themselves. */
export function contentOfBytes(bytes: Uint8Array): Content {
  const plain = isAscii(bytes, 0, bytes.length);
  const utf8Header = plain || isAscii(bytes, 0, headerEnd(bytes)) ? "no" : "yes";
  return { source: [bytes], size: bytes.length, eightBit: plain ? "no" : "yes", utf8Header, close: NOTHING };
}

const NOTHING = async (): Promise<void> => undefined;

/** Reads the start of a stream; a short one is told from bytes no more. Rejects as the stream does. */
export async function contentOfStream(stream: AsyncIterable<Uint8Array>): Promise<Content> {
  const pieces = stream[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  let octets = 0;
  while (octets < STREAM_START_OCTETS) {
    const next = await pieces.next();
    if (next.done === true) return contentOfBytes(concat(start));
    start.push(next.value);
    octets += next.value.length;
  }
  const bytes = concat(start);
  const { eightBit, utf8Header } = contentOfBytes(bytes);
  return {
    source: rest(bytes, pieces),
    size: undefined,
    eightBit: eightBit === "yes" ? "yes" : "unknown",
    utf8Header,
    close: async () => void (await pieces.return?.()),
  };
}

async function* rest(start: Uint8Array, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  yield start;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
}

const BLANK_LINE = latin1Bytes("\r\n\r\n");

function headerEnd(bytes: Uint8Array): number {
  const at = find(bytes, BLANK_LINE, 0);
  return at < 0 ? bytes.length : at;
}

/** The octets as they come, as long as they are US-ASCII: what follows can't be sent to a server without 8BITMIME. RFC 6152 3 */
export async function* asciiOnly(
  source: AsyncIterable<Uint8Array>,
  found: () => void,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const piece of source) {
    if (!isAscii(piece, 0, piece.length)) {
      found();
      throw new Error("an octet above 127");
    }
    yield piece;
  }
}

import { type Diagnostic, latin1Bytes, Octet } from "@scop/wire";
import { ONE_WRITE_OCTETS_MAX } from "./limits.ts";
import { LineFinder } from "./line-finder.ts";

/** Where in the message the next octet stands: the beginning of a line, within one, or after a CR. */
export type StuffingPosition = "start" | "inside" | "cr";

/** One piece of a message as DATA carries it. */
export interface Stuffed {
  readonly position: StuffingPosition;
  /** The octets, in order: parts of the piece itself, and dots between them. */
  readonly parts: readonly Uint8Array[];
  /** A bare CR or LF: nothing of this message may be sent. RFC 5321 2.3.8 */
  readonly error: Diagnostic | undefined;
}

const DOT = latin1Bytes(".");
const CRLF_DOT_CRLF = latin1Bytes("\r\n.\r\n");
const DOT_CRLF = latin1Bytes(".\r\n");

/**
 * Doubles the dot that begins a line. Nothing is copied; a piece without such a line comes back as it is. A bare CR or LF is an
 * error and never repaired, because what it means differs from server to server. RFC 5321 4.5.2
 */
export function stuff(from: StuffingPosition, bytes: Uint8Array): Stuffed {
  const finder = new LineFinder(bytes, 0, bytes.length);
  const parts: Uint8Array[] = [];
  let position = from;
  let at = 0;
  let kept = 0;
  while (at < bytes.length) {
    if (position === "cr") {
      if (bytes[at] !== Octet.lf) return refused("bare-cr", at);
      at += 1;
      position = "start";
      continue;
    }
    if (position === "start") {
      at = finder.plainLines(at, bytes.length);
      if (at === bytes.length) break;
    }
    if (position === "start" && bytes[at] === Octet.dot) {
      parts.push(bytes.subarray(kept, at), DOT);
      kept = at;
    }
    const cr = finder.cr(at);
    if (finder.lf(at) < cr) return refused("bare-lf", finder.lf(at));
    position = cr === bytes.length ? "inside" : "cr";
    at = Math.min(cr + 1, bytes.length);
  }
  parts.push(kept === 0 ? bytes : bytes.subarray(kept));
  return { position, parts: parts.filter(part => part.length > 0), error: undefined };
}

/** What ends DATA; undefined after a bare CR. A message that lacks its last CRLF gets it. RFC 5321 4.1.1.4 */
export function dataEnd(position: StuffingPosition): Uint8Array | undefined {
  if (position === "cr") return undefined;
  return position === "start" ? DOT_CRLF : CRLF_DOT_CRLF;
}

/** Doubles the dots of one message that comes in pieces. */
export class Stuffer {
  #position: StuffingPosition = "start";
  #fault: Diagnostic = { code: "bare-cr", offset: 0, length: 1, rule: "RFC 5321 2.3.8" };

  /** Why `add` or `end` had no answer; the offset counts within the piece. */
  get fault(): Diagnostic {
    return this.#fault;
  }

  /** The piece with its dots doubled, in parts of at most 64 KiB; undefined where it has a bare CR or LF. */
  add(piece: Uint8Array): readonly Uint8Array[] | undefined {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < piece.length; at += ONE_WRITE_OCTETS_MAX) {
      const block = piece.length <= ONE_WRITE_OCTETS_MAX ? piece : piece.subarray(at, at + ONE_WRITE_OCTETS_MAX);
      const stuffed = stuff(this.#position, block);
      if (stuffed.error !== undefined) {
        this.#fault = { ...stuffed.error, offset: stuffed.error.offset + at };
        return undefined;
      }
      this.#position = stuffed.position;
      for (const part of stuffed.parts) parts.push(part);
    }
    return parts;
  }

  /** What ends the message; undefined after a bare CR. */
  end(): Uint8Array | undefined {
    return dataEnd(this.#position);
  }
}

function refused(code: string, offset: number): Stuffed {
  return { position: "inside", parts: [], error: { code, offset, length: 1, rule: "RFC 5321 2.3.8" } };
}

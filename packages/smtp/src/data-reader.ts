import { concat, find, latin1Bytes, Octet } from "@scop/wire";
import { type LineFault, LineFinder } from "./line-finder.ts";
import type { ServerOptions } from "./server-state.ts";

/** Where in a message the next octet stands. */
type DataPosition =
  /** After CRLF, or at the very beginning. */
  | "start"
  /** Within a line. */
  | "inside"
  /** After a CR that the next octet has to make a CRLF. */
  | "cr"
  /** After a dot that began a line. */
  | "dot"
  /** After such a dot and a CR. */
  | "dot-cr";

/** How the reading of DATA goes on from one piece to the next. */
export interface DataReading {
  readonly position: DataPosition;
  /** Octets of the line so far. */
  readonly lineOctets: number;
}

/** What was found in one piece. */
interface DataPiece {
  readonly reading: DataReading;
  /** Where the octets after the final `.CRLF` begin, or -1 where the message goes on. */
  readonly end: number;
  /** The message with dots removed, without the final `.CRLF`. */
  readonly body: Uint8Array;
  /** The first fault of this piece. */
  readonly fault: LineFault | undefined;
}

/** At the beginning of DATA: the CRLF of the command counts as the end of a line. RFC 5321 4.1.1.4 */
export const dataStart: DataReading = { position: "start", lineOctets: 0 };

const END = latin1Bytes("\r\n.\r\n");

/**
 * Reads DATA from `start` to its end or the end of the octets: nothing but CRLF.CRLF ends it, whatever else is wrong. The first dot of
 * a line is removed. RFC 5321 4.5.2. `lineOctetsMax` bounds a line without its CRLF; 0 is no limit. An accepted NUL is no fault.
 */
export function readData(
  from: DataReading,
  bytes: Uint8Array,
  start: number,
  lineOctetsMax: number,
  nul: ServerOptions["nul"],
): DataPiece {
  // What follows the message is left alone, so that many small ones in one piece cost no more than a large one.
  const end = from.position === "start" && bytes[start] === Octet.dot ? -1 : find(bytes, END, start);
  const until = end < 0 ? bytes.length : end + END.length;
  const reader = new DataReader(from, bytes, start, until, lineOctetsMax);
  return reader.read(nul);
}

class DataReader {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #finder: LineFinder;
  readonly #lineOctetsMax: number;
  readonly #pieces: Uint8Array[] = [];
  #position: DataPosition;
  #lineOctets: number;
  #at = 0;
  #kept = 0;
  #fault: LineFault | undefined;
  #faultAt = Number.POSITIVE_INFINITY;

  constructor(from: DataReading, bytes: Uint8Array, start: number, until: number, lineOctetsMax: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#finder = new LineFinder(bytes, start, until);
    this.#lineOctetsMax = lineOctetsMax;
    this.#position = from.position;
    this.#lineOctets = from.lineOctets;
  }

  read(nul: ServerOptions["nul"]): DataPiece {
    const { length } = this.#finder;
    while (this.#at < length) {
      if (this.#position === "inside") this.#inside();
      else if (this.#position === "start") this.#lineStart();
      else if (this.#position === "dot") this.#afterDot();
      else if (this.#octet() !== Octet.lf) {
        this.#note("bare-cr", this.#at - 1);
        this.#position = "inside";
      } else {
        this.#at += 1;
        if (this.#position === "dot-cr") return this.#piece(this.#start + this.#at, nul);
        this.#position = "start";
      }
    }
    // The CR after a dot at the start of a line belongs to the end or is a fault: in neither case to the message.
    this.#keep(this.#position === "dot-cr" ? length - 1 : length);
    return this.#piece(-1, nul);
  }

  #octet(): number {
    return this.#bytes[this.#start + this.#at]!;
  }

  #lineStart(): void {
    this.#lineOctets = 0;
    this.#at = this.#finder.plainLines(this.#at, this.#lineOctetsMax || this.#finder.length);
    if (this.#at === this.#finder.length) return;
    if (this.#octet() !== Octet.dot) {
      this.#position = "inside";
      return;
    }
    this.#keep(this.#at);
    this.#at += 1;
    this.#kept = this.#at;
    this.#position = "dot";
  }

  #afterDot(): void {
    if (this.#octet() !== Octet.cr) {
      this.#position = "inside";
      return;
    }
    this.#at += 1;
    this.#position = "dot-cr";
  }

  /** Goes to the end of the line, or of the octets. */
  #inside(): void {
    const cr = this.#finder.cr(this.#at);
    const lf = this.#finder.lf(this.#at);
    const stop = Math.min(cr, lf);
    this.#lineOctets += stop - this.#at;
    const over = this.#lineOctets - this.#lineOctetsMax;
    if (this.#lineOctetsMax > 0 && over > 0) this.#note("long-line", stop - over);
    if (stop === this.#finder.length) {
      this.#at = stop;
      return;
    }
    this.#at = stop + 1;
    if (cr < lf) this.#position = "cr";
    else this.#note("bare-lf", stop);
  }

  #note(fault: LineFault, at: number): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    this.#faultAt = at;
  }

  #keep(until: number): void {
    if (until > this.#kept) this.#pieces.push(this.#bytes.subarray(this.#start + this.#kept, this.#start + until));
  }

  #piece(end: number, nul: ServerOptions["nul"]): DataPiece {
    const nulAt = nul === "accept" ? Number.POSITIVE_INFINITY : this.#finder.nul();
    return {
      reading: { position: this.#position, lineOctets: this.#lineOctets },
      end,
      body: concat(this.#pieces),
      fault: nulAt < Math.min(this.#faultAt, this.#at) ? "nul" : this.#fault,
    };
  }
}

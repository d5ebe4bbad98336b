import { findBlankChange } from "./body-work.ts";
import { BODY_PIECE_OCTETS } from "./limits.ts";
import type { Canonicalization } from "./signature.ts";

/** Takes octets of a canonical body in their order. They are used before it returns. */
type TakeOctets = (bytes: Uint8Array) => void;

/** Makes a body canonical as it goes by. What comes out does not depend on how it was cut. RFC 6376 3.4.3, 3.4.4 */
export interface BodyCanonicalizer {
  feed(bytes: Uint8Array): void;
  end(): void;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const LINE_END = Uint8Array.of(CR, LF);
const ONE_CR = Uint8Array.of(CR);
/** Line ends that were held back are given in pieces of so many. */
const LINE_ENDS = new Uint8Array(2 * 1024).map((_, at) => (at % 2 === 0 ? CR : LF));

/** Where the line ends begin that the octets up to `end` end with. */
function startOfLineEnds(bytes: Uint8Array, from: number, end: number): number {
  let at = end;
  while (at - from >= 2 && bytes[at - 1] === LF && bytes[at - 2] === CR) at -= 2;
  return at;
}

/** Holds back line ends until something follows them. RFC 6376 3.4.3: those at the end of the body are one. */
class EndStripper {
  readonly #take: TakeOctets;
  /** Line ends that were held back, and whether a CR was behind them. */
  #lineEnds = 0;
  #cr: "held" | "none" = "none";
  /** Whether anything was given. */
  #given: "something" | "nothing" = "nothing";

  constructor(take: TakeOctets) {
    this.#take = take;
  }

  feed(bytes: Uint8Array, from: number, end: number): void {
    let at = from;
    if (at === end) return;
    if (this.#cr === "held") {
      this.#cr = "none";
      if (bytes[at] === LF) {
        this.#lineEnds += 1;
        at += 1;
      } else this.#give(ONE_CR);
    }
    const whole = end > at && bytes[end - 1] === CR ? end - 1 : end;
    const dataEnd = startOfLineEnds(bytes, at, whole);
    if (dataEnd > at) this.#give(at === 0 && dataEnd === bytes.length ? bytes : bytes.subarray(at, dataEnd));
    this.#lineEnds += (whole - dataEnd) / 2;
    if (whole < end) this.#cr = "held";
  }

  /** Gives what the last line lacks: nothing is an empty line in the simple form, and stays nothing in the relaxed one. */
  end(form: Canonicalization): void {
    if (this.#cr === "held") this.#give(ONE_CR);
    if (form === "simple" || this.#given === "something") this.#take(LINE_END);
  }

  #give(bytes: Uint8Array): void {
    for (; this.#lineEnds > 0; ) {
      const count = Math.min(this.#lineEnds, LINE_ENDS.length / 2);
      this.#take(count === LINE_ENDS.length / 2 ? LINE_ENDS : LINE_ENDS.subarray(0, count * 2));
      this.#lineEnds -= count;
    }
    this.#take(bytes);
    this.#given = "something";
  }
}

/** A body in the simple form. */
class SimpleBody implements BodyCanonicalizer {
  readonly #ends: EndStripper;

  constructor(take: TakeOctets) {
    this.#ends = new EndStripper(take);
  }

  feed(bytes: Uint8Array): void {
    this.#ends.feed(bytes, 0, bytes.length);
  }

  end(): void {
    this.#ends.end("simple");
  }
}

/** Octets below which a run is copied and not given as it stands: a call into native code costs as much. */
const COPIED_MAX = 512;
/** Room for what is put together. All bodies share it: it is used before `feed` returns. */
const room = new Uint8Array(BODY_PIECE_OCTETS);

/** A body in the relaxed form: white space is one space within a line and nothing at its end. RFC 6376 3.4.4 */
class RelaxedBody implements BodyCanonicalizer {
  readonly #ends: EndStripper;
  /** White space that a line end may follow, and a CR behind it that a LF may follow. */
  #held: "nothing" | "space" | "space-cr" = "nothing";
  #octets = 0;

  constructor(take: TakeOctets) {
    this.#ends = new EndStripper(take);
  }

  feed(bytes: Uint8Array): void {
    const end = bytes.length;
    let at = this.#resume(bytes);
    while (at < end) {
      const change = findBlankChange(bytes, at, end);
      if (change > at) this.#keep(bytes, at, change);
      at = change < end ? this.#reduce(bytes, change) : end;
    }
    this.#flush();
  }

  end(): void {
    if (this.#held === "space-cr") {
      this.#put(SPACE);
      this.#put(CR);
      this.#flush();
    }
    this.#ends.end("relaxed");
  }

  /** What was held back meets what follows. Answers where to go on. */
  #resume(bytes: Uint8Array): number {
    if (this.#held === "nothing" || bytes.length === 0) return 0;
    if (this.#held === "space") return this.#reduce(bytes, 0);
    this.#held = "nothing";
    // The white space was at the end of a line, or before a CR that ends none.
    if (bytes[0] !== LF) this.#put(SPACE);
    this.#put(CR);
    return 0;
  }

  /** White space from `at` on, of which there is some, here or held back. Answers where it ends. */
  #reduce(bytes: Uint8Array, at: number): number {
    let behind = at;
    while (behind < bytes.length && (bytes[behind] === SPACE || bytes[behind] === TAB)) behind += 1;
    if (behind === bytes.length) {
      this.#held = "space";
      return behind;
    }
    this.#held = "nothing";
    if (bytes[behind] === CR) {
      if (behind + 1 === bytes.length) {
        this.#held = "space-cr";
        return behind + 1;
      }
      if (bytes[behind + 1] === LF) return behind;
    }
    this.#put(SPACE);
    return behind;
  }

  #keep(bytes: Uint8Array, from: number, end: number): void {
    const octets = end - from;
    if (octets > COPIED_MAX) {
      this.#flush();
      this.#ends.feed(bytes, from, end);
      return;
    }
    if (this.#octets + octets > room.length) this.#flush();
    let to = this.#octets;
    if (octets > 64) room.set(bytes.subarray(from, end), to);
    else for (let at = from; at < end; at += 1, to += 1) room[to] = bytes[at]!;
    this.#octets += octets;
  }

  #put(octet: number): void {
    if (this.#octets === room.length) this.#flush();
    room[this.#octets] = octet;
    this.#octets += 1;
  }

  #flush(): void {
    if (this.#octets > 0) this.#ends.feed(room, 0, this.#octets);
    this.#octets = 0;
  }
}

/** Gives the canonical octets of a body to `take`, piece by piece. It keeps no octets, whatever is fed. */
export function canonicalBody(form: Canonicalization, take: TakeOctets): BodyCanonicalizer {
  return form === "simple" ? new SimpleBody(take) : new RelaxedBody(take);
}

/**
 * The octets whose hash is that of the whole body, where they are a part of it as it stands; undefined where they have to be put
 * together. Most bodies are such: nothing is copied.
 */
export function canonicalPart(form: Canonicalization, body: Uint8Array): Uint8Array | undefined {
  if (form === "relaxed" && findBlankChange(body, 0, body.length) < body.length) return undefined;
  const dataEnd = startOfLineEnds(body, 0, body.length);
  if (dataEnd < body.length) return body.subarray(0, dataEnd === 0 && form === "relaxed" ? 0 : dataEnd + 2);
  return body.length === 0 && form === "relaxed" ? body : undefined;
}

import type { HeaderField, HeaderView } from "@scop/mime";
import { assert } from "@scop/wire";
import type { Canonicalization } from "./signature.ts";

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;

/** Room that is kept between messages; a larger header gets room of its own. */
const KEPT_OCTETS = 65_536;
let kept = new Uint8Array(4096);

/** What is signed, put together field by field. The octets are used before the next one begins. */
export class SignedHeader {
  readonly #form: Canonicalization;
  #room: Uint8Array;
  #octets = 0;

  constructor(form: Canonicalization) {
    this.#form = form;
    this.#room = kept;
  }

  /** A field and its line end. */
  add(bytes: Uint8Array, field: HeaderField): void {
    const end = endOfField(bytes, field);
    this.#write(bytes, field, end, end);
    const room = this.#room;
    room[this.#octets] = CR;
    room[this.#octets + 1] = LF;
    this.#octets += 2;
  }

  /**
   * The field of the signature itself: without the octets from `from` up to `end`, which are the value of its `b=`, and without its line
   * end. RFC 6376 3.7
   */
  addUnsigned(bytes: Uint8Array, field: HeaderField, from: number, end: number): void {
    assert(from >= field.valueOffset && end >= from && end <= field.offset + field.length, "b= is in its field");
    this.#write(bytes, field, from, end);
  }

  /** How many octets there are. */
  get length(): number {
    return this.#octets;
  }

  /** Forgets what came behind so many octets. */
  rewind(octets: number): void {
    assert(octets <= this.#octets, "what comes is not rewound to");
    this.#octets = octets;
  }

  /** All octets so far: a view that the next header overwrites. */
  octets(): Uint8Array {
    return this.#room.subarray(0, this.#octets);
  }

  #reserve(octets: number): void {
    const needed = this.#octets + octets;
    if (needed <= this.#room.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#room.length * 2));
    larger.set(this.octets());
    this.#room = larger;
    if (larger.length <= KEPT_OCTETS) kept = larger;
  }

  /** A field without its line end, and without the octets from `gap` up to `gapEnd`. */
  #write(bytes: Uint8Array, field: HeaderField, gap: number, gapEnd: number): void {
    this.#reserve(field.length + 2);
    const end = endOfField(bytes, field);
    if (this.#form === "relaxed") this.#name(bytes, field);
    else this.#copy(bytes, field.offset, Math.min(gap, end));
    if (this.#form === "relaxed") this.#value(bytes, field.valueOffset, end, gap, gapEnd);
    else this.#copy(bytes, gapEnd, end);
  }

  /** RFC 6376 3.4.1: as it stands. */
  #copy(bytes: Uint8Array, from: number, end: number): void {
    if (from >= end) return;
    this.#room.set(bytes.subarray(from, end), this.#octets);
    this.#octets += end - from;
  }

  /** RFC 6376 3.4.2: the name in lower case, no white space behind it. */
  #name(bytes: Uint8Array, field: HeaderField): void {
    const room = this.#room;
    let to = this.#octets;
    for (let at = field.offset; at < field.valueOffset - 1; at += 1) {
      const octet = bytes[at]!;
      if (octet === SPACE || octet === TAB) continue;
      room[to] = octet >= 65 && octet <= 90 ? octet + 32 : octet;
      to += 1;
    }
    room[to] = COLON;
    this.#octets = to + 1;
  }

  /** RFC 6376 3.4.2: the value on one line, white space in it as one space, none around it. */
  #value(bytes: Uint8Array, from: number, end: number, gap: number, gapEnd: number): void {
    const start = this.#octets;
    const blank = this.#piece(bytes, from, Math.min(gap, end), start, "none");
    if (gapEnd < end) this.#piece(bytes, gapEnd, end, start, blank);
  }

  /** A piece of the value that begins at `start` of the room. `blank`: whether there is white space before it; answers whether there is behind it. */
  #piece(bytes: Uint8Array, from: number, end: number, start: number, blank: "some" | "none"): "some" | "none" {
    const room = this.#room;
    let to = this.#octets;
    let isBlank = blank === "some";
    for (let at = from; at < end; ) {
      let octet = bytes[at]!;
      if (octet === SPACE || octet === TAB) {
        isBlank = true;
        at += 1;
      } else if (octet === CR && at + 1 < end && bytes[at + 1] === LF) at += 2;
      else {
        if (isBlank && to > start) {
          room[to] = SPACE;
          to += 1;
        }
        isBlank = false;
        // The rest of a word, whose first octet may be any.
        do {
          room[to] = octet;
          to += 1;
          at += 1;
          octet = at < end ? bytes[at]! : 0;
        } while (octet > SPACE);
      }
    }
    this.#octets = to;
    return isBlank ? "some" : "none";
  }
}

/** Where a field ends before its line end, which is CRLF. */
function endOfField(bytes: Uint8Array, field: HeaderField): number {
  const end = field.offset + field.length;
  return end - field.valueOffset >= 2 && bytes[end - 1] === LF && bytes[end - 2] === CR ? end - 2 : end;
}

/** The fields of one header by name, from the last one of each name upwards. RFC 6376 5.4.2 */
export class FieldsFromBelow {
  readonly #header: readonly HeaderField[];
  readonly #last = new Map<string, number>();
  /** Of each field the one of its name above it, or -1. */
  readonly #above: Int32Array;

  constructor({ header }: HeaderView) {
    this.#header = header;
    this.#above = new Int32Array(header.length);
    for (let index = 0; index < header.length; index += 1) {
      const name = header[index]!.lowerName;
      this.#above[index] = this.#last.get(name) ?? -1;
      this.#last.set(name, index);
    }
  }

  /**
   * The fields that a list of names stands for: each time a name occurs it stands for the next field of it from below, and for nothing
   * where there is none any more; `except` is the signature itself, which no name stands for. Linear in the names and fields.
   */
  select(names: readonly string[], except?: HeaderField): readonly HeaderField[] {
    const chosen: HeaderField[] = [];
    // Of each name, by its last field, the one that is next.
    const next = new Array<number | undefined>(this.#header.length);
    for (const name of names) {
      const last = this.#last.get(name);
      if (last === undefined) continue;
      let index = next[last] ?? last;
      if (index >= 0 && this.#header[index] === except) index = this.#above[index]!;
      if (index < 0) continue;
      chosen.push(this.#header[index]!);
      next[last] = this.#above[index]!;
    }
    return chosen;
  }

  /** How many fields of this name there are, up to `most`. */
  count(name: string, most: number): number {
    let count = 0;
    for (let index = this.#last.get(name) ?? -1; index >= 0 && count < most; index = this.#above[index]!) count += 1;
    return count;
  }
}

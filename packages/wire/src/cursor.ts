import { latin1 } from "./byte-work.ts";
import { isClass, lowerAscii } from "./chars.ts";

/** A reading position over one byte string. It never reads outside of `[start, end)`, and at the end `peek` answers -1. */
export class Cursor {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = Math.min(end, bytes.length);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The octet here, or -1 at the end. */
  peek(): number {
    return this.at < this.end ? this.bytes[this.at]! : -1;
  }

  /** The octet here, and moves on; -1 at the end. */
  next(): number {
    return this.at < this.end ? this.bytes[this.at++]! : -1;
  }

  /** Moves on if the octet here is this one. */
  take(octet: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== octet) return false;
    this.at += 1;
    return true;
  }

  /** Moves on if this ASCII text is here, in any case of its letters. */
  takeWord(word: string): boolean {
    if (this.end - this.at < word.length) return false;
    for (let index = 0; index < word.length; index += 1) {
      if (lowerAscii(this.bytes[this.at + index]!) !== lowerAscii(word.charCodeAt(index))) return false;
    }
    this.at += word.length;
    return true;
  }

  /** Moves over octets of the classes in `mask` and answers how many there were. */
  skip(mask: number): number {
    const from = this.at;
    while (this.at < this.end && isClass(this.bytes[this.at]!, mask)) this.at += 1;
    return this.at - from;
  }

  /** Moves over octets of the classes in `mask` and gives their text. */
  takeText(mask: number): string {
    const from = this.at;
    this.skip(mask);
    return latin1(this.bytes, from, this.at);
  }
}

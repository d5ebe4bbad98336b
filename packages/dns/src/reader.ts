import { EMPTY, failed, type Parsed } from "@scop/wire";
import { NAME_OCTETS_MAX } from "./limits.ts";
import { labelText, type Name } from "./name.ts";

/** Where in a message reading failed, and by which rule. */
interface ReadFault {
  readonly code: string;
  readonly offset: number;
  readonly rule: string;
}

/** Reads one message. The first fault stays; after it everything reads as zero, so that only the end of a structure has to look. */
export class Reader {
  readonly bytes: Uint8Array;
  at = 0;
  /** No number, string or name begins or goes on here or beyond, but for the target of a pointer. */
  end: number;
  fault: ReadFault | undefined;
  /** The names that began at an offset, so that one to which thousands point is put together once. */
  readonly #names = new Map<number, Name>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  refuse(code: string, rule: string, offset: number = this.at): void {
    this.fault ??= { code, offset, rule };
    this.at = this.end;
  }

  /** The fault as a parser answers it. */
  failure(): Parsed<never> {
    const { code, offset, rule } = this.fault!;
    return failed(code, offset, Math.max(0, this.bytes.length - offset), rule);
  }

  /** Reads a piece by itself, again if it was read already: a fault in it ends the piece alone. Stands after it then. */
  within<T>(from: number, octets: number, read: () => T): { readonly value: T; readonly fault: ReadFault | undefined } {
    const whole = this.end;
    this.at = from;
    this.end = from + octets;
    const value = read();
    const { fault } = this;
    this.fault = undefined;
    this.at = from + octets;
    this.end = whole;
    return { value, fault };
  }

  #has(octets: number): boolean {
    if (this.fault === undefined && this.end - this.at >= octets) return true;
    this.refuse("truncated", "RFC 1035 4.1");
    return false;
  }

  u8(): number {
    return this.#has(1) ? this.bytes[this.at++]! : 0;
  }

  u16(): number {
    return this.u8() * 256 + this.u8();
  }

  u32(): number {
    return this.u16() * 65_536 + this.u16();
  }

  /** So many octets, copied. */
  octets(count: number): Uint8Array {
    if (!this.#has(count)) return EMPTY;
    this.at += count;
    return this.bytes.slice(this.at - count, this.at);
  }

  /** What is left before the end, copied. */
  rest(): Uint8Array {
    return this.octets(this.end - this.at);
  }

  /** A string of at most 255 octets with its length before it. RFC 1035 3.3 */
  string(): Uint8Array {
    return this.octets(this.u8());
  }

  /** A name that may end in a pointer. RFC 1035 4.1.4 */
  name(): Name {
    const from = this.at;
    const name = this.#nameFrom("pointers");
    if (this.fault === undefined) this.#names.set(from, name);
    return name;
  }

  /** A name in types where no pointer is allowed. RFC 3597 4 */
  plainName(): Name {
    return this.#nameFrom("plain");
  }

  /** Each pointer leads below everything read for this name before, so that it ends whatever the octets are. */
  #nameFrom(form: "pointers" | "plain"): Name {
    const labels: string[] = [];
    let octets = 1;
    let lowest = this.at;
    let after = -1;
    let at = this.at;
    for (;;) {
      const bound = after < 0 ? this.end : this.bytes.length;
      const length = at < bound ? this.bytes[at]! : -1;
      if (length < 0) return this.#broken("truncated", "RFC 1035 4.1");
      if (length >= 0xc0) {
        if (form === "plain") return this.#broken("name-compressed", "RFC 3597 4", at);
        if (at + 1 >= bound) return this.#broken("truncated", "RFC 1035 4.1");
        const target = (length & 0x3f) * 256 + this.bytes[at + 1]!;
        if (after < 0) after = at + 2;
        const known = labels.length === 0 ? this.#names.get(target) : undefined;
        if (known !== undefined) return this.#moveTo(after, known);
        if (target >= lowest) return this.#broken("name-pointer", "RFC 1035 4.1.4", at);
        lowest = target;
        at = target;
        continue;
      }
      if (length > 63) return this.#broken("label-type", "RFC 6891 5", at);
      if (length === 0) return this.#moveTo(after < 0 ? at + 1 : after, labels.join(".") as Name);
      if (at + 1 + length > bound) return this.#broken("truncated", "RFC 1035 4.1");
      octets += length + 1;
      if (octets > NAME_OCTETS_MAX) return this.#broken("name-length", "RFC 1035 2.3.4", at);
      labels.push(labelText(this.bytes.subarray(at + 1, at + 1 + length)));
      at += length + 1;
    }
  }

  #moveTo(at: number, name: Name): Name {
    this.at = at;
    return name;
  }

  #broken(code: string, rule: string, offset: number = this.at): Name {
    this.refuse(code, rule, offset);
    return "" as Name;
  }
}

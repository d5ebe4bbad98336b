import { assert } from "@scop/wire";
import { MESSAGE_OCTETS_MAX } from "./limits.ts";
import { labelOctets, labelsOf, type Name } from "./name.ts";

/** What fourteen bits of a pointer reach. RFC 1035 4.1.4 */
const POINTER_MAX = 0x3fff;

/** Writes one message of at most 65,535 octets. What would not fit is a programmer's error. */
export class MessageWriter {
  #bytes = new Uint8Array(512);
  #octets = 0;
  /** Where the end of a name, spelled so, was written. */
  readonly #offsets = new Map<string, number>();

  #reserve(octets: number): number {
    const at = this.#octets;
    this.#octets += octets;
    assert(this.#octets <= MESSAGE_OCTETS_MAX, "a message has at most 65,535 octets");
    if (this.#octets > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#octets, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, "the number fits its octet");
    const at = this.#reserve(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, "the number fits two octets");
    return this.u8(value >> 8).u8(value & 0xff);
  }

  u32(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, "the number fits four octets");
    return this.u16(Math.floor(value / 65_536)).u16(value % 65_536);
  }

  bytes(bytes: Uint8Array): this {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A string of at most 255 octets with its length before it. RFC 1035 3.3 */
  string(bytes: Uint8Array): this {
    return this.u8(bytes.length).bytes(bytes);
  }

  /** A name, with a pointer in place of an ending that stands already, spelled alike to the letter. RFC 1035 4.1.4 */
  name(name: Name): this {
    return this.#labels(name, "pointers");
  }

  /** A name in types where no pointer is allowed. RFC 3597 4 */
  plainName(name: Name): this {
    return this.#labels(name, "plain");
  }

  /** What `write` writes, with its length in two octets before it. */
  withLength(write: () => void): this {
    const at = this.#reserve(2);
    write();
    const octets = this.#octets - at - 2;
    this.#bytes[at] = octets >> 8;
    this.#bytes[at + 1] = octets & 0xff;
    return this;
  }

  whole(): Uint8Array {
    return this.#bytes.slice(0, this.#octets);
  }

  #labels(name: Name, form: "pointers" | "plain"): this {
    const labels = labelsOf(name);
    for (const [index, label] of labels.entries()) {
      const ending = labels.slice(index).join(".");
      const known = form === "pointers" ? this.#offsets.get(ending) : undefined;
      if (known !== undefined) return this.u16(0xc000 | known);
      if (form === "pointers" && this.#octets <= POINTER_MAX) this.#offsets.set(ending, this.#octets);
      this.string(labelOctets(label));
    }
    return this.u8(0);
  }
}

import { latin1Bytes, utf8Bytes } from "./byte-work.ts";
import { concat } from "./bytes.ts";

/** Collects output: ASCII text is gathered in one string, byte strings are kept as they are and never copied before `chunks`. */
export class Writer {
  readonly #chunks: Uint8Array[] = [];
  #text = "";
  #octets = 0;

  /** Octets written so far. */
  get octets(): number {
    return this.#octets;
  }

  /** Text whose units are all below 256, one octet each. */
  ascii(text: string): this {
    this.#text += text;
    this.#octets += text.length;
    return this;
  }

  /** Text in UTF-8. */
  utf8(text: string): this {
    return this.bytes(utf8Bytes(text));
  }

  /** Octets, kept by reference: the caller leaves them unchanged. */
  bytes(bytes: Uint8Array): this {
    this.#flush();
    if (bytes.length > 0) this.#chunks.push(bytes);
    this.#octets += bytes.length;
    return this;
  }

  /** What was written, as a list of byte strings. */
  chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#chunks;
  }

  /** What was written, as one byte string. */
  whole(): Uint8Array {
    return concat(this.chunks());
  }

  #flush(): void {
    if (this.#text === "") return;
    this.#chunks.push(latin1Bytes(this.#text));
    this.#text = "";
  }
}

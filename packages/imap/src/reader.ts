import { type Diagnostic, latin1, lowerAscii, Octet } from "@scop/wire";
import type { Piece } from "./framer.ts";
import { MODSEQ_DIGITS_MAX, NUMBER_MAX } from "./limits.ts";
import { ImapClass, isImapClass } from "./syntax.ts";
import type { NameForm } from "./utf7.ts";

/** What `peek` answers where a literal is next. */
const LITERAL = 256;
const NO_BYTES = new Uint8Array(0);

/**
 * Reads the pieces of one command. Every `take…` answers undefined (or false) where what it looks for is not there. The first call of
 * `fail` is the diagnostic of the command.
 */
export class Reader {
  readonly #pieces: readonly Piece[];
  #index = 0;
  #bytes: Uint8Array;
  #at = 0;
  #before = 0;
  error: Diagnostic | undefined;

  /** How names of mailboxes are written in this command. */
  readonly names: NameForm;

  constructor(pieces: readonly Piece[], names: NameForm = "utf-7") {
    this.names = names;
    this.#pieces = pieces;
    this.#bytes = pieces[0]?.bytes ?? NO_BYTES;
  }

  /** Octets read of the command, those of literals counted without `{n}`. */
  get offset(): number {
    return this.#before + this.#at;
  }

  /** Whether the command is read to its end. */
  get done(): boolean {
    return this.peek() === -1;
  }

  /** The octet here, 256 for a literal, -1 at the end. */
  peek(): number {
    if (this.#at < this.#bytes.length) return this.#bytes[this.#at]!;
    return this.#pieces[this.#index + 1]?.kind === "literal" ? LITERAL : -1;
  }

  /** Notes what was expected here, unless something was noted before. Answers undefined, to be returned. */
  fail(code: string, rule = "RFC 3501 9"): undefined {
    this.error ??= { code, offset: this.offset, length: this.done ? 0 : 1, rule };
    return undefined;
  }

  /** Moves on if this octet is here. */
  take(octet: number): boolean {
    if (this.peek() !== octet) return false;
    this.#at += 1;
    return true;
  }

  /** A space, or `space` is noted. */
  space(): boolean {
    if (this.take(Octet.space)) return true;
    this.fail("space-expected");
    return false;
  }

  /** Text of octets of these classes, perhaps empty. */
  text(mask: number): string {
    const from = this.#at;
    while (this.#at < this.#bytes.length && isImapClass(this.#bytes[this.#at]!, mask)) this.#at += 1;
    return latin1(this.#bytes, from, this.#at);
  }

  /** Moves on if this ASCII text is here, in any case of its letters. */
  word(word: string): boolean {
    if (this.#bytes.length - this.#at < word.length) return false;
    for (let index = 0; index < word.length; index += 1) {
      if (lowerAscii(this.#bytes[this.#at + index]!) !== lowerAscii(word.charCodeAt(index))) return false;
    }
    this.#at += word.length;
    return true;
  }

  /** RFC 3501 9 number: an unsigned 32-bit integer. */
  number(): number | undefined {
    const from = this.#at;
    let value = 0;
    while (isImapClass(this.peek(), ImapClass.digit) && value <= NUMBER_MAX) {
      value = value * 10 + this.#bytes[this.#at]! - 48;
      this.#at += 1;
    }
    if (this.#at === from) return this.fail("number-expected");
    return value > NUMBER_MAX ? this.fail("number-too-large") : value;
  }

  /** RFC 3501 9 nz-number: it does not begin with 0; `code` is noted where it does. */
  positive(code = "number-expected", rule = "RFC 3501 9"): number | undefined {
    return this.peek() === 48 ? this.fail(code, rule) : this.number();
  }

  /** RFC 7162 7 mod-sequence-valzer: below 2^63. Those that no number here can be are larger than all that a mailbox has. */
  modSequence(): number | undefined {
    const digits = this.text(ImapClass.digit);
    if (digits === "" || digits.length > MODSEQ_DIGITS_MAX) return this.fail("mod-sequence-expected", "RFC 7162 7");
    return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
  }

  /** RFC 3501 9 string: quoted or literal, as octets; undefined without a note where neither is here. */
  string(): Uint8Array | undefined {
    if (this.peek() === LITERAL) return this.#literal();
    return this.peek() === Octet.quote ? this.#quoted() : undefined;
  }

  /** Octets of a string, or of text of these classes; `code` is noted where neither is here. */
  stringOr(mask: number, code: string): Uint8Array | undefined {
    const string = this.string();
    if (string !== undefined || this.error !== undefined) return string;
    const from = this.#at;
    this.text(mask);
    return this.#at === from ? this.fail(code) : this.#bytes.subarray(from, this.#at);
  }

  /** RFC 3501 9 astring, as octets. */
  astring(code: string): Uint8Array | undefined {
    return this.stringOr(ImapClass.astring, code);
  }

  #literal(): Uint8Array {
    const bytes = this.#pieces[this.#index + 1]!.bytes;
    this.#before += this.#bytes.length + bytes.length;
    this.#index += 2;
    this.#bytes = this.#pieces[this.#index]?.bytes ?? NO_BYTES;
    this.#at = 0;
    return bytes.includes(Octet.nul) ? (this.fail("nul-in-literal") ?? bytes) : bytes;
  }

  /** RFC 3501 9 quoted; octets above 127 are kept, for names and text that some clients send raw. */
  #quoted(): Uint8Array | undefined {
    this.#at += 1;
    const octets: number[] = [];
    for (;;) {
      const octet = this.peek();
      if (octet < 0 || octet === LITERAL) return this.fail("quote-expected");
      if (octet === Octet.nul || octet === Octet.cr) return this.fail("control-in-quoted");
      this.#at += 1;
      if (octet === Octet.quote) return Uint8Array.from(octets);
      if (octet !== Octet.backslash) {
        octets.push(octet);
        continue;
      }
      const escaped = this.peek();
      if (escaped !== Octet.quote && escaped !== Octet.backslash) return this.fail("quoted-escape");
      octets.push(escaped);
      this.#at += 1;
    }
  }
}

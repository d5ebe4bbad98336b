/** A value that does not print: not in logs, not in JSON, not in an error message. */
export class Secret {
  readonly #bytes: Uint8Array;

  /** Takes a copy, so that the caller may wipe its own. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.slice();
  }

  /** The octets themselves. Every call is a place to look at in a review. */
  reveal(): Uint8Array {
    return this.#bytes.slice();
  }

  /** Compares in a time that depends on the lengths only. */
  equals(other: Secret): boolean {
    return equalConstantTime(this.#bytes, other.#bytes);
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1) difference |= a[index]! ^ (b[index % b.length] ?? 0);
  return difference === 0;
}

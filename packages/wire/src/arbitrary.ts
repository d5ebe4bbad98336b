/** What is asked of the values of fast-check. */
export interface Mapped<A> {
  map(make: (octets: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>): A;
}

/** The part of the module fast-check that generators use; pass `fc` itself. */
export interface FastCheck<A> {
  uint8Array(constraints: {
    readonly minLength: number;
    readonly maxLength: number;
    /** `max`: lengths up to the limit; without it most are of ten octets and fewer. */
    readonly size?: "max";
  }): A;
}

/** Decisions out of octets, one after the other; the first possibility where there are no more, so that fewer octets are simpler values. */
export class Choices {
  readonly #octets: Uint8Array;
  #at = 0;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
  }

  /** A number below `count`, which is at most 256. */
  below(count: number): number {
    const octet = this.#octets[this.#at] ?? 0;
    this.#at += 1;
    return octet % count;
  }

  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  list<T>(max: number, make: () => T): readonly T[] {
    return Array.from({ length: this.below(max + 1) }, make);
  }

  maybe<T>(make: () => T): T | undefined {
    return this.below(2) === 0 ? undefined : make();
  }
}

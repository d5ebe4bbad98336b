/** A finding about input: what is wrong, where, and which rule says so. Text for people is made at the edge. */
export interface Diagnostic {
  /** Kebab-case name of the finding, stable across releases. */
  readonly code: string;
  /** Octets from the start of the input that was given. */
  readonly offset: number;
  /** Octets concerned; 0 where something is missing. */
  readonly length: number;
  /** The rule, as in `RFC 5322 2.3`. */
  readonly rule: string;
}

/** What every parser answers. Parsers do not throw on input. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly notes: readonly Diagnostic[] }
  | { readonly ok: false; readonly error: Diagnostic };

const NO_NOTES: readonly Diagnostic[] = Object.freeze([]);

/** A value that was read, with what was noticed on the way. */
export function parsed<T>(value: T, notes: readonly Diagnostic[] = NO_NOTES): Parsed<T> {
  return { ok: true, value, notes };
}

/** Input that could not be read. */
export function failed(code: string, offset: number, length: number, rule: string): Parsed<never> {
  return { ok: false, error: { code, offset, length, rule } };
}

/** One line for people: `bare-lf at 412 (RFC 5322 2.3)`. */
export function describe(diagnostic: Diagnostic): string {
  return `${diagnostic.code} at ${diagnostic.offset} (${diagnostic.rule})`;
}

import { deepEqual } from "node:assert/strict";
import type { Diagnostic } from "@scop/wire";

/** Throws where a property does not hold. */
export function check(holds: boolean, property: string): void {
  if (!holds) throw new Error(property);
}

/** Throws, with the difference, where two values are not the same all the way down. */
export function same(actual: unknown, expected: unknown, property: string): void {
  try {
    deepEqual(actual, expected);
  } catch (error) {
    throw new Error(`${property}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Octets as text, one character each. */
export function latin1(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString("latin1");
}

/** Octets as text: UTF-8, malformed octets as U+FFFD. */
export function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.length).toString("utf8");
}

/** The same octets in pieces whose lengths the octets themselves decide: many of one octet, some empty, some long. */
export function piecesOf(data: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let hash = data.length;
  for (let at = 0; at < data.length; ) {
    hash = (Math.imul(hash ^ data[at]!, 0x01000193) >>> 0) + at;
    const kind = (hash >>> 8) % 8;
    if (kind === 4) pieces.push(data.subarray(at, at));
    const length = kind < 5 ? 1 : 1 + ((hash >>> 16) % 40);
    pieces.push(data.subarray(at, at + length));
    at += length;
  }
  return pieces;
}

/** Every diagnostic lies within the input, and says its code and its rule. */
export function checkDiagnostics(found: readonly Diagnostic[], length: number): void {
  for (const { code, offset, length: octets, rule } of found) {
    check(code !== "" && rule !== "", "a diagnostic has a code and a rule");
    check(offset >= 0 && octets >= 0 && offset + octets <= length, `the diagnostic ${code} lies in the input`);
  }
}

/** No CR, LF or NUL: the text cannot become a line or a field of its own. */
export function checkOneLine(text: string, what: string): void {
  check(!/[\r\n\0]/.test(text), `${what} is one line`);
}

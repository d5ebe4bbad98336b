import type { Expectation } from "@scop/corpus";
import { PERMANENT } from "./dkim-case.ts";
import type { Signature } from "./signing.ts";

/** Ignored, or a permanent failure. RFC 6376 6.1.1 */
export const IGNORED: Expectation = { oneOf: [...PERMANENT, "none"].map(result => ({ result })) };
/** What the grammar leaves open, or what readers are free to take or not. */
export const OPEN: Expectation = { oneOf: ["pass", ...PERMANENT, "none"].map(result => ({ result })) };

export type Row = readonly [
  key: string,
  about: string,
  options: Partial<Signature>,
  expect: Expectation,
  spec: string,
  flag: string,
];

export const B = "b=\0";
export const LABEL = "a".repeat(63);

export function laid(layout: (tags: readonly string[]) => string): Partial<Signature> {
  return { layout };
}

export function withTag(text: string): Partial<Signature> {
  return laid(tags => ` ${[text, ...tags, B].join("; ")}`);
}

export function held(details: object): Expectation {
  return { result: "pass", details: [details] };
}

import type { DnsAnswer } from "@scop/platform";
import type { Lookup, Lookups } from "./lookups.ts";

/** What comes in. */
export type VerifyInput =
  | { readonly on: "answer"; readonly id: number; readonly answer: DnsAnswer<string> }
  /** The hashes of the body are known. */
  | { readonly on: "body" };

/** The verification of one message. */
export interface Verification<Effect> {
  /** What to do first. */
  readonly effects: readonly Effect[];
  take(input: VerifyInput): readonly Effect[];
}

/** Asks all questions at once, and reports when they are answered and the body is known. */
export function reportWhenKnown<Report>(lookups: Lookups, report: () => Report): Verification<Lookup | Report> {
  let isBodyKnown = false;
  return {
    effects: lookups.asked,
    take(input) {
      if (input.on === "answer") lookups.answer(input.id, input.answer);
      else isBodyKnown = true;
      return isBodyKnown && lookups.answered ? [report()] : [];
    },
  };
}

import type { DnsAnswer } from "@scop/platform";
import { assert } from "@scop/wire";
import { Check, type SpfQuery, type SpfQuestion } from "./check.ts";
import type { SpfVerdict } from "./verdict.ts";

/** What comes in: the answer to the question that is open. */
export interface SpfInput {
  readonly on: "answer";
  readonly id: number;
  readonly answer: DnsAnswer<string>;
}

/** What goes out: one question at a time, and in the end one report. */
export type SpfEffect =
  | ({ readonly do: "lookup"; readonly id: number } & SpfQuery)
  | { readonly do: "report"; readonly verdict: SpfVerdict };

/** A check under way. */
export interface SpfMachine {
  /** What to do first. */
  readonly effect: SpfEffect;
  /** Takes the answer to the last question; another id is a mistake of the program. */
  take(input: SpfInput): SpfEffect;
}

/**
 * Checks whether a host may send for a domain. At most 10 terms ask DNS, an `mx` or `ptr` of them for up to 10 names more; one question is
 * open at a time. Never throws on what DNS or the sender say: malformed records are a permerror with the place. RFC 7208 4
 */
export function openSpfCheck(question: SpfQuestion): SpfMachine {
  const checking = new Check(question).verdict();
  let asked = 0;
  const effectOf = (step: IteratorResult<SpfQuery, SpfVerdict>): SpfEffect => {
    if (step.done === true) return { do: "report", verdict: step.value };
    asked += 1;
    return { do: "lookup", id: asked, ...step.value };
  };
  return {
    effect: effectOf(checking.next()),
    take: ({ id, answer }) => {
      assert(id === asked, "an answer is to the question that is open");
      return effectOf(checking.next(answer));
    },
  };
}

import { checkMessage, parseMessage } from "@scop/mime";
import { runtimeCharsets } from "@scop/node-host/charsets";
import type { Answer } from "../../bench/differences/answer.ts";
import { type Difference, differencesOf } from "../../bench/differences/compare.ts";
import { ourAnswer } from "../../bench/differences/ours.ts";
import { ruleOf } from "../../bench/differences/rules.ts";

/** One way in which a rival reads otherwise than we do. */
export interface Disagreement {
  readonly difference: Difference;
  /** What kind of difference it is, without its values. */
  readonly shape: string;
  /** The rule of reading that decides it, if there is one. */
  readonly rule: string | undefined;
}

/** All disagreements about a message. */
export function disagreements(bytes: Uint8Array, theirs: Answer): readonly Disagreement[] {
  const ours = ourAnswer(bytes);
  return differencesOf(ours, theirs).map(difference => ({
    difference,
    shape: shapeOf(difference),
    rule: ruleOf(bytes, ours, theirs, difference)?.rule,
  }));
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, "");
}

function shapeOf({ aspect, ours, theirs }: Difference): string {
  if (aspect === "answer") return `refused: ${theirs.replace(/\d+/g, "#").slice(0, 60)}`;
  const [own, other] = [letters(ours), letters(theirs)];
  const isNothing = (text: string): boolean => text === "" || text === "none";
  if (isNothing(theirs)) return "they have none";
  if (isNothing(ours)) return "we have none";
  if (own === other) return "other marks";
  if (own.startsWith(other)) return "we have more at the end";
  if (other.startsWith(own)) return "they have more at the end";
  if (own.includes(other)) return "we have more";
  if (other.includes(own)) return "they have more";
  return "another text";
}

/** What tells clusters apart: who, what, how, and all that is malformed in the shortest input, if it could be made shorter. */
export function signatureOf(
  rival: string,
  { difference, shape }: Disagreement,
  shortest: Uint8Array | undefined,
): string {
  if (shortest === undefined) return [rival, difference.aspect, shape].join(" | ");
  const found = checkMessage(parseMessage(shortest), { charsets: runtimeCharsets }).map(({ code }) => code);
  const codes = [...new Set(found)].filter(code => !USUAL.has(code)).sort();
  return [rival, difference.aspect, shape, codes.join("+") || "well-formed"].join(" | ");
}

/** What the shortest inputs all lack: fields that a message has to have. */
const USUAL: ReadonlySet<string> = new Set([
  "from-missing",
  "date-missing",
  "header-missing",
  "final-line-end-missing",
]);

const CHECKS_MAX = 250;

/** A shorter input for which `holds` still is true: lines, then ever smaller runs of octets are left out. At most 250 questions. */
export async function shortened(input: Uint8Array, holds: (data: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let best = input;
  let checks = 0;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = best.length - size; at > -size && checks < CHECKS_MAX; at -= size) {
      const from = Math.max(0, at);
      const shorter = Buffer.concat([best.subarray(0, from), best.subarray(at + size)]);
      checks += 1;
      if (await holds(shorter)) best = shorter;
    }
  }
  return best;
}

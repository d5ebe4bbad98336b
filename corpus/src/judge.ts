import type { CorpusCase, Expectation, JsonObject } from "./case.ts";

/** What an implementation says of one case. `reported`: what it accepted and has something to say against. */
export interface Answer {
  readonly outcome: "accept" | "reject" | "unsupported";
  readonly value?: JsonObject;
  readonly reported?: readonly string[];
  readonly reason?: string;
}

/**
 * `pass`: what the rule asks for. `tolerant`: only what a tolerant reader may do. `unsupported` is no fault. The last three are of the process.
 */
export type Verdict = "pass" | "tolerant" | "fail" | "unsupported" | "crash" | "timeout" | "garbage";

/** A verdict with its reason; the reason is empty for a pass. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
}

const SHOWN_CHARACTERS_MAX = 160;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An address without the quotes of its local part, which say nothing of whose it is. */
function unquoted(address: string): string {
  const [, local, domain] = /^"(.*)"(@[^"]*)$/s.exec(address) ?? [];
  return local === undefined ? address : local.replace(/\\(.)/gs, "$1") + domain;
}

/** The first place where a value is not what was expected; undefined where it is. */
function difference(expected: unknown, found: unknown, at: string): string | undefined {
  if (expected === null && (found === undefined || found === null)) return undefined;
  if (Array.isArray(expected) && Array.isArray(found)) {
    if (expected.length !== found.length) return `${at} has ${found.length} for ${expected.length}: ${shown(found)}`;
    for (const [index, item] of expected.entries()) {
      const fault = difference(item, found[index], `${at}[${index}]`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  if (isObject(expected) && isObject(found)) {
    for (const [name, field] of Object.entries(expected)) {
      const fault = difference(field, Object.hasOwn(found, name) ? found[name] : undefined, `${at}.${name}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  if (at.endsWith(".address") && typeof found === "string" && unquoted(found) === expected) return undefined;
  return Object.is(expected, found) ? undefined : `${at} is ${shown(found)} for ${shown(expected)}`;
}

/** An expectation without the fields that the implementation does not offer; undefined where none is left. */
function offered(expected: Expectation, fields: readonly string[]): Expectation | undefined {
  const kept = Object.entries(expected).filter(([name]) => fields.includes(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** What an answer lacks: nothing, a sentence, or `unsupported`. */
function lack(expected: Expectation, answer: Answer, fields: readonly string[]): string | undefined {
  if ("reject" in expected) {
    if (answer.outcome === "reject" || (answer.reported?.length ?? 0) > 0) return undefined;
    return `accepted for ${shown(expected["reject"])}: ${shown(answer.value)}`;
  }
  const choices = Array.isArray(expected["oneOf"]) ? (expected["oneOf"] as readonly Expectation[]) : [expected];
  if (answer.outcome === "reject") return `rejected: ${answer.reason ?? "no reason was given"}`;
  let first: string | undefined;
  for (const choice of choices) {
    const wanted = offered(choice, fields);
    if (wanted === undefined) return "unsupported";
    const fault = difference(wanted, answer.value ?? {}, "value");
    if (fault === undefined) return undefined;
    first ??= fault;
  }
  return first;
}

/**
 * Judges one answer. `fields` are those of the value that the implementation offers for this operation: only they are compared, and where none
 * of the expected ones is among them, the case is unsupported.
 */
export function judge(of: CorpusCase, answer: Answer, fields: readonly string[]): Judgement {
  if (answer.outcome === "unsupported") return { verdict: "unsupported", why: answer.reason ?? "" };
  const { strict, lenient } = of.expect;
  if (of.result === "acceptable" && answer.outcome === "reject") return { verdict: "pass", why: "" };
  const strictly = strict === undefined ? "no strict answer is known" : lack(strict, answer, fields);
  if (strictly === undefined) return { verdict: "pass", why: "" };
  const leniently = lenient === undefined ? strictly : lack(lenient, answer, fields);
  if (leniently === undefined) {
    return of.result === "acceptable" ? { verdict: "pass", why: "" } : { verdict: "tolerant", why: strictly };
  }
  if (strictly === "unsupported" || leniently === "unsupported") {
    return { verdict: "unsupported", why: "no field that is compared is offered" };
  }
  return { verdict: "fail", why: strict === undefined ? leniently : strictly };
}

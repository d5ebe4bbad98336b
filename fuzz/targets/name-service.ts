import type { CheckMachine, DnsQuestion } from "@scop/dns/check";
import type { DnsAnswer } from "@scop/platform";

/** Answers of a small zone, at once. */
export type Answers = (question: DnsQuestion) => DnsAnswer<string>;

/** Questions of one check: more are a fault of it. Ten terms of SPF with ten names each, and as many records again. */
const QUESTIONS_MAX = 250;

/**
 * A zone from lines of `name TYPE value`; a value of `TIMEOUT` or `BOGUS` is that failure, and what is no such line is passed over. Names of
 * hosts by address stand at `PTR` of the address.
 */
export function answersOf(lines: string): Answers {
  const found = new Map<string, string[]>();
  const names = new Set<string>();
  for (const line of lines.split("\n")) {
    const [name, type, ...value] = line.split(" ");
    if (name === undefined || type === undefined || value.length === 0) continue;
    const key = `${type} ${name.toLowerCase()}`;
    names.add(name.toLowerCase());
    found.set(key, [...(found.get(key) ?? []), value.join(" ")]);
  }
  return question => {
    const name = (question.type === "PTR" ? question.address : question.name).toLowerCase();
    const records = found.get(`${question.type} ${name}`) ?? [];
    if (records.includes("TIMEOUT")) return { found: "failure", kind: "temporary", detail: "no answer" };
    if (records.includes("BOGUS")) return { found: "failure", kind: "bogus", detail: "forged" };
    if (records.length > 0) return { found: "records", records, authentic: false };
    return names.has(name) ? { found: "no-data", authentic: false } : { found: "no-name", authentic: false };
  };
}

/** What a check comes to, and after how many questions. Throws where they do not end. */
export function finish<Verdict>(
  machine: CheckMachine<Verdict>,
  answers: Answers,
): { readonly verdict: Verdict; readonly questions: number } {
  let { effect } = machine;
  for (let questions = 0; questions <= QUESTIONS_MAX; questions++) {
    if (effect.do === "report") return { verdict: effect.verdict, questions };
    effect = machine.take({ on: "answer", id: effect.id, answer: answers(effect) });
  }
  throw new Error("a check asks without end");
}

import type { Dns, DnsAnswer, IpText } from "@scop/platform";
import { assert } from "@scop/wire";

/** A question of a check. The answer to `MX` has the names of the exchangers alone, that to `PTR` the names of the address. */
export type DnsQuestion =
  | { readonly type: "TXT" | "A" | "AAAA" | "MX"; readonly name: string }
  | { readonly type: "PTR"; readonly address: IpText };

/** A check as a generator: it yields a question, goes on with the answer and returns a verdict. */
export type DnsCheck<Verdict> = Generator<DnsQuestion, Verdict, DnsAnswer<string>>;

/** What goes out of a machine: one question at a time, and in the end one report. */
export type CheckEffect<Verdict> =
  | ({ readonly do: "lookup"; readonly id: number } & DnsQuestion)
  | { readonly do: "report"; readonly verdict: Verdict };

/** What comes in: the answer to the question that is open. */
export interface CheckInput {
  readonly on: "answer";
  readonly id: number;
  readonly answer: DnsAnswer<string>;
}

/** A check under way. */
export interface CheckMachine<Verdict> {
  /** What to do first. */
  readonly effect: CheckEffect<Verdict>;
  /** Takes the answer to the last question; another id is a mistake of the program. */
  take(input: CheckInput): CheckEffect<Verdict>;
}

/** A machine from a check, which has not begun. */
export function openCheck<Verdict>(check: DnsCheck<Verdict>): CheckMachine<Verdict> {
  let asked = 0;
  const effectOf = (step: IteratorResult<DnsQuestion, Verdict>): CheckEffect<Verdict> => {
    if (step.done === true) return { do: "report", verdict: step.value };
    asked += 1;
    const question = step.value;
    return question.type === "PTR"
      ? { do: "lookup", id: asked, type: question.type, address: question.address }
      : { do: "lookup", id: asked, type: question.type, name: question.name };
  };
  return {
    effect: effectOf(check.next()),
    take: ({ id, answer }) => {
      assert(id === asked, "an answer is to the question that is open");
      return effectOf(check.next(answer));
    },
  };
}

/** Asks the questions of a machine one after the other, until it reports. Never rejects. */
export async function runCheck<Verdict>(dns: Dns, machine: CheckMachine<Verdict>): Promise<Verdict> {
  let { effect } = machine;
  while (effect.do === "lookup") {
    const { id } = effect;
    effect = machine.take({ on: "answer", id, answer: await answerTo(dns, effect) });
  }
  return effect.verdict;
}

function answerTo(dns: Dns, question: DnsQuestion): Promise<DnsAnswer<string>> {
  switch (question.type) {
    case "TXT":
      return dns.txt(nameText(question.name));
    case "A":
      return dns.a(nameText(question.name));
    case "AAAA":
      return dns.aaaa(nameText(question.name));
    case "PTR":
      return dns.ptr(question.address);
    case "MX":
      return exchangersOf(dns, nameText(question.name));
  }
}

async function exchangersOf(dns: Dns, domain: string): Promise<DnsAnswer<string>> {
  const answer = await dns.mx(domain);
  return answer.found === "records" ? { ...answer, records: answer.records.map(record => record.exchange) } : answer;
}

/** A name as `Dns` takes it: what policies and senders make up may have spaces and backslashes. RFC 1035 5.1 */
function nameText(name: string): string {
  return /[ \\]/.test(name) ? name.replace(/[ \\]/g, odd => (odd === " " ? "\\032" : "\\\\")) : name;
}

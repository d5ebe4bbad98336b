import type { Dns, DnsAnswer, IpText, Timer, Timers } from "@scop/platform";
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
    return { do: "lookup", id: asked, ...step.value };
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

async function answerTo(dns: Dns, question: DnsQuestion): Promise<DnsAnswer<string>> {
  switch (question.type) {
    case "TXT":
      return dns.txt(nameText(question.name));
    case "A":
      return dns.a(nameText(question.name));
    case "AAAA":
      return dns.aaaa(nameText(question.name));
    case "PTR":
      return dns.ptr(question.address);
    case "MX": {
      const answer = await dns.mx(nameText(question.name));
      return answer.found === "records"
        ? { ...answer, records: answer.records.map(record => record.exchange) }
        : answer;
    }
  }
}

/** A name as `Dns` takes it: what policies and senders make up may have spaces and backslashes. RFC 1035 5.1 */
function nameText(name: string): string {
  return /[ \\]/.test(name) ? name.replace(/[ \\]/g, odd => (odd === " " ? "\\032" : "\\\\")) : name;
}

/** What one message may ask of DNS. */
export interface DnsBudget {
  readonly questionsMax: number;
  /** From the first question to the last answer. */
  readonly withinMs: number;
}

function over(detail: string): DnsAnswer<never> {
  return { found: "failure", kind: "temporary", detail };
}

/**
 * Look-ups of which so many may be made, in so much time; those beyond fail for now, so that no message costs more than its budget. `end` is
 * called when nothing more is asked. The answers to one name are asked for once.
 */
export function budgetedDns(
  io: { readonly dns: Dns; readonly timers: Timers },
  { questionsMax, withinMs }: DnsBudget,
): { readonly dns: Dns; end(): void } {
  const { dns } = io;
  const late = Promise.withResolvers<DnsAnswer<never>>();
  let timer: Timer | undefined;
  let left = questionsMax;
  let isLate = false;
  const begin = (): void => {
    timer ??= io.timers.set(withinMs, () => {
      isLate = true;
      late.resolve(over("the answers to the questions about the message take too long"));
    });
  };
  const counted = <Asked extends string, T>(
    ask: (asked: Asked) => Promise<DnsAnswer<T>>,
    cost = 1,
  ): ((asked: Asked) => Promise<DnsAnswer<T>>) => {
    const known = new Map<Asked, Promise<DnsAnswer<T>>>();
    return asked => {
      const before = known.get(asked);
      if (before !== undefined) return before;
      if (isLate) return late.promise;
      if (left < cost) return Promise.resolve(over("the message has asked for more than it may"));
      left -= cost;
      begin();
      const answer = Promise.race([ask(asked), late.promise]);
      known.set(asked, answer);
      return answer;
    };
  };
  return {
    dns: {
      mx: counted((name: string) => dns.mx(name)),
      addresses: counted((name: string) => dns.addresses(name), 2),
      a: counted((name: string) => dns.a(name)),
      aaaa: counted((name: string) => dns.aaaa(name)),
      txt: counted((name: string) => dns.txt(name)),
      ptr: counted((address: IpText) => dns.ptr(address)),
      cname: counted((name: string) => dns.cname(name)),
      tlsa: counted((name: string) => dns.tlsa(name)),
    },
    end: () => timer?.clear(),
  };
}

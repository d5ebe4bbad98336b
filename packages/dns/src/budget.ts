import type { Dns, DnsAnswer, Platform } from "@scop/platform";

/** What one task may ask, whatever a message makes it look up. */
export interface DnsBudget {
  readonly questionsMax: number;
  /** From the first question to the last answer. */
  readonly timeMsMax: number;
}

function refused(detail: string): DnsAnswer<never> {
  return { found: "failure", kind: "temporary", detail };
}

/**
 * Look-ups that count: `addresses` is two questions, every other one. What is beyond the budget is not asked, and what is not answered in
 * time is a temporary failure.
 */
export function withBudget(io: Pick<Platform, "clock" | "timers">, dns: Dns, budget: DnsBudget): Dns {
  let left = budget.questionsMax;
  let until: number | undefined;
  const inTime = async <T>(questions: number, ask: () => Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> => {
    const now = io.clock.monotonic();
    until ??= now + budget.timeMsMax;
    if (left < questions) return refused(`more than ${budget.questionsMax} questions`);
    if (now >= until) return refused(`more than ${budget.timeMsMax} ms`);
    left -= questions;
    const end = until - now;
    return new Promise(resolve => {
      const timer = io.timers.set(end, () => resolve(refused(`more than ${budget.timeMsMax} ms`)));
      void ask().then(answer => {
        timer.clear();
        resolve(answer);
      });
    });
  };
  return {
    mx: domain => inTime(1, () => dns.mx(domain)),
    addresses: host => inTime(2, () => dns.addresses(host)),
    a: name => inTime(1, () => dns.a(name)),
    aaaa: name => inTime(1, () => dns.aaaa(name)),
    txt: name => inTime(1, () => dns.txt(name)),
    ptr: address => inTime(1, () => dns.ptr(address)),
    tlsa: name => inTime(1, () => dns.tlsa(name)),
  };
}

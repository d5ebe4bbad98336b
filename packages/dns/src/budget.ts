import type { Dns, DnsAnswer, Platform } from "@scop/platform";
import { budgetedDns } from "./check.ts";

/** What one task may ask, whatever a message makes it look up. */
export interface DnsBudget {
  readonly questionsMax: number;
  /** From the first question to the last answer. */
  readonly timeMsMax: number;
}

/**
 * Look-ups that count as those of `budgetedDns` do, and end in time: what is not answered then is a temporary failure.
 */
export function withBudget(io: Pick<Platform, "clock" | "timers">, dns: Dns, budget: DnsBudget): Dns {
  const counted = budgetedDns(dns, budget.questionsMax);
  const late: DnsAnswer<never> = {
    found: "failure",
    kind: "temporary",
    detail: `no answer within ${budget.timeMsMax} ms`,
  };
  let until: number | undefined;
  const inTime = <Asked, T>(
    ask: (asked: Asked) => Promise<DnsAnswer<T>>,
  ): ((asked: Asked) => Promise<DnsAnswer<T>>) => {
    return asked => {
      const now = io.clock.monotonic();
      until ??= now + budget.timeMsMax;
      if (now >= until) return Promise.resolve(late);
      const leftMs = until - now;
      return new Promise(resolve => {
        const timer = io.timers.set(leftMs, () => resolve(late));
        void ask(asked).then(answer => {
          timer.clear();
          resolve(answer);
        });
      });
    };
  };
  return {
    mx: inTime(counted.mx),
    addresses: inTime(counted.addresses),
    a: inTime(counted.a),
    aaaa: inTime(counted.aaaa),
    txt: inTime(counted.txt),
    ptr: inTime(counted.ptr),
    cname: inTime(counted.cname),
    tlsa: inTime(counted.tlsa),
  };
}

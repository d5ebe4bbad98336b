import type { Dns, DnsAnswer, IpText, Platform, Timer } from "@scop/platform";

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
 * Look-ups of which so many may be made, in so much time; those beyond, and what is not answered then, are temporary failures. Equal questions
 * are asked once, and `addresses` costs as two.
 */
export function withBudget(io: Pick<Platform, "clock" | "timers">, dns: Dns, budget: DnsBudget): Dns {
  const late = refused(`no answer within ${budget.timeMsMax} ms`);
  let left = budget.questionsMax;
  let until: number | undefined;
  // All questions end at the same time, so that one timer does.
  const waiting = new Set<() => void>();
  let timer: Timer | undefined;
  const expire = (): void => {
    timer = undefined;
    for (const give of waiting) give();
    waiting.clear();
  };
  const inTime = <T>(ask: () => Promise<DnsAnswer<T>>): Promise<DnsAnswer<T>> => {
    const now = io.clock.monotonic();
    until ??= now + budget.timeMsMax;
    const leftMs = until - now;
    if (leftMs <= 0) return Promise.resolve(late);
    return new Promise(resolve => {
      const give = (): void => resolve(late);
      waiting.add(give);
      timer ??= io.timers.set(leftMs, expire);
      void ask().then(answer => {
        resolve(answer);
        waiting.delete(give);
        if (waiting.size > 0) return;
        timer?.clear();
        timer = undefined;
      });
    });
  };
  const counted = <Asked extends string, T>(
    ask: (asked: Asked) => Promise<DnsAnswer<T>>,
    cost = 1,
  ): ((asked: Asked) => Promise<DnsAnswer<T>>) => {
    // Most messages ask for few types.
    let known: Map<Asked, Promise<DnsAnswer<T>>> | undefined;
    return asked => {
      const before = known?.get(asked);
      if (before !== undefined) return before;
      if (left < cost) return Promise.resolve(refused("more was asked for than one task may"));
      left -= cost;
      const answer = inTime(() => ask(asked));
      known ??= new Map();
      known.set(asked, answer);
      return answer;
    };
  };
  return {
    mx: counted((name: string) => dns.mx(name)),
    addresses: counted((name: string) => dns.addresses(name), 2),
    a: counted((name: string) => dns.a(name)),
    aaaa: counted((name: string) => dns.aaaa(name)),
    txt: counted((name: string) => dns.txt(name)),
    ptr: counted((address: IpText) => dns.ptr(address)),
    cname: counted((name: string) => dns.cname(name)),
    srv: counted((name: string) => dns.srv(name)),
    tlsa: counted((name: string) => dns.tlsa(name)),
  };
}

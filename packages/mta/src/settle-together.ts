import type { Platform, Timer } from "@scop/platform";
import { SETTLE_WITHIN_MS, SETTLED_TOGETHER_MAX } from "./limits.ts";
import { type Ended, type Settling, settle } from "./settle.ts";

interface Waiting {
  readonly settling: Settling;
  readonly ended: readonly Ended[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Ends the leases of items of all workers, about which nothing is reported, with few transactions. */
export interface SettleTogether {
  /** Resolves when the items are settled: soon, or at `flush`. */
  add(settling: Settling, ended: readonly Ended[]): Promise<void>;
  /** Settles what waits now. */
  flush(): void;
}

/**
 * What is delivered within `SETTLE_WITHIN_MS` is settled in one transaction: nobody waits for it, and a commit for each message is what delivery
 * would cost most. After a crash what was delivered in that time is sent again, as it is when our record of it is lost (RFC 5321 6.1).
 */
export function settleTogether(timers: Platform["timers"]): SettleTogether {
  let waiting: Waiting[] = [];
  let items = 0;
  let timer: Timer | undefined;
  const flush = (): void => {
    timer?.clear();
    timer = undefined;
    const taken = waiting;
    waiting = [];
    items = 0;
    if (taken.length > 0) void settleAll(taken);
  };
  return {
    add: (settling, ended) =>
      new Promise((resolve, reject) => {
        waiting.push({ settling, ended, resolve, reject });
        items += ended.length;
        if (items >= SETTLED_TOGETHER_MAX) flush();
        else timer ??= timers.set(SETTLE_WITHIN_MS, flush);
      }),
    flush,
  };
}

async function settleAll(taken: readonly Waiting[]): Promise<void> {
  try {
    await settle(
      taken[0]!.settling,
      taken.flatMap(each => each.ended),
    );
    for (const each of taken) each.resolve();
  } catch (error) {
    for (const each of taken) each.reject(error);
  }
}

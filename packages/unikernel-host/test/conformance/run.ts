import type { Connection } from "@scop/platform";
import type { HostIo, There } from "./check.ts";
import { LOCAL_CHECKS } from "./local-checks.ts";
import { NETWORK_CHECKS } from "./network-checks.ts";

/** What a check may take, in milliseconds: no host is so slow. */
const CHECK_MS_MAX = 20_000;

/** All that is promised of a host. */
const CHECKS = [...LOCAL_CHECKS, ...NETWORK_CHECKS];

/** Runs all checks, one after the other, and tells of each as TAP does: the plan, then a line for each. Rejects never. */
export async function conform(
  io: HostIo,
  there: There,
  accept: () => Promise<Connection>,
  say: (line: string) => void,
): Promise<void> {
  say("TAP version 14");
  say(`1..${CHECKS.length}`);
  for (const [at, { name, run }] of CHECKS.entries()) {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = io.timers.set(CHECK_MS_MAX, () => reject(new Error(`not over after ${CHECK_MS_MAX} ms`)));
    try {
      await Promise.race([(async () => run(io, there, accept))(), late]);
      say(`ok ${at + 1} - ${name}`);
    } catch (error) {
      say(`not ok ${at + 1} - ${name}`);
      say(`# ${error instanceof Error ? error.message : String(error)}`);
    }
    timer.clear();
  }
}

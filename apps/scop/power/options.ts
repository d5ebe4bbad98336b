import { parseArgs } from "node:util";
import { wholeNumber } from "../crash/options.ts";
import type { ServerName } from "../crash/servers.ts";

/** What the command line asks for. */
export interface PowerOptions {
  readonly server: ServerName;
  readonly rounds: number;
  readonly clients: number;
  readonly synchronous: "FULL" | "NORMAL";
  readonly seed: number;
  readonly result: string | undefined;
}

/** The help text. */
export const USAGE: string = `npm run power -- --rounds N [--server scop] [--synchronous FULL] [--clients 20] [--seed S] [--result FILE]

Cuts the power under load N times, taking turns between ext4 and xfs on loop devices, and checks that everything that was acknowledged
is there: the file system is shut down without its log being flushed, unmounted and mounted again. Needs root.
  --rounds N       how often
  --server S       scop, or postfix-dovecot for comparison (Debian's packages)
  --synchronous S  FULL, or NORMAL for our server to show that the check can fail: it loses mail
  --clients N      connections at a time
  --seed S         repeats the choices of an earlier run, though not its timing
  --result FILE    where the figures go; results/power-TIME.json unless given

Example: npm run power -- --rounds 4
The last line is the verdict; exit status 0 held, 1 lost something, 2 wrong use.`;

/** Reads the arguments; a string is what is wrong with them. */
export function readOptions(args: readonly string[]): PowerOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        server: { type: "string", default: "scop" },
        rounds: { type: "string" },
        clients: { type: "string", default: "20" },
        synchronous: { type: "string", default: "FULL" },
        seed: { type: "string", default: String(Date.now() % 2 ** 31) },
        result: { type: "string" },
      },
    });
    const { server, synchronous, result } = values;
    const rounds = wholeNumber(values.rounds, 1, 10_000);
    const clients = wholeNumber(values.clients, 1, 400);
    const seed = wholeNumber(values.seed, 0, 2 ** 32 - 1);
    if (server !== "scop" && server !== "postfix-dovecot") return "--server takes scop or postfix-dovecot";
    if (synchronous !== "FULL" && synchronous !== "NORMAL") return "--synchronous takes FULL or NORMAL";
    if (rounds === undefined) return "--rounds takes a number, 1 or more";
    if (clients === undefined) return "--clients takes a number from 1 to 400";
    if (seed === undefined) return "--seed takes a number below 2^32";
    return { server, rounds, clients, synchronous, seed, result };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

import { parseArgs } from "node:util";
import type { ServerName } from "./servers.ts";

/** What the command line asks for. */
export interface CrashOptions {
  readonly server: ServerName;
  readonly kills: number;
  readonly clients: number;
  /** Random kills wait until there are as many, in proportion. */
  readonly messages: number;
  readonly seed: number;
  /** A folder to use again, or undefined for a temporary one. */
  readonly data: string | undefined;
  /** Whether a temporary folder stays. */
  readonly keep: boolean;
  /** Where the figures go. */
  readonly result: string | undefined;
}

/** The help text. */
export const USAGE: string = `npm run crash -- --kills N [--server scop] [--clients N] [--messages N] [--seed S] [--data DIR] [--keep] [--result FILE]

Kills the server N times under load and checks that everything it acknowledged is there.
  --kills N      how often; 0 only audits the folder given with --data
  --server S     scop, or postfix-dovecot for comparison (Debian's packages, as root)
  --clients N    connections at a time, of five one is IMAP APPEND and one sends to other domains; 20, from 100 kills on 50
  --messages N   so many acknowledged at least: kills at a random time wait for them; 260 a kill from 100 kills on
  --seed S       repeats the choices of an earlier run, though not its timing
  --data DIR     keep the store and the log in DIR and continue what is there
  --keep         keep the temporary folder
  --result FILE  where the figures go; results/crash-TIME.json unless given

Example: npm run crash -- --kills 5
The last line is the verdict; exit status 0 held, 1 lost something, 2 wrong use.`;

/** From so many kills on a run is a large one. */
const LARGE_KILLS = 100;
const CLIENTS = { small: 20, large: 50 } as const;
/** A few more than the goal of 250: the last kill may be at a step, which waits for nothing. */
const MESSAGES_PER_KILL = 260;

/** Reads the arguments; a string is what is wrong with them. */
export function readOptions(args: readonly string[]): CrashOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        server: { type: "string", default: "scop" },
        kills: { type: "string" },
        clients: { type: "string" },
        messages: { type: "string" },
        seed: { type: "string", default: String(Date.now() % 2 ** 31) },
        data: { type: "string" },
        keep: { type: "boolean", default: false },
        result: { type: "string" },
      },
    });
    const { server, data, keep, result } = values;
    if (server !== "scop" && server !== "postfix-dovecot") return "--server takes scop or postfix-dovecot";
    const kills = wholeNumber(values.kills, 0, 1_000_000);
    if (kills === undefined) return "--kills takes a number, 0 or more";
    const isLarge = kills >= LARGE_KILLS;
    const clients = wholeNumber(values.clients ?? String(isLarge ? CLIENTS.large : CLIENTS.small), 1, 400);
    const messages = wholeNumber(values.messages ?? String(isLarge ? kills * MESSAGES_PER_KILL : 0), 0, 1_000_000_000);
    const seed = wholeNumber(values.seed, 0, 2 ** 32 - 1);
    if (clients === undefined) return "--clients takes a number from 1 to 400";
    if (messages === undefined) return "--messages takes a number, 0 or more";
    if (seed === undefined) return "--seed takes a number below 2^32";
    return { server, kills, clients, messages, seed, data, keep, result };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A whole number within bounds, or undefined. */
export function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

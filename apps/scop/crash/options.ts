import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface CrashOptions {
  readonly kills: number;
  readonly clients: number;
  readonly seed: number;
  /** A folder to use again, or undefined for a temporary one. */
  readonly data: string | undefined;
  /** Whether a temporary folder stays. */
  readonly keep: boolean;
}

/** The help text. */
export const USAGE: string = `npm run crash -- --kills N [--clients 20] [--seed S] [--data DIR] [--keep]

Kills the server N times under load and checks that everything it acknowledged is there.
  --kills N    how often; 0 only audits the folder given with --data
  --clients N  connections at a time, one in five of them IMAP APPEND
  --seed S     repeats the choices of an earlier run, though not its timing
  --data DIR   keep the store and the log in DIR and continue what is there
  --keep       keep the temporary folder

Example: npm run crash -- --kills 5
The last line is the verdict; exit status 0 held, 1 lost something, 2 wrong use.`;

/** Reads the arguments; a string is what is wrong with them. */
export function readOptions(args: readonly string[]): CrashOptions | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        kills: { type: "string" },
        clients: { type: "string", default: "20" },
        seed: { type: "string", default: String(Date.now() % 2 ** 31) },
        data: { type: "string" },
        keep: { type: "boolean", default: false },
      },
    });
    const kills = wholeNumber(values.kills, 0, 1_000_000);
    const clients = wholeNumber(values.clients, 1, 1_000);
    const seed = wholeNumber(values.seed, 0, 2 ** 32 - 1);
    if (kills === undefined) return "--kills takes a number, 0 or more";
    if (clients === undefined) return "--clients takes a number from 1 to 1000";
    if (seed === undefined) return "--seed takes a number below 2^32";
    return { kills, clients, seed, data: values.data, keep: values.keep };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function wholeNumber(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}

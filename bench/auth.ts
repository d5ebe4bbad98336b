import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { latin1Bytes } from "@scop/wire";
import {
  forged,
  header,
  makeBenchKeys,
  oversigned,
  sealed,
  signed,
  text,
  writeMessages,
  writeZone,
} from "./auth/messages.ts";
import { BARE, BEFORE, commandOf, PEERS } from "./auth/peers.ts";
import { startWorker } from "./worker-process.ts";

/** What a worker is asked to do: verify all messages of an input, over and over until it has worked so long. */
export interface AuthTask {
  readonly input: string;
  readonly cpuMsMin: number;
}

/** What it did. */
export interface AuthTaskResult {
  readonly messages: number;
  readonly cpuMs: number;
  /** The word of RFC 8601 for the first signature of each message, or what a peer has in its place. */
  readonly words: readonly string[];
  /** Questions to DNS for each message, where the peer is ours or in JavaScript. */
  readonly questions?: number;
}

/** One measurement of one peer. */
export interface AuthRun extends Omit<AuthTaskResult, "words"> {
  readonly row: string;
  readonly peer: string;
  readonly round: number;
  /** Octets of each message, where the row is about them. */
  readonly octets: number | undefined;
  /** Messages of the last pass that passed, of how many. */
  readonly passed: number;
  readonly of: number;
}

export interface AuthResult {
  readonly runs: readonly AuthRun[];
  readonly skipped: readonly string[];
}

/** Until then, code is still being compiled: a verdict takes half as long again after a second as after ten. */
const WARM_UP_MS = 6_000;
const MEASURE_MS = 500;
/** So many different messages of an input take turns. */
const MESSAGES = 8;
const MEGABYTE = 1_000_000;

/** A row of the table. */
interface Row {
  readonly name: string;
  readonly input: string;
  readonly octets?: number;
  readonly peers: readonly string[];
}

const ROWS: readonly Row[] = [
  { name: "10 KB, rsa2048, relaxed", input: "rsa-10k", peers: PEERS },
  { name: "10 KB, ed25519, relaxed", input: "ed25519-10k", peers: PEERS },
  { name: "1 MB, rsa2048, relaxed", input: "rsa-1m-relaxed", octets: MEGABYTE, peers: PEERS },
  { name: "1 MB, rsa2048, simple", input: "rsa-1m-simple", octets: MEGABYTE, peers: PEERS },
  { name: "10 KB, whole verdict", input: "whole-10k", peers: ["SCoP", BARE, "mailauth"] },
  { name: "4,000 forged signatures", input: "forged", peers: ["SCoP", "mailauth"] },
  { name: "500 fields, signed and oversigned", input: "oversigned", peers: ["SCoP", "mailauth"] },
  { name: "records of SPF that include 1,110 others, whole verdict", input: "whole-bomb", peers: ["SCoP", "mailauth"] },
];

async function writeInputs(folder: string): Promise<void> {
  const [rsa, ed25519] = makeBenchKeys();
  writeZone(folder, [rsa!, ed25519!]);
  const numbers = Array.from({ length: MESSAGES }, (_, index) => index);
  const small = numbers.map(number => latin1Bytes(header(number) + text(10_240, number)));
  writeMessages(folder, "rsa-10k", await Promise.all(small.map(bytes => signed(rsa!, bytes))));
  writeMessages(folder, "ed25519-10k", await Promise.all(small.map(bytes => signed(ed25519!, bytes))));
  const large = latin1Bytes(header(1) + text(MEGABYTE, 1));
  for (const body of ["relaxed", "simple"] as const) {
    const message = await signed(rsa!, large, { canonicalization: { header: "relaxed", body } });
    writeMessages(folder, `rsa-1m-${body}`, [message]);
  }
  const whole = small.map(async bytes => sealed(rsa!, await signed(rsa!, bytes)));
  writeMessages(folder, "whole-10k", await Promise.all(whole));
  writeMessages(folder, "forged", [forged(4_000)]);
  writeMessages(folder, "oversigned", [await oversigned(rsa!, 500)]);
  writeMessages(folder, "whole-bomb", [small[0]!]);
}

/**
 * Measures all peers in one run, taking turns, each in a process of its own for each row; `against` is another checkout, beside which ours is
 * measured in their place. `tell` is called before each step.
 */
export async function measureAuth(
  rounds: number,
  against: string | undefined,
  tell: (step: string) => void,
): Promise<AuthResult> {
  const folder = mkdtempSync(join(tmpdir(), "scop-bench-"));
  try {
    tell("signing the messages");
    await writeInputs(folder);
    const commands = new Map<string, readonly string[]>();
    const skipped: string[] = [];
    for (const peer of against === undefined ? PEERS : ["SCoP", BEFORE, BARE]) {
      const command = commandOf(peer, folder, against);
      if (typeof command === "string") skipped.push(`${peer}: ${command}`);
      else commands.set(peer, command);
    }
    const runs: AuthRun[] = [];
    for (const row of ROWS) runs.push(...(await measureRow(row, rounds, commands, tell)));
    return { runs, skipped };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureRow(
  { name: row, input, octets, peers: named }: Row,
  rounds: number,
  commands: ReadonlyMap<string, readonly string[]>,
  tell: (step: string) => void,
): Promise<readonly AuthRun[]> {
  const runs: AuthRun[] = [];
  const peers = commands.has(BEFORE) ? [BEFORE, ...named] : named;
  const workers = peers.flatMap(peer =>
    commands.has(peer) ? [startWorker<AuthTask, AuthTaskResult>(peer, commands.get(peer)!)] : [],
  );
  try {
    tell(`${row}: warming up`);
    for (const worker of workers) await worker.ask({ input, cpuMsMin: WARM_UP_MS });
    for (let round = 1; round <= rounds; round += 1) {
      tell(`${row}: round ${round} of ${rounds}`);
      for (const worker of workers) {
        const { words, ...result } = await worker.ask({ input, cpuMsMin: MEASURE_MS });
        const passed = words.filter(word => word === "pass").length;
        runs.push({ row, peer: worker.name, round, octets, passed, of: words.length, ...result });
      }
    }
  } finally {
    for (const worker of workers) worker.stop();
  }
  return runs;
}

// Run as a program of its own: a peer and the folder of the inputs are its arguments, one task a line its input.
import { createInterface } from "node:readline";
import type { Task, TaskResult } from "../mime.ts";
import { LISTED } from "./draft.ts";
import { readInput } from "./inputs.ts";
import { LIBRARIES } from "./peers.ts";

const [peerName, folder] = process.argv.slice(2);
const peer = await LIBRARIES[peerName!]!();
const inputs = new Map<string, readonly Buffer[]>();
let answers = 0;

/** Waits only for what has to be waited for. */
async function settle(value: unknown): Promise<void> {
  const answer = value instanceof Promise ? await value : value;
  if (answer !== undefined) answers += 1;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** A clock of the processor and one of the wall; called, it tells how long each has gone. */
function stopwatch(): () => Pick<TaskResult, "cpuMs" | "wallMs"> {
  const [cpu, wall] = [cpuMs(), performance.now()];
  return () => ({ cpuMs: cpuMs() - cpu, wallMs: performance.now() - wall });
}

async function parseAll(task: Task, bytes: readonly Buffer[]): Promise<number> {
  const work = peer[task.work];
  if (work === undefined) throw new Error(`${peerName} has no ${task.work}`);
  let errors = 0;
  for (const message of bytes) {
    try {
      const value = work(message);
      if (value instanceof Promise) await settle(value);
      else answers += value === undefined ? 0 : 1;
    } catch {
      errors += 1;
    }
  }
  return errors;
}

/** Does what needs no input over and over. */
async function repeat(work: (() => unknown) | undefined, units: number, cpuMsMin: number): Promise<TaskResult> {
  const elapsed = stopwatch();
  let count = 0;
  while (elapsed().cpuMs < cpuMsMin) {
    for (let left = 20; left > 0; left -= 1) await settle(work?.());
    count += 20 * units;
  }
  return { octets: count, ...elapsed(), errors: 0, answers };
}

async function run(task: Task): Promise<TaskResult> {
  if (task.work === "compose") return repeat(peer.compose, 1, task.cpuMsMin);
  if (task.work === "addresses") return repeat(peer.addresses, LISTED, task.cpuMsMin);
  const messages = inputs.get(task.input) ?? readInput(folder!, task.input);
  inputs.set(task.input, messages);
  const elapsed = stopwatch();
  let octets = 0;
  let errors = 0;
  do {
    errors = await parseAll(task, messages);
    for (const message of messages) octets += message.length;
  } while (elapsed().cpuMs < task.cpuMsMin);
  return { octets, ...elapsed(), errors, answers };
}

for await (const line of createInterface(process.stdin)) {
  console.log(JSON.stringify(await run(JSON.parse(line) as Task)));
}

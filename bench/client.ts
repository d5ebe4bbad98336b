import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { cpuMsOfTree } from "./process-tree.ts";
import { startSmtpSink } from "./smtp-sink.ts";

/** What to measure. */
interface ClientPlan {
  readonly messages: number;
  readonly connections: readonly number[];
  readonly rounds: number;
}

/** One client that sent all. */
export interface ClientRun {
  readonly peer: string;
  readonly round: number;
  readonly messages: number;
  readonly connections: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** A program that sends, and why it can't be started here. */
interface Client {
  readonly name: string;
  readonly program: string;
  readonly missing: string | undefined;
}

const OCTETS = 10_240;
const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const CLIENTS: readonly Client[] = [
  { name: "SCoP", program: pathOf("peers/scop-client.ts"), missing: undefined },
  {
    name: "nodemailer",
    program: pathOf("peers/nodemailer-client.ts"),
    missing: existsSync(pathOf("node_modules/nodemailer")) ? undefined : "nodemailer, because of npm ci --prefix bench",
  },
];

/** Sends with each client into the same sink, over connections that stay open, taking turns. `tell` is called before each step. */
export async function measureClient(
  plan: ClientPlan,
  tell: (step: string) => void,
): Promise<{ readonly runs: readonly ClientRun[]; readonly skipped: readonly string[] }> {
  const runs: ClientRun[] = [];
  const sink = await startSmtpSink();
  if (typeof sink === "string") return { runs, skipped: [sink] };
  const present = CLIENTS.filter(({ missing }) => missing === undefined);
  try {
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const connections of plan.connections) {
        for (const client of present) {
          tell(
            `round ${round} of ${plan.rounds}: ${client.name}, ${plan.messages} messages, ${connections} connections`,
          );
          const load = [sink.port, plan.messages, connections, OCTETS].map(String);
          runs.push({
            peer: client.name,
            round,
            messages: plan.messages,
            connections,
            ...(await sendWith(client, load)),
          });
        }
      }
    }
  } finally {
    sink.stop();
  }
  return { runs, skipped: CLIENTS.flatMap(({ missing }) => missing ?? []) };
}

async function sendWith(client: Client, load: readonly string[]): Promise<Pick<ClientRun, "wallMs" | "cpuMs">> {
  const child = spawn(process.execPath, ["--conditions=@scop/source", client.program, ...load], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const heard = async (wanted: string): Promise<void> => {
    const { value } = await lines.next();
    if (value !== wanted) throw new Error(`${client.name} ended before it said "${wanted}"`);
  };
  await heard("ready");
  const before = cpuMsOfTree(child.pid!);
  const start = performance.now();
  child.stdin.write("go\n");
  await heard("sent");
  const wallMs = performance.now() - start;
  const cpuMs = cpuMsOfTree(child.pid!) - before;
  child.stdin.end();
  await ended;
  return { wallMs, cpuMs };
}

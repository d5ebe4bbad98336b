import { cp, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { freePorts, startReady } from "../apps/scop/crash/server-process.ts";
import { type Drain, drainDestinations, fillDestinations } from "./peers/scop-queue.ts";
import { startSmtpSink } from "./smtp-sink.ts";

/** What to measure. */
interface QueuePlan {
  readonly messages: number;
  readonly restarts: number;
}

/** What was measured; times in milliseconds. */
export interface QueueResult {
  readonly messages: number;
  /** The live half alone, and with the dead half beside it. */
  readonly alone: Drain;
  readonly besideDead: Drain;
  /** From the start of `scop serve` with the whole queue to `ready`, after it was killed. */
  readonly restartsMs: readonly number[];
  readonly skipped: readonly string[];
}

const DEMO = ["--demo", "--log-level", "error", "--transport"];

/** A queue for 1,000 destinations, half of them dead: of the dead, half refuse connections and half accept and say nothing. */
export async function measureQueue(
  { messages, restarts }: QueuePlan,
  tell: (step: string) => void,
): Promise<QueueResult> {
  const nothing = { wallMs: Number.NaN, cpuMs: Number.NaN };
  const none = { messages, alone: nothing, besideDead: nothing, restartsMs: [] };
  const sink = await startSmtpSink();
  if (typeof sink === "string") return { ...none, skipped: [sink] };
  const folder = await mkdtemp(join(tmpdir(), "scop-bench-"));
  const silent = await listenSilently();
  const { smtp: closedPort } = await freePorts();
  const ports = { sink: sink.port, silent: portOf(silent), closed: closedPort };
  try {
    const live = join(folder, "alone");
    tell(`${messages / 2} messages to 500 live destinations`);
    await fillDestinations(live, messages, "live");
    const alone = await drainDestinations(live, ports);
    const both = join(folder, "both");
    tell(`${messages} messages to 1,000 destinations, half of them dead: filling`);
    await fillDestinations(both, messages, "both");
    const restartsMs: number[] = [];
    for (let count = 1; count <= restarts; count += 1) {
      tell(`restart ${count} of ${restarts}`);
      restartsMs.push(await restart(both, join(folder, `restart-${count}`), closedPort));
    }
    tell("delivering");
    const besideDead = await drainDestinations(both, ports);
    return { messages, alone, besideDead, restartsMs, skipped: [] };
  } finally {
    sink.stop();
    silent.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts the daemon with a copy of the store that a killed process left, and kills it again. */
async function restart(from: string, folder: string, closedPort: number): Promise<number> {
  await cp(from, folder, { recursive: true });
  const ports = await freePorts();
  const start = performance.now();
  const server = await startReady({ data: folder, ports, options: [...DEMO, `.example=127.0.0.1:${closedPort}`] });
  const tookMs = performance.now() - start;
  server.kill("SIGKILL");
  await server.ended;
  await rm(folder, { recursive: true, force: true });
  return tookMs;
}

function listenSilently(): Promise<Server> {
  const server = createServer(socket => socket.on("error", () => undefined).resume());
  return new Promise(resolve => server.listen({ port: 0, host: "127.0.0.1", backlog: 2_000 }, () => resolve(server)));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { FilledQueue } from "../deliver.ts";

const MAIN = fileURLToPath(new URL("./scop-deliver.ts", import.meta.url));

/** How a queue is filled. */
interface QueuePlan {
  readonly sinkPort: number;
  readonly messages: number;
  readonly connections: number;
  /** Of a message's body. */
  readonly octets: number;
}

/** SCoP's store with messages in its queue, and its delivery stage, in a process of its own that logs to a file as the daemon does. */
export async function fillScop(folder: string, plan: QueuePlan): Promise<FilledQueue | string> {
  const given = [folder, plan.sinkPort, plan.messages, plan.connections, plan.octets].map(String);
  const child = spawn(process.execPath, ["--conditions=@scop/source", MAIN, ...given], {
    stdio: ["pipe", "pipe", openSync(join(folder, "log"), "w")],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error("a child with pipes has them");
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  const next = async (wanted: string): Promise<void> => {
    const { value } = await lines.next();
    if (value !== wanted) throw new Error(`the delivering process said ${value}; see ${join(folder, "log")}`);
  };
  await next("filled");
  return {
    name: "SCoP",
    pid: child.pid!,
    deliver: async () => {
      stdin.write("deliver\n");
      await next("empty");
    },
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

const DESTINATIONS = fileURLToPath(new URL("./scop-destinations.ts", import.meta.url));

/** Where the destinations of `drainDestinations` are. */
interface DestinationPorts {
  readonly sink: number;
  readonly silent: number;
  readonly closed: number;
}

/** How long a queue took. */
export interface Drain {
  readonly wallMs: number;
  /** Of the process that delivered, whatever else the machine did. */
  readonly cpuMs: number;
}

/** Fills a queue for many destinations, and kills the process that did it. */
export async function fillDestinations(folder: string, messages: number, which: "live" | "both"): Promise<void> {
  const child = start(["fill", folder, String(messages), which]);
  await said(child, "filled");
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Delivers such a queue until nothing for a live destination is left; answers how long it took. */
export async function drainDestinations(folder: string, { sink, silent, closed }: DestinationPorts): Promise<Drain> {
  const child = start(["drain", folder, ...[sink, silent, closed].map(String)]);
  const line = await said(child, /^drained in \d+ \d+$/);
  child.kill("SIGKILL");
  await once(child, "exit");
  const [cpuMs, wallMs] = line.split(" ").map(Number).reverse();
  return { wallMs: wallMs!, cpuMs: cpuMs! };
}

function start(given: readonly string[]): ChildProcessByStdio<null, Readable, null> {
  const child = spawn(process.execPath, ["--conditions=@scop/source", DESTINATIONS, ...given], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  return child;
}

async function said(child: ChildProcessByStdio<null, Readable, null>, wanted: string | RegExp): Promise<string> {
  for await (const line of createInterface(child.stdout)) {
    if (typeof wanted === "string" ? line === wanted : wanted.test(line)) return line;
  }
  throw new Error("the process of the queue ended");
}

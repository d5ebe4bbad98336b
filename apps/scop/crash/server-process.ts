import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The ports of one server, all on 127.0.0.1. */
export interface ServerPorts {
  readonly smtp: number;
  readonly submission: number;
  readonly imap: number;
  readonly imaps: number;
  readonly http: number;
}

/** How the process ended: by itself with a code, or by a signal. */
interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server that was started, ours or another one. */
export interface RunningServer {
  /** True once it printed `ready`, false if it ended before. */
  readonly ready: Promise<boolean>;
  readonly ended: Promise<Ending>;
  /** The last 16 KiB of what it printed. */
  output(): string;
  kill(signal: "SIGKILL" | "SIGTERM"): void;
}

/** A server of ours that was started. */
export interface ServerProcess extends RunningServer {
  readonly pid: number;
  readonly ports: ServerPorts;
}

/** What a start needs. */
interface ServerStart {
  readonly data: string;
  readonly ports: ServerPorts;
  readonly environment?: Readonly<Record<string, string>>;
  /** Options of `serve` in place of `--demo`. */
  readonly options?: readonly string[];
  /** A program that runs the server as its own process, with its arguments: `strace -D ...`. */
  readonly wrapper?: readonly string[];
}

/** How long a first start may take. */
const START_MS_MAX: number = 15_000;
/** How long a start may take on a machine that has much else to do: what a run is about is not how fast. */
export const PATIENT_START_MS_MAX = 60_000;
/** How long a server may take to end after SIGTERM. */
const STOP_MS_MAX = 5_000;
const OUTPUT_CHARACTERS_MAX = 16 * 1024;

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Asks the system for as many different free ports as named. */
export async function freePorts(): Promise<ServerPorts> {
  const servers = await Promise.all(Array.from({ length: 5 }, listenAnywhere));
  const [smtp, submission, imap, imaps, http] = servers.map(portOf);
  await Promise.all(servers.map(server => new Promise(done => server.close(done))));
  return { smtp: smtp!, submission: submission!, imap: imap!, imaps: imaps!, http: http! };
}

async function listenAnywhere(): Promise<Server> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}

/** Starts `scop serve`. */
export function startServer(start: ServerStart): ServerProcess {
  const { ports } = start;
  const command = [
    ...(start.wrapper ?? []),
    ...[
      process.execPath,
      "--conditions=@scop/source",
      MAIN,
      "serve",
      ...(start.options ?? ["--demo"]),
      "--data",
      start.data,
    ],
    ...Object.entries(ports).flatMap(([name, port]) => [`--${name}`, String(port)]),
  ];
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...process.env, ...start.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const ended = new Promise<Ending>(resolve => {
    child.once("error", () => resolve({ code: 127, signal: null }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  void ended.then(() => running.delete(child));
  let output = "";
  let isReady = false;
  const ready = new Promise<boolean>(resolve => {
    const take = (text: string): void => {
      output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
      if (isReady || !/^ready$/m.test(output)) return;
      isReady = true;
      resolve(true);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    void ended.then(() => resolve(false));
  });
  return {
    pid: child.pid ?? -1,
    ports,
    ready,
    ended,
    output: () => output,
    kill: signal => void child.kill(signal),
  };
}

/** Starts a server and waits until it accepts. Rejects, with what it printed, if it does not within `START_MS_MAX`. */
export async function startReady(start: ServerStart): Promise<ServerProcess> {
  const server = startServer(start);
  await untilReady(server);
  return server;
}

/** Waits until a server that was started accepts. Rejects, with what it printed, if it does not within the time. */
export async function untilReady(server: RunningServer, limitMs: number = START_MS_MAX): Promise<void> {
  const inTime = await withinMs(server.ready, limitMs);
  if (inTime === true) return;
  server.kill("SIGKILL");
  await server.ended;
  const why = inTime === false ? "ended before it was ready" : `was not ready after ${limitMs} ms`;
  throw new Error(`The server ${why}. It printed:\n${server.output()}`);
}

/** Asks a server to end; answers false if it had to be killed because it took longer than `STOP_MS_MAX`. */
export async function stopServer(server: RunningServer): Promise<boolean> {
  server.kill("SIGTERM");
  const ending = await withinMs(server.ended, STOP_MS_MAX);
  if (ending !== undefined) return ending.code === 0;
  server.kill("SIGKILL");
  await server.ended;
  return false;
}

/** The value, or undefined if it takes longer. */
export async function withinMs<T>(value: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const timer = Promise.withResolvers<undefined>();
  const handle = setTimeout(() => timer.resolve(undefined), milliseconds);
  try {
    return await Promise.race([value, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}

/** Where the demonstration keeps its certificate. */
export function certificatePath(data: string): string {
  return join(data, "tls", "cert.pem");
}

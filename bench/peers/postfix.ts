import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../apps/scop/crash/server-process.ts";
import type { Peer } from "../peer.ts";

const START_MS_MAX = 10_000;
const SETTLE_MS_MAX = 30_000;
const POLL_MS = 50;
/** Everything but the listener. */
export const SERVICES: readonly string[] = [
  "cleanup unix n - n - 0 cleanup",
  "qmgr unix n - n 300 1 qmgr",
  "rewrite unix - - n - - trivial-rewrite",
  "bounce unix - - n - 0 bounce",
  "defer unix - - n - 0 bounce",
  "trace unix - - n - 0 bounce",
  "flush unix n - n 1000? 0 flush",
  "proxymap unix - - n - - proxymap",
  "proxywrite unix - - n - 1 proxymap",
  "error unix - - n - - error",
  "retry unix - - n - - error",
  "discard unix - - n - - discard",
  "anvil unix - - n - 1 anvil",
  "postlog unix-dgram n - n - 1 postlogd",
];
/** The folders of messages on their way. */
export const QUEUES: readonly string[] = ["maildrop", "incoming", "active", "deferred"];

/** A Postfix that runs. */
interface RunningPostfix {
  readonly port: number;
  readonly pid: number;
  readonly configuration: string;
  queueEmpty(limitMs?: number): Promise<boolean>;
  stop(): Promise<void>;
}

/** Postfix with a configuration and a queue of its own: smtpd, cleanup, a queue file with fsync, then delivery to nowhere. */
export async function startPostfix(folder: string): Promise<Peer | string> {
  const running = await runPostfix(folder, {}, SERVICES);
  if (typeof running === "string") return running;
  const { port, pid, queueEmpty, stop } = running;
  return {
    name: "Postfix",
    promise: "in a queue file, synced; then discarded",
    port,
    pid,
    settled: async () => void (await queueEmpty()),
    stored: () => Promise.resolve(undefined),
    stop,
  };
}

/** Starts Postfix with these settings beside the usual ones, and these services, on any free port unless one is given; a string is why it can't be started here. */
export async function runPostfix(
  folder: string,
  settings: Readonly<Record<string, string>>,
  services: readonly string[],
  port?: number,
): Promise<RunningPostfix | string> {
  if (process.getuid?.() !== 0) return "Postfix can only be started by root";
  try {
    execFileSync("postconf", ["-d", "mail_version"]);
  } catch {
    return "Postfix is not installed (Debian package postfix)";
  }
  const smtp = port ?? (await freePorts()).smtp;
  const configuration = join(folder, "etc");
  await writeConfiguration(folder, configuration, smtp, settings, services);
  const script = spawn("postfix", ["-c", configuration, "start-fg"], { detached: true, stdio: "ignore" });
  const ended = once(script, "exit");
  const open = await accepts(smtp);
  const pid = await masterPid(folder);
  if (pid === undefined) return "Postfix did not start";
  process.once("exit", () => endProcess(pid));
  if (!open) {
    endProcess(pid);
    return "Postfix did not open its port";
  }
  return {
    port: smtp,
    pid,
    configuration,
    queueEmpty: (limitMs = SETTLE_MS_MAX) => queueEmpty(join(folder, "queue"), limitMs),
    stop: async () => {
      endProcess(pid);
      await ended;
    },
  };
}

/** The script that starts it does not pass signals on, so the daemon itself is asked to end. */
export async function masterPid(folder: string): Promise<number | undefined> {
  const text = await readFile(join(folder, "queue", "pid", "master.pid"), "latin1").catch(() => "");
  return /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It ended before.
  }
}

/** Writes the configuration and makes the folders of a Postfix. */
export async function writeConfiguration(
  folder: string,
  configuration: string,
  port: number,
  settings: Readonly<Record<string, string>>,
  services: readonly string[],
): Promise<void> {
  await chmod(folder, 0o755);
  await mkdir(configuration);
  await mkdir(join(folder, "queue"));
  await mkdir(join(folder, "data"));
  execFileSync("chown", ["postfix", join(folder, "data")]);
  await writeFile(join(configuration, "main.cf"), mainConfiguration(folder, settings));
  await writeFile(join(configuration, "master.cf"), masterConfiguration(port, services));
}

function mainConfiguration(folder: string, own: Readonly<Record<string, string>>): string {
  const settings: Readonly<Record<string, string>> = {
    compatibility_level: "3.6",
    queue_directory: join(folder, "queue"),
    data_directory: join(folder, "data"),
    maillog_file: join(folder, "log"),
    maillog_file_prefixes: folder,
    myhostname: "mx.scop.test",
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.0/8",
    mydestination: "",
    alias_maps: "",
    alias_database: "",
    local_recipient_maps: "",
    relay_domains: "scop.test",
    relay_transport: "discard:",
    smtputf8_enable: "no",
    ...own,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `${lines.join("\n")}\n`;
}

export function masterConfiguration(port: number, services: readonly string[]): string {
  return `${[`127.0.0.1:${port} inet n - n - - smtpd`, ...services].join("\n")}\n`;
}

/** Whether somebody greets on a port before the time is up. */
export async function accepts(port: number): Promise<boolean> {
  for (let waited = 0; waited < START_MS_MAX; waited += POLL_MS) {
    const greeted = await new Promise<boolean>(resolve => {
      const socket = connect(port, "127.0.0.1");
      socket.once("data", () => socket.end("QUIT\r\n", () => resolve(true)));
      socket.once("error", () => resolve(false));
    });
    if (greeted) return true;
    await sleep(POLL_MS);
  }
  return false;
}

async function queueEmpty(queue: string, limitMs: number): Promise<boolean> {
  for (let waited = 0; waited < limitMs; waited += POLL_MS) {
    const entries = await Promise.all(
      QUEUES.map(name => readdir(join(queue, name), { recursive: true, withFileTypes: true }).catch(() => [])),
    );
    if (!entries.flat().some(entry => entry.isFile())) return true;
    await sleep(POLL_MS);
  }
  return false;
}

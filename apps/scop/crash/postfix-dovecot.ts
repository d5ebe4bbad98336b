import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { selfSigned } from "@scop/node-host/self-signed";
import { accepts, masterPid, QUEUES, SERVICES, writeConfiguration } from "../../../bench/peers/postfix.ts";
import { pidsOfTree } from "../../../bench/process-tree.ts";
import { ACCOUNTS, PASSWORD } from "./load.ts";
import { NEXT_HOP_DOMAIN } from "./next-hop.ts";
import { freePorts, type RunningServer, type ServerPorts } from "./server-process.ts";
import type { StoreCheck } from "./store-check.ts";
import type { MakeTarget } from "./target.ts";

const CLIENTS = ["smtp unix - - n - - smtp", "lmtp unix - - n - - lmtp"];
const POLL_MS = 20;
const OWNER_EXECUTES = 0o100;
const OUTPUT_CHARACTERS_MAX = 16 * 1024;
const MAIL_FOLDERS = ["mail", "run"];

/** Postfix hands mail to Dovecot by LMTP, which keeps it in maildirs; both from Debian's packages, with a configuration of their own. */
export function postfixDovecotTargets(): MakeTarget {
  if (process.getuid?.() !== 0) throw new Error("Postfix and Dovecot can only be started by root");
  for (const command of ["postfix", "dovecot"]) {
    if (!existsSync(`/usr/sbin/${command}`))
      throw new Error(`${command} is not installed (npm run test:all installs it)`);
  }
  return async (folder, nextHopPort) => {
    const ports = await freePorts();
    await mkdir(folder, { recursive: true });
    // Their users are others than ours.
    for (const each of [dirname(folder), folder]) await chmod(each, 0o755);
    if (!existsSync(join(folder, "etc"))) await configure(folder, ports, nextHopPort);
    return {
      points: [],
      newFolderPoints: new Set(),
      smtp: ports.smtp,
      imaps: ports.imaps,
      submission: { port: ports.smtp, login: false },
      start: () => startBoth(folder, ports),
      certificate: () => readFile(join(folder, "cert.pem")),
      isBusy: () => isBusy(folder),
      inspect: () => inspect(folder),
    };
  };
}

async function configure(folder: string, ports: ServerPorts, nextHopPort: number): Promise<void> {
  const settings = {
    relay_domains: "",
    relay_transport: "error:nothing is relayed by domain",
    virtual_mailbox_domains: "scop.test",
    virtual_mailbox_maps: `inline:{${ACCOUNTS.map(account => `${account}=yes`).join(" ")}}`,
    virtual_transport: `lmtp:inet:127.0.0.1:${ports.imap}`,
    transport_maps: `inline:{.${NEXT_HOP_DOMAIN}=smtp:[127.0.0.1]:${nextHopPort}}`,
    smtp_connection_cache_on_demand: "no",
    lmtp_connection_cache_on_demand: "no",
  };
  await writeConfiguration(folder, join(folder, "etc"), ports.smtp, settings, [...SERVICES, ...CLIENTS]);
  for (const each of MAIL_FOLDERS) await mkdir(join(folder, each));
  const { certificate, key } = await selfSigned({ names: ["localhost"], now: Date.now() });
  await writeFile(join(folder, "cert.pem"), certificate);
  await writeFile(join(folder, "key.pem"), key, { mode: 0o600 });
  await writeFile(join(folder, "users"), ACCOUNTS.map(account => `${account}:{PLAIN}${PASSWORD}::::::\n`).join(""));
  await writeFile(join(folder, "dovecot.conf"), dovecotConfiguration(folder, ports));
  execFileSync("chown", ["mail:mail", join(folder, "mail")]);
  // What an operator wrote long ago is not what a cut of the power is to take.
  execFileSync("sync", ["--file-system", folder]);
}

/** LMTP listens on the port that IMAP without TLS would have. */
function dovecotConfiguration(folder: string, { imap, imaps }: ServerPorts): string {
  return `base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
mail_location = maildir:~/Maildir
mail_max_userip_connections = 1000
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = ${folder}/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = 0
  }
  inet_listener imaps {
    port = ${imaps}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${imap}
  }
}
`;
}

function startBoth(folder: string, ports: ServerPorts): RunningServer {
  const configuration = join(folder, "etc");
  const children = [
    startGroup("/usr/sbin/dovecot", "-F", "-c", join(folder, "dovecot.conf")),
    startGroup("/usr/sbin/postfix", "-c", configuration, "start-fg"),
  ];
  let output = "";
  for (const child of children) {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
      });
  }
  let killed: readonly number[] | undefined;
  let isStopped = false;
  const ended = Promise.all(children.map(ending)).then(async codes => {
    if (killed === undefined) return { code: isStopped ? 0 : Math.max(...codes), signal: null };
    // They hold ports and files as long as one of them lives.
    while (killed.some(isAlive)) await sleep(POLL_MS);
    return { code: null, signal: "SIGKILL" as const };
  });
  const ready = Promise.all([ports.smtp, ports.imap].map(port => accepts(port))).then(each => each.every(Boolean));
  const pids = children.flatMap(child => (child.pid === undefined ? [] : [child.pid]));
  const killAll = (): void => {
    killed ??= killTrees(pids);
  };
  process.once("exit", killAll);
  void ended.then(() => process.off("exit", killAll));
  const stop = async (): Promise<void> => {
    isStopped = true;
    const master = await masterPid(folder);
    if (master !== undefined) end(master, "SIGTERM");
    if (children[0]?.pid !== undefined) end(children[0].pid, "SIGTERM");
  };
  return {
    ready,
    ended,
    output: () => output,
    kill: signal => (signal === "SIGKILL" ? killAll() : void stop()),
  };
}

/** Starts a program as the leader of a group. */
function startGroup(command: string, ...args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(command, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
}

/** Halts whole trees before it kills them, so that nobody starts another one meanwhile. Answers who was killed. */
function killTrees(roots: readonly number[]): readonly number[] {
  let all: readonly number[] = [];
  for (let before = -1; all.length !== before; ) {
    before = all.length;
    all = roots.flatMap(pidsOfTree);
    for (const pid of all) end(pid, "SIGSTOP");
  }
  // Groups too: children of one that ended by itself are in no tree any more.
  for (const pid of [...roots.map(root => -root), ...all]) end(pid, "SIGKILL");
  return all;
}

/** Whether a process still holds anything: one that nobody has waited for does not. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

function ending(child: ChildProcess): Promise<number> {
  return new Promise(resolve => {
    child.once("error", () => resolve(127));
    child.once("exit", code => resolve(code ?? 0));
  });
}

function end(pid: number, signal: "SIGKILL" | "SIGTERM" | "SIGSTOP"): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended before.
  }
}

async function queueFiles(folder: string, queues: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const queue of queues) {
    const entries = await readdir(join(folder, "queue", queue), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    files.push(...entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name)));
  }
  return files;
}

/** Whether mail is under way: a file that is not complete, and so has no right to be executed, is nobody's. */
async function isBusy(folder: string): Promise<boolean> {
  const files = await queueFiles(folder, ["maildrop", "incoming", "active"]);
  const modes = await Promise.all(files.map(file => stat(file).catch(() => undefined)));
  return modes.some(found => found !== undefined && (found.mode & OWNER_EXECUTES) !== 0);
}

async function inspect(folder: string): Promise<StoreCheck> {
  const queued = new Set<string>();
  for (const file of await queueFiles(folder, QUEUES)) {
    // Records follow each other without a line end.
    const id = /X-Crash-Id: ([0-9a-z]+-[0-9a-z]+-\d+)/.exec(await readFile(file, "latin1"))?.[1];
    if (id !== undefined) queued.add(id);
  }
  const entries = await readdir(join(folder, "mail"), { recursive: true, withFileTypes: true });
  const unfinished = entries.filter(entry => entry.isFile() && entry.parentPath.endsWith("/tmp")).length;
  const faults = unfinished === 0 ? [] : [`${unfinished} unfinished files are left in maildirs`];
  return { faults, modseqs: new Map(), queued };
}

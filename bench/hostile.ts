import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts, type ServerProcess, startReady, stopServer } from "../apps/scop/crash/server-process.ts";
import { connectSmtp } from "../apps/scop/crash/smtp-client.ts";
import { madeUpMessage } from "./message.ts";

/** Whom to let loose on the server, and how many messages a normal client sends one after the other, without them and beside them. */
interface HostilePlan {
  readonly idle: number;
  readonly slow: number;
  readonly tls: number;
  readonly messages: number;
}

/** What it did to the normal client, and what it cost. */
export interface HostileResult extends HostilePlan {
  /** Milliseconds for each message: connecting, saying EHLO, sending, closing. */
  readonly quietMs: readonly number[];
  readonly crowdedMs: readonly number[];
  /** Connections that the server still held when all was measured. */
  readonly held: { readonly idle: number; readonly slow: number; readonly tls: number };
  /** Growth of the server's resident memory for each idle connection, in KiB. */
  readonly plainKiB: number;
  readonly tlsKiB: number;
}

const OCTETS = 10_240;
const WARM_UP_MESSAGES = 500;
/** Time for the server to come to rest before its memory is read. */
const REST_MS = 3_000;
const CROWD = fileURLToPath(new URL("peers/crowd.ts", import.meta.url));

/** Measures against `scop serve --demo` with its limits as they are. `tell` is called before each step. */
export async function measureHostile(plan: HostilePlan, tell: (step: string) => void): Promise<HostileResult> {
  const folder = await mkdtemp(join(tmpdir(), "scop-bench-"));
  try {
    const crowded = await withServer(join(folder, "plain"), server => measureCrowded(server, plan, tell));
    const secured = await withServer(join(folder, "tls"), server => measureTls(server, plan, tell));
    return { ...plan, ...crowded, ...secured, held: { ...crowded.held, tls: secured.held } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function withServer<T>(data: string, work: (server: ServerProcess) => Promise<T>): Promise<T> {
  const server = await startReady({ data, ports: await freePorts() });
  try {
    return await work(server);
  } finally {
    await stopServer(server);
  }
}

async function measureCrowded(server: ServerProcess, plan: HostilePlan, tell: (step: string) => void) {
  const { smtp } = server.ports;
  tell("a normal client, alone");
  await timesOf(smtp, WARM_UP_MESSAGES);
  const quietMs = await timesOf(smtp, plan.messages);
  tell(`${plan.idle} idle connections`);
  const idle = await measureMemory(server, plan.idle, "idle");
  tell(`and ${plan.slow} that send a byte a second`);
  const slow = await startCrowd(smtp, plan.slow, "slow");
  await sleep(REST_MS);
  tell("a normal client beside them");
  const crowdedMs = await timesOf(smtp, plan.messages);
  const held = { idle: await heldOf(idle.crowds), slow: await slow.held() };
  for (const crowd of [...idle.crowds, slow]) crowd.stop();
  return { quietMs, crowdedMs, plainKiB: idle.kibibytes, held };
}

async function measureTls(server: ServerProcess, plan: HostilePlan, tell: (step: string) => void) {
  tell(`${plan.tls} idle connections with TLS`);
  await timesOf(server.ports.smtp, WARM_UP_MESSAGES);
  const { crowds, kibibytes } = await measureMemory(server, plan.tls, "tls");
  const held = await heldOf(crowds);
  for (const crowd of crowds) crowd.stop();
  return { tlsKiB: kibibytes, held };
}

/** Opens all, and tells how much each but the first fifth added: those fill what the server had allocated and not used. */
async function measureMemory(
  server: ServerProcess,
  count: number,
  kind: "idle" | "tls",
): Promise<{ readonly crowds: readonly Crowd[]; readonly kibibytes: number }> {
  const first = Math.floor(count / 5);
  const crowds = [await startCrowd(server.ports.smtp, first, kind)];
  await sleep(REST_MS);
  const before = residentKiB(server.pid);
  crowds.push(await startCrowd(server.ports.smtp, count - first, kind));
  await sleep(REST_MS);
  return { crowds, kibibytes: (residentKiB(server.pid) - before) / (count - first) };
}

async function heldOf(crowds: readonly Crowd[]): Promise<number> {
  let held = 0;
  for (const crowd of crowds) held += await crowd.held();
  return held;
}

/** One connection for each message, as a server has that seldom writes. */
async function timesOf(port: number, messages: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let number = 0; number < messages; number += 1) {
    const message = Buffer.from(madeUpMessage(number, OCTETS));
    const start = performance.now();
    const client = await connectSmtp(port);
    if (!(await client.send(["bob@scop.test"], message))) throw new Error("a message was refused");
    client.close();
    times.push(performance.now() - start);
  }
  return times;
}

function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

interface Crowd {
  held(): Promise<number>;
  stop(): void;
}

async function startCrowd(port: number, count: number, kind: "idle" | "slow" | "tls"): Promise<Crowd> {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [CROWD, String(port), String(count), kind],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  process.once("exit", () => child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value } = await lines.next();
  if (value !== "open") throw new Error(`the ${kind} crowd could not connect`);
  return {
    held: async () => {
      child.stdin.write("\n");
      return Number((await lines.next()).value);
    },
    stop: () => void child.kill("SIGKILL"),
  };
}

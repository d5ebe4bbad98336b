/**
 * Figures of the image of `mx` under emulation: `npm run bench:image`. Builds the image, needs QEMU, and prints one
 * line a figure. `--runs` says of how many starts the median is taken, `--messages` how many are sent.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createSender, receiveMail } from "@scop/node-host/mail";
import { freePorts } from "../../apps/scop/crash/server-process.ts";
import { buildImage } from "../../apps/scop/src/image/build.ts";
import { qemuArguments } from "../../apps/scop/src/image/run.ts";

const { values } = parseArgs({
  options: { runs: { type: "string", default: "5" }, messages: { type: "string", default: "200" } },
});
const START_MS_MAX = 10_000;
const IDLE_MS = 10_000;
/** Ticks of /proc a second. */
const TICKS = 100;
const HOST = "10.0.2.2";
/** Between the beginnings of connections: QEMU's forward keeps one waiting, and the kernel's SYN cookies make more of them hang. */
const BEGIN_MS = 25;

interface Started {
  readonly process: ChildProcess;
  readonly console: () => string;
  readonly listeningMs: number;
}

/** A machine that listens; undefined where it ended before. */
async function start(image: string, memoryMb: number, port: number, hop: number): Promise<Started | undefined> {
  const commandLine = `ip=10.0.2.15/24 gateway=${HOST} hostname=mx.scop.test next-hop=${HOST}:${hop}`;
  const words = qemuArguments({
    image,
    memoryMb,
    forwards: [{ host: port, guest: 25 }],
    bootFile: undefined,
    commandLine,
  });
  const began = performance.now();
  const child = spawn("qemu-system-x86_64", words, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const late = setTimeout(() => child.kill(), START_MS_MAX);
  const listening = await new Promise<boolean>(resolve => {
    child.stdout?.on("data", chunk => {
      said += String(chunk);
      if (said.includes("listening")) resolve(true);
    });
    child.once("close", () => resolve(false));
  });
  clearTimeout(late);
  return listening ? { process: child, console: () => said, listeningMs: performance.now() - began } : undefined;
}

function processorMs(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

function median(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? Number.NaN;
}

/** Milliseconds of one NOOP, as the median of 200. */
async function noopMs(port: number): Promise<number> {
  const socket = connect(port, "127.0.0.1").setNoDelay();
  const heard = (): Promise<unknown> => new Promise(resolve => socket.once("data", resolve));
  await heard();
  const took: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    const began = performance.now();
    socket.write("NOOP\r\n");
    await heard();
    took.push(performance.now() - began);
  }
  socket.destroy();
  return median(took);
}

/** Sends so many messages of so many octets, some at once; answers how many were taken and how long that was. */
async function load(
  port: number,
  count: number,
  octets: number,
  atOnce: number,
): Promise<{ taken: number; ms: number }> {
  const body = `${"0123456789abcdef".repeat(4)}\r\n`.repeat(Math.ceil(octets / 66));
  const message = Buffer.from(`From: a@a.example\r\nTo: bob@scop.test\r\nSubject: load\r\n\r\n${body}`);
  let left = count;
  let taken = 0;
  const began = performance.now();
  const work = async (_: unknown, index: number): Promise<void> => {
    await sleep(index * BEGIN_MS);
    const sender = createSender({
      hostname: "load.example",
      via: { host: "127.0.0.1", port, tls: "never" },
    });
    while (left > 0) {
      left -= 1;
      const report = await sender.send({ from: "a@a.example", to: ["bob@scop.test"], message });
      if (report.failed.length === 0) taken += 1;
    }
    await sender.close();
  };
  await Promise.all(Array.from({ length: atOnce }).map(work));
  return { taken, ms: performance.now() - began };
}

const folder = mkdtempSync(join(tmpdir(), "scop-figures-"));
const image = join(folder, "mx.elf");
const say = (what: string, figure: string): void => console.log(`${what.padEnd(44)} ${figure}`);
try {
  const manifest = await buildImage("mx", image, { probes: "no" });
  say("image", `${manifest.octets} octets, bytecode ${manifest.bytecode.octets}`);
  const ports = await freePorts();
  const starts: number[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    const started = await start(image, 32, ports.smtp, ports.imap);
    starts.push(started?.listeningMs ?? Number.NaN);
    started?.process.kill();
  }
  say(`exec to listening, median of ${values.runs}`, `${median(starts).toFixed(0)} ms`);
  let least = 32;
  for (let memoryMb = 16; memoryMb >= 1; memoryMb -= 1) {
    const started = await start(image, memoryMb, ports.smtp, ports.imap);
    if (started === undefined) break;
    started.process.kill();
    least = memoryMb;
  }
  say("least memory that listens (-m)", `${least} MB`);

  const hop = await receiveMail({
    hostname: "hop.scop.test",
    port: 0,
    onMessage: async ({ message }) => {
      await message.bytes();
      return undefined;
    },
  });
  const machine = await start(image, 32, ports.smtp, hop.port);
  if (machine === undefined) throw new Error("the machine did not start");
  await sleep(1000);
  const before = processorMs(machine.process.pid);
  await sleep(IDLE_MS);
  say("idle processor time of QEMU", `${(((processorMs(machine.process.pid) - before) / IDLE_MS) * 100).toFixed(1)} %`);
  say("NOOP, median of 200", `${(await noopMs(ports.smtp)).toFixed(2)} ms`);
  const large = await load(ports.smtp, 20, 1_000_000, 20);
  say("20 messages of 1 MB at once, -m 32", `${large.taken} taken in ${(large.ms / 1000).toFixed(1)} s`);
  const one = await load(ports.smtp, 10, 1_000_000, 1);
  say("10 messages of 1 MB, one connection", `${(10 / (one.ms / 1000)).toFixed(2)} MB/s, ${one.taken} taken`);
  const count = Number(values.messages);
  const small = await load(ports.smtp, count, 10_000, 10);
  say(
    `${count} messages of 10 KB, 10 connections`,
    `${(count / (small.ms / 1000)).toFixed(0)} a second, ${small.taken} taken`,
  );
  machine.process.kill();
  await hop.close();
  const said = machine.console().replace("listening", "").trim();
  if (said !== "") say("the console said", said);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

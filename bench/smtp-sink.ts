import { type ChildProcess, spawn } from "node:child_process";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../apps/scop/crash/server-process.ts";

/** A server that takes all mail and forgets it: Postfix's `smtp-sink`. */
interface SmtpSink {
  readonly port: number;
  readonly pid: number;
  stop(): void;
}

const START_MS_MAX = 5_000;
const POLL_MS = 50;
/** Connections that may wait for it. */
const BACKLOG = 1_000;

/** Starts it on a free port of 127.0.0.1; a string is why it can't be started here. */
export async function startSmtpSink(): Promise<SmtpSink | string> {
  const { smtp: port } = await freePorts();
  const user = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const environment = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
  const sink: ChildProcess = spawn("smtp-sink", [...user, `127.0.0.1:${port}`, String(BACKLOG)], {
    env: environment,
    stdio: "ignore",
  });
  const failed = new Promise<string>(resolve =>
    sink.once("error", () => resolve("smtp-sink is not installed (Debian package postfix)")),
  );
  process.once("exit", () => sink.kill());
  const opened = await Promise.race([failed, opens(port)]);
  if (typeof opened === "string" || sink.pid === undefined) return String(opened);
  return { port, pid: sink.pid, stop: () => void sink.kill() };
}

async function opens(port: number): Promise<true | string> {
  for (let waited = 0; waited < START_MS_MAX; waited += POLL_MS) {
    const isOpen = await new Promise<boolean>(resolve => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => socket.end(() => resolve(true))).once("error", () => resolve(false));
    });
    if (isOpen) return true;
    await sleep(POLL_MS);
  }
  return "smtp-sink did not open its port";
}

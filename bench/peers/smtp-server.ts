import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../apps/scop/crash/server-process.ts";
import type { Peer } from "../peer.ts";

const PROGRAM = fileURLToPath(new URL("smtp-server-main.ts", import.meta.url));
const INSTALLED = new URL("../node_modules/smtp-server/package.json", import.meta.url);

/** The npm package smtp-server, which reads a message into memory and forgets it. */
export async function startSmtpServer(): Promise<Peer | string> {
  if (!existsSync(INSTALLED)) return "bench/node_modules is missing: npm ci --prefix bench";
  const { smtp } = await freePorts();
  const child = spawn(process.execPath, [PROGRAM, String(smtp)], { stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const lines = createInterface(child.stdout);
  await Promise.race([once(lines, "line"), ended]);
  if (child.exitCode !== null || child.pid === undefined) return "smtp-server did not start";
  return {
    name: "smtp-server",
    promise: "read into memory, forgotten",
    port: smtp,
    pid: child.pid,
    settled: () => Promise.resolve(),
    stored: () => Promise.resolve(undefined),
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../../src/main.ts", import.meta.url));
const START_MS_MAX = 30_000;
/** For a machine that says one line and ends. */
const RUN_MS_MAX = 20_000;
const SILENT_MS_MAX = 60_000;

/** Why tests of images are skipped: false where they can be built and run. */
export function whyNot(): string | false {
  for (const program of ["cargo", "gcc", "objdump", "qemu-system-x86_64"]) {
    if (spawnSync(program, ["--version"]).error !== undefined) return `${program} is not installed`;
  }
  return false;
}

/** A machine that runs. */
export interface Machine {
  /** What its console said. */
  console(): string;
  /** Ends it; answers the exit status of `scop image run`. */
  stop(): Promise<number | null>;
}

/** Runs `scop image run ROLE` with these options until it says `listening`. Rejects with what it said where it ends before. */
export async function startMachine(role: string, ...options: readonly string[]): Promise<Machine> {
  const words = ["--conditions=@scop/source", MAIN, "image", "run", role, ...options];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = once(child, "close");
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => child.kill("SIGTERM"), START_MS_MAX);
    const hear = (text: Buffer): void => {
      said += text.toString("latin1");
      if (!/^listening\r?$/m.test(said)) return;
      clearTimeout(late);
      resolve();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("close", status => {
      clearTimeout(late);
      reject(new Error(`status ${status}: ${said}`));
    });
  });
  return {
    console: () => said,
    stop: async () => {
      child.kill("SIGTERM");
      const [status] = (await ended) as [number | null];
      return status;
    },
  };
}

/** Runs QEMU with these arguments until the machine ends, and answers what the console said. Throws where it does not end. */
export function runToEnd(words: readonly string[]): string {
  const { stdout, stderr, error } = spawnSync("qemu-system-x86_64", words, { encoding: "latin1", timeout: RUN_MS_MAX });
  if (error !== undefined) throw new Error(`the machine did not end by itself: ${error.message}; it said: ${stdout}`);
  return `${stdout}${stderr}`;
}

/** The same, while this process goes on and serves it. */
export async function runOnward(words: readonly string[]): Promise<string> {
  const child = spawn("qemu-system-x86_64", words, { stdio: ["ignore", "pipe", "pipe"], timeout: SILENT_MS_MAX });
  let said = "";
  const hear = (text: string): void => {
    said += text;
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("latin1").on("data", hear);
  await once(child, "close");
  return said;
}

/** All octets of a machine's memory when it listens: QEMU's monitor writes them into `file`. */
export async function memoryOf(words: readonly string[], file: string, memoryMb: number): Promise<Buffer> {
  const child = spawn("qemu-system-x86_64", [...words, "-monitor", `unix:${file}.monitor,server,nowait`]);
  const ended = once(child, "close");
  try {
    let said = "";
    for await (const text of child.stdout) {
      said += text;
      if (/^listening\r?$/m.test(said)) break;
    }
    const monitor = connect(`${file}.monitor`);
    monitor.write(`pmemsave 0 ${memoryMb * 1_048_576} "${file}"\nquit\n`);
    monitor.resume();
    await ended;
    return readFileSync(file);
  } finally {
    child.kill("SIGKILL");
  }
}

/** Says the lines to a server, each when the reply to the one before has come, and answers all that it said. */
export function converse(port: number, lines: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const left = [...lines];
    let heard = "";
    socket.setTimeout(SILENT_MS_MAX, () => socket.destroy(new Error(`silent after ${heard}`)));
    socket.on("data", chunk => {
      heard += chunk.toString("latin1");
      // A reply is complete with a line that has no hyphen behind its code.
      if (!/(?:^|\n)[0-9]{3} [^\n]*\n$/.test(heard)) return;
      const next = left.shift();
      if (next === undefined) socket.end();
      else socket.write(next);
    });
    socket.on("close", () => resolve(heard));
    socket.on("error", reject);
  });
}

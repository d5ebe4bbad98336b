import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const VERSIONS = "/usr/lib/postgresql";
const POLL_MS = 100;
const START_MS_MAX = 20_000;

/** A PostgreSQL cluster of its own, with the durability that it has by default. */
interface Postgres {
  readonly pid: number;
  /** Runs a statement in the database `postgres`. */
  query(sql: string): void;
  stop(): Promise<void>;
}

/** Starts PostgreSQL in a folder, as the user `postgres` that Debian made, since it never runs as root; a string is why not. */
export async function startPostgres(folder: string, port: number): Promise<Postgres | string> {
  const [version] = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort().reverse() : [];
  if (version === undefined) return "PostgreSQL is not installed: apt-get install postgresql";
  if (process.getuid?.() !== 0) return "PostgreSQL is started by root, as the user postgres";
  const programs = join(VERSIONS, version, "bin");
  const [uid, gid] = ["-u", "-g"].map(flag => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })));
  mkdirSync(folder, { recursive: true });
  chownSync(folder, uid!, gid!);
  const options = { uid: uid!, gid: gid!, cwd: folder } as const;
  const data = join(folder, "data");
  execFileSync(join(programs, "initdb"), ["-D", data, "-E", "UTF8", "--locale=C", "-A", "trust"], {
    ...options,
    stdio: "ignore",
  });
  const settings = ["-c", "listen_addresses=127.0.0.1", "-k", folder, "-p", String(port)];
  const child = spawn(join(programs, "postgres"), ["-D", data, ...settings], { ...options, stdio: "ignore" });
  const query = (sql: string): void => {
    const connection = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-c", sql];
    execFileSync(join(programs, "psql"), connection, { ...options, stdio: "ignore" });
  };
  await untilReady(child, () => query("SELECT 1"));
  return { pid: child.pid!, query, stop: () => stopped(child) };
}

async function untilReady(child: ChildProcess, ask: () => void): Promise<void> {
  for (let waited = 0; child.exitCode === null && waited < START_MS_MAX; waited += POLL_MS) {
    try {
      return ask();
    } catch {
      await sleep(POLL_MS);
    }
  }
  throw new Error("PostgreSQL did not begin to answer");
}

async function stopped(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGINT");
  await exited;
}

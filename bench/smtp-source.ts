import { execFile } from "node:child_process";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";

/** One run of the load generator. */
interface LoadRun {
  readonly port: number;
  readonly connections: number;
  readonly messages: number;
  /** Octets of the body; the generator adds a short header. */
  readonly octets: number;
}

/** Where Debian puts it, which is not on everybody's path. */
const environment = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };
/** A run may take this long before it is ended. */
const RUN_MS_MAX = 300_000;

/** Sends the messages over reused connections; answers the wall-clock time in milliseconds. Rejects if one was not accepted. */
export async function runSmtpSource(run: LoadRun): Promise<number> {
  const options = ["-s", run.connections, "-m", run.messages, "-l", run.octets].map(String);
  const envelope = ["-d", "-M", "load.outside.example", "-f", "load@outside.example", "-t", "bob@scop.test"];
  const start = performance.now();
  await promisify(execFile)("smtp-source", [...options, ...envelope, `127.0.0.1:${run.port}`], {
    env: environment,
    timeout: RUN_MS_MAX,
  });
  return performance.now() - start;
}

/** Whether the load generator is installed. */
export async function hasSmtpSource(): Promise<boolean> {
  try {
    await promisify(execFile)("smtp-source", [], { env: environment });
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
}

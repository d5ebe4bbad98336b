import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

/** What the figures were measured on, without names. */
export function describeMachine(folder: string): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const filesystem = execFileSync("stat", ["-f", "-c", "%T", folder], { encoding: "utf8" }).trim();
  const model = processors[0]?.model ?? "unknown processor";
  return `${processors.length} cores (${model}), ${memory} GB RAM, Linux ${release()}, ${filesystem}, Node ${process.version}`;
}

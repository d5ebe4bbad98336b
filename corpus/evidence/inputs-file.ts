import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The kept inputs of one target, as `corpus/inputs/TARGET.json` has them. */
export interface InputFile {
  readonly target: string;
  /** What is checked of each, in one sentence. */
  readonly about: string;
  /** Each in base64, the shortest first. */
  readonly inputs: readonly string[];
}

/** The files of a folder of inputs, by the names of their targets. */
export function readInputs(folder: string): readonly InputFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter(name => name.endsWith(".json"))
    .sort()
    .map(name => JSON.parse(readFileSync(join(folder, name), "utf8")) as InputFile);
}

/** Writes each input as a file of its own, named by its hash, in a folder for each target; answers how many. */
export function writeInputs(from: string, to: string): number {
  let count = 0;
  for (const { target, inputs } of readInputs(from)) {
    mkdirSync(join(to, target), { recursive: true });
    for (const each of inputs) {
      const bytes = Buffer.from(each, "base64");
      const name = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
      writeFileSync(join(to, target, name), bytes);
      count += 1;
    }
  }
  return count;
}

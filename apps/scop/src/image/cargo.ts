import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { Fault } from "../fault.ts";
import { ROOT } from "./roles.ts";

/** Where the Rust of the images is. */
const UNIKERNEL: string = join(ROOT, "unikernel");
const TARGET = join(UNIKERNEL, "target");
/** Where cargo puts what it built. */
export const BUILT: string = join(TARGET, "x86_64-unknown-linux-gnu/release");

/** As `.cargo/config.toml` says, and no path of this machine in what is built. */
function flags(): Record<string, string> {
  const cargoHome = process.env["CARGO_HOME"] ?? join(homedir(), ".cargo");
  const rust = [
    "-Crelocation-model=static",
    "-Ctarget-cpu=x86-64",
    `--remap-path-prefix=${cargoHome}=/cargo`,
    `--remap-path-prefix=${UNIKERNEL}=/unikernel`,
  ];
  return { CARGO_ENCODED_RUSTFLAGS: rust.join("\u001f"), CARGO_TARGET_DIR: TARGET };
}

/** Runs cargo in `unikernel/` and answers what it wrote. Throws `Fault` with its words where it fails or is missing. */
export function cargo(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("cargo", words, { cwd: UNIKERNEL, env: { ...process.env, ...flags(), ...environment } });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", text => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", text => {
      errors += text;
    });
    child.on("error", () => reject(new Fault("cargo is not here; images are built by Rust 1.95 or newer, and gcc")));
    child.on("close", code => {
      if (code === 0) resolve(output);
      else reject(new Fault(`cargo ${words[0]} failed:\n${errors.trim()}`));
    });
  });
}

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const PYTHON = fileURLToPath(new URL("../peers/python-email.py", import.meta.url));
const CRATE = fileURLToPath(new URL("../peers/rust-mail-parser/", import.meta.url));

/** Whether a program runs at all. */
function runs(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Builds the driver of the Rust library when it is asked for first; why not, if it does not work. */
function buildRust(): string | undefined {
  if (!runs("cargo")) return "cargo is not installed";
  const { status } = spawnSync("cargo", ["build", "--release", "--locked", "--quiet"], {
    cwd: CRATE,
    stdio: "inherit",
  });
  return status === 0 ? undefined : "cargo build --release failed in bench/peers/rust-mail-parser";
}

/** How a peer that is no library for Node is started; a string is why it cannot be. */
export function startedPeer(name: string, folder: string): readonly string[] | string {
  if (name === "Python email") return runs("python3") ? ["python3", PYTHON, folder] : "python3 is not installed";
  const program = `${CRATE}target/release/rust-mail-parser`;
  const fault = existsSync(program) ? undefined : buildRust();
  return fault ?? [program, folder];
}

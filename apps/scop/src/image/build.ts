import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { takeLock } from "@scop/node-host/exclusive-lock";
import { BUILT, cargo } from "./cargo.ts";
import { ROOT, roleOf } from "./roles.ts";

/** A part of an image, and under which licence it is. */
interface Part {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** What an image is made of. Octets are those in the file. */
export interface Manifest {
  readonly role: string;
  readonly octets: number;
  readonly sha256: string;
  readonly bytecode: { readonly octets: number; readonly sha256: string };
  /** Our packages in the bytecode, with the octets of their source behind the bundler. */
  readonly packages: readonly { readonly name: string; readonly octets: number }[];
  readonly crates: readonly Part[];
  readonly engine: string;
}

/** Compiled into the image by `probes`: attacks on itself, for tests. */
interface BuildOptions {
  readonly probes: "no" | "yes";
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** How often a build looks whether the one before it is over, in milliseconds. */
const TURN_LOOK_MS = 250;

/**
 * Builds the image of a role into `output`. Takes a minute or two the first time: the engine is compiled. Builds at once, of other processes too, wait
 * for each other, since they share cargo's folder.
 */
export async function buildImage(role: string, output: string, options: BuildOptions): Promise<Manifest> {
  const known = roleOf(role);
  const release = await turn();
  try {
    return await build(role, known, output, options);
  } finally {
    release();
  }
}

async function turn(): Promise<() => void> {
  await mkdir(BUILT, { recursive: true });
  for (;;) {
    const release = takeLock(join(BUILT, "image.lock"), 0);
    if (release !== undefined) return release;
    await sleep(TURN_LOOK_MS);
  }
}

async function build(
  role: string,
  { entry, features }: ReturnType<typeof roleOf>,
  output: string,
  options: BuildOptions,
): Promise<Manifest> {
  const work = join(BUILT, "roles", role);
  await mkdir(work, { recursive: true });
  const { script, packages } = await bundle(entry);
  await writeFile(join(work, "role.js"), script);
  await cargo(["build", "--release", "--locked", "-p", "bytecode"]);
  const bytecodeFile = join(work, "role.bin");
  await promisify(execFile)(join(BUILT, "bytecode"), [join(work, "role.js"), bytecodeFile]);
  const chosen = [...features, ...(options.probes === "yes" ? ["probes"] : [])].join(",");
  await cargo(["build", "--release", "--locked", "-p", "base", "--features", chosen], {
    SCOP_ROLE_BYTECODE: bytecodeFile,
  });
  await mkdir(dirname(output), { recursive: true });
  await copyFile(join(BUILT, "base"), output);
  const [image, bytecode] = [await readFile(output), await readFile(bytecodeFile)];
  return {
    role,
    octets: image.length,
    sha256: sha256(image),
    bytecode: { octets: bytecode.length, sha256: sha256(bytecode) },
    packages,
    ...(await crates(chosen)),
  };
}

/** The role's TypeScript as one script. */
async function bundle(entry: string): Promise<{ script: string; packages: Manifest["packages"] }> {
  const { build } = await import("esbuild");
  const built = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    platform: "neutral",
    target: "es2023",
    conditions: ["@scop/source"],
    minify: true,
    metafile: true,
  });
  const octets = new Map<string, number>();
  for (const each of Object.values(built.metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(each.inputs)) {
      const name = `@scop/${path.split("/")[1]}`;
      octets.set(name, (octets.get(name) ?? 0) + bytesInOutput);
    }
  }
  const packages = [...octets].map(([name, octets]) => ({ name, octets })).filter(each => each.octets > 0);
  return { script: built.outputFiles[0]?.text ?? "", packages };
}

/** What is linked, as cargo knows it. */
async function crates(features: string): Promise<Pick<Manifest, "crates" | "engine">> {
  const tree = await cargo([
    "tree",
    "--locked",
    "-p",
    "base",
    "--features",
    features,
    "-e",
    "normal,no-proc-macro",
    "--prefix",
    "none",
    "-f",
    "{p}|{l}",
  ]);
  const parts = new Map<string, Part>();
  for (const line of tree.split("\n")) {
    const [, name, version, licence] = /^(\S+) v(\S+).*\|(.*)$/.exec(line.replace(" (*)", "")) ?? [];
    // Macros run when the image is built, and are not in it.
    if (name === undefined || version === undefined || name === "base" || line.includes("(proc-macro)")) continue;
    parts.set(name, { name, version, licence: licence ?? "" });
  }
  const found = [...parts.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  return { crates: found, engine: `QuickJS-ng from rquickjs-sys ${parts.get("rquickjs-sys")?.version}, C, MIT` };
}

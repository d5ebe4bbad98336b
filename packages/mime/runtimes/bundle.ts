import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** What of esbuild is used. */
interface Esbuild {
  buildSync(options: object): {
    readonly outputFiles: readonly { readonly contents: Uint8Array; readonly text: string }[];
  };
}

const require = createRequire(new URL("../../../bench/package.json", import.meta.url));

/** A package of `bench/`; undefined if it is not installed. */
export function fromBench<Module>(name: string): Module | undefined {
  try {
    return require(name) as Module;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Why a test is skipped that needs a package of `bench/`. */
export const BENCH_MISSING = "bench/node_modules is missing: npm ci --prefix bench";

const esbuild = fromBench<Esbuild>("esbuild");

export const hasEsbuild: boolean = esbuild !== undefined;

/** Source of one file that needs nothing beside it, minified. Where `global` is given, its exports are an object of that name. */
export function bundle(source: string, global?: string): string {
  const { outputFiles } = esbuild!.buildSync({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL(".", import.meta.url)), loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    target: "es2024",
    conditions: ["@scop/source"],
    ...(global === undefined ? { format: "esm" } : { format: "iife", globalName: global }),
  });
  return outputFiles[0]!.text;
}

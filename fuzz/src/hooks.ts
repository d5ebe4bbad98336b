import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { countEdges, traceComparisons } from "./instrument.ts";

/** A URL with this query is the traced form of its module, and so is what that module imports. */
export const TRACED = "?traced";

/** A text of a module that is another one when the module loads: how a fault is planted that a fuzzer has to find. */
export interface SourceChange {
  /** The end of the module's URL. */
  readonly file: string;
  /** What has to stand in it exactly once. */
  readonly from: string;
  readonly to: string;
}

/** The text of a module with its changes. Throws where what is to be changed does not stand there exactly once. */
export function changed(text: string, url: string, changes: readonly SourceChange[]): string {
  let result = text;
  for (const { file, from, to } of changes.filter(each => url.endsWith(each.file))) {
    const pieces = result.split(from);
    if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times, not once: ${from}`);
    result = pieces.join(to);
  }
  return result;
}

const COUNTERS = new URL("counters.ts", import.meta.url).href;
const COMPARISONS = new URL("comparisons.ts", import.meta.url).href;

/** What is known of the modules that a thread loaded. */
interface Loaded {
  /** The words that the counted modules hold, a set that grows while modules load. */
  readonly words: ReadonlySet<string>;
  /** A whole number of 31 bits made of the texts of all modules so far, counted or not: another one where any of them is another. */
  readonly hash: () => number;
}

/**
 * Instruments the modules of this thread as they load, from now on. `isIncluded` says for a `file:` URL whether it is counted; TypeScript is
 * stripped first. Every module can be had twice: as it is named, with counters, and with the query `?traced`, with its comparisons
 * reported; the two share nothing. `changes` are made to the sources before.
 */
export function instrumentModules(isIncluded: (url: string) => boolean, changes: readonly SourceChange[] = []): Loaded {
  const words = new Set<string>();
  const texts = new Set<string>();
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const goesOn = context.parentURL?.endsWith(TRACED) && isSourceUrl(resolved.url) && !isEngine(resolved.url);
      return goesOn && !resolved.url.endsWith(TRACED) ? { ...resolved, url: resolved.url + TRACED } : resolved;
    },
    load(url, context, nextLoad) {
      const plain = url.endsWith(TRACED) ? url.slice(0, -TRACED.length) : url;
      if (!isSourceUrl(plain)) return nextLoad(url, context);
      const text = changed(readFileSync(fileURLToPath(plain), "utf8"), plain, changes);
      texts.add(text);
      if (!isIncluded(plain)) return nextLoad(url, context);
      const source = plain.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
      if (plain !== url) return { format: "module", source: traceComparisons(source, COMPARISONS), shortCircuit: true };
      const counted = countEdges(source, COUNTERS);
      for (const word of counted.words) words.add(word);
      return { format: "module", source: counted.code, shortCircuit: true };
    },
  });
  const hash = (): number => {
    const all = createHash("sha256");
    for (const text of [...texts].sort()) all.update(`${text.length} ${text}`);
    return all.digest().readUInt32BE() >>> 1;
  };
  return { words, hash };
}

function isSourceUrl(url: string): boolean {
  return url.startsWith("file:") && /\.[mc]?[jt]s(?:\?traced)?$/.test(url) && !url.includes("/node_modules/");
}

/** The recorders themselves exist once. */
function isEngine(url: string): boolean {
  return url === COUNTERS || url === COMPARISONS;
}

import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { countEdges, traceComparisons } from "./instrument.ts";

/** A URL with this query is the traced form of its module, and so is what that module imports. */
export const TRACED = "?traced";

const COUNTERS = new URL("counters.ts", import.meta.url).href;
const COMPARISONS = new URL("comparisons.ts", import.meta.url).href;

/**
 * Instruments the modules of this thread as they load, from now on. `isIncluded` says for a `file:` URL whether it is counted; TypeScript is
 * stripped first. Every module can be had twice: as it is named, with counters, and with the query `?traced`, with its comparisons
 * reported; the two share nothing. Answers the words that the counted modules hold, a set that grows while modules load.
 */
export function instrumentModules(isIncluded: (url: string) => boolean): ReadonlySet<string> {
  const words = new Set<string>();
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const resolved = nextResolve(specifier, context);
      const goesOn = context.parentURL?.endsWith(TRACED) && isSourceUrl(resolved.url) && !isEngine(resolved.url);
      return goesOn && !resolved.url.endsWith(TRACED) ? { ...resolved, url: resolved.url + TRACED } : resolved;
    },
    load(url, context, nextLoad) {
      const plain = url.endsWith(TRACED) ? url.slice(0, -TRACED.length) : url;
      if (!isSourceUrl(plain) || !isIncluded(plain)) return nextLoad(url, context);
      const text = readFileSync(fileURLToPath(plain), "utf8");
      const source = plain.endsWith(".ts") ? stripTypeScriptTypes(text) : text;
      if (plain !== url) return { format: "module", source: traceComparisons(source, COMPARISONS), shortCircuit: true };
      const counted = countEdges(source, COUNTERS);
      for (const word of counted.words) words.add(word);
      return { format: "module", source: counted.code, shortCircuit: true };
    },
  });
  return words;
}

function isSourceUrl(url: string): boolean {
  return url.startsWith("file:") && /\.[mc]?[jt]s(?:\?traced)?$/.test(url) && !url.includes("/node_modules/");
}

/** The recorders themselves exist once. */
function isEngine(url: string): boolean {
  return url === COUNTERS || url === COMPARISONS;
}

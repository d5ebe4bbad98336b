/** Loaded before the adapter: puts one change into one source file while it is loaded. `MUTANT` is JSON: the end of a URL, a place, what stands there, and what will. */
import { registerHooks } from "node:module";

interface Mutant {
  readonly path: string;
  readonly at: number;
  readonly from: string;
  readonly to: string;
}

const { path, at, from, to } = JSON.parse(process.env["MUTANT"] ?? "{}") as Mutant;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(path)) return loaded;
    const source = String(loaded.source);
    if (source.slice(at, at + from.length) !== from) throw new Error(`${path} has changed`);
    return { ...loaded, source: source.slice(0, at) + to + source.slice(at + from.length) };
  },
});

export { type Finding, runOnce } from "./fuzzer.ts";
export type { Grammar } from "./grammar.ts";
export { changed, type SourceChange } from "./hooks.ts";
export { minimise } from "./minimise.ts";
export { octetsOf, type Target, type Targets } from "./target.ts";
export { type Campaign, type Figures, fuzzTarget, type Outcome } from "./watch.ts";

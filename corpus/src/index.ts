export type { Hello, Request } from "./adapter.ts";
export type { CaseInput, CaseResult, CorpusCase, Expectation, JsonObject, ReadyCase } from "./case.ts";
export type { Answer, Judgement, Verdict } from "./judge.ts";
export { judge } from "./judge.ts";
export { type Corpus, loadCorpus } from "./load.ts";
export { type ResultFile, readResults, resultFile, tableOf, writeResult } from "./results.ts";
export { type Run, type RunOptions, runCases } from "./run.ts";
export { openSchema, type SchemaCheck } from "./schema.ts";
export { writeSite } from "./site.ts";

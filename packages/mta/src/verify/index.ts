export { resultsField } from "./results.ts";
export { type Arrival, type Verdicts, verifyMessage } from "./verification.ts";

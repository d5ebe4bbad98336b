export type { AggregateReport, OverrideReason, ReportedMessages, ReportedSignature } from "./aggregate.ts";
export { formatAggregateReport } from "./format.ts";
export { parseAggregateReport } from "./parse.ts";

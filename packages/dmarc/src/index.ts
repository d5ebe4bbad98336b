export type { DmarcQuestion } from "./check.ts";
export type { ReportDestination, ReportDestinations } from "./destinations.ts";
export { openDestinationSearch, openDmarcCheck } from "./machine.ts";
export {
  type Alignment,
  type DmarcRecord,
  type FailureOption,
  formatDmarcRecord,
  isDmarcRecord,
  type Policy,
  parseDmarcRecord,
  type ReportUri,
} from "./record.ts";
export type { DmarcCode, DmarcResult, DmarcVerdict } from "./verdict.ts";

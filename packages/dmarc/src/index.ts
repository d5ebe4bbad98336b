export type { DmarcQuestion } from "./check.ts";
export { openDmarcCheck } from "./machine.ts";
export {
  type Alignment,
  type DmarcRecord,
  type FailureOption,
  formatDmarcRecord,
  isDmarcRecord,
  type Policy,
  parseDmarcRecord,
} from "./record.ts";
export type { DmarcCode, DmarcResult, DmarcVerdict } from "./verdict.ts";

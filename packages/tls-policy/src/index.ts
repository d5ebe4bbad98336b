export { publicKeyOf } from "./certificate.ts";
export { type DaneAnswer, type DaneOutcome, type DaneQuestion, type DaneSubject, decideDane } from "./dane.ts";
export type { JudgedBy, ReportedPolicy } from "./judged.ts";
export {
  formatTlsReport,
  parseTlsReport,
  RESULT_TYPES,
  type TlsFailure,
  type TlsPolicyReport,
  type TlsReport,
} from "./report.ts";
export { parseReportRecord, type ReportDestination, type ReportEndpoint, reportRecordName } from "./report-record.ts";
export { isVerified, requirementOf, type TlsRequirement } from "./requirement.ts";
export {
  discoverSts,
  NO_MEMORY,
  readStsAnswer,
  type StsAnswer,
  type StsMemory,
  type StsOutcome,
  type StsQuestion,
  stsRequest,
} from "./sts.ts";
export { formatStsPolicy, isStsHost, parseStsPolicy, type StsName, type StsPolicy } from "./sts-policy.ts";
export { formatStsRecord, parseStsRecord, type StsRecord, stsRecordName } from "./sts-record.ts";
export { matchesTlsa, usableTlsa } from "./tlsa.ts";

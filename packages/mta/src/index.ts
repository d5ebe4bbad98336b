export type {
  DestinationLimits,
  HoldRule,
  MtaConfig,
  MtaLimits,
  ReportSettings,
  RetrySchedule,
  Transport,
  TransportTls,
} from "./config.ts";
export {
  ADDRESSES_MAX,
  ALIAS_ADDRESSES_MAX,
  ALIAS_DEPTH_MAX,
  CONNECTIONS_MAX,
  CONNECTIONS_PER_DESTINATION_MAX,
  MESSAGE_OCTETS_MAX,
  RECEIVED_MAX,
  RECIPIENTS_MAX,
  SINK_OCTETS_MAX,
  SINK_OCTETS_PER_PEER_MAX,
  TRANSACTION_RECIPIENTS_MAX,
} from "./limits.ts";
export { createMta, type Mta, type MtaCredentials } from "./mta.ts";
export type { OwnMail, PreparedMail } from "./own-mail.ts";
export type { ReceiverKind } from "./receiver.ts";
export type { ReportOutcome, ReportRun } from "./reports/reporter.ts";
export type { MtaIo } from "./stage.ts";

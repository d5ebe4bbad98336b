export {
  formatMessageSignature,
  formatSeal,
  type MessageSignature,
  parseMessageSignature,
  parseSeal,
  type Seal,
} from "./fields.ts";
export { openSealing, type Sealing, type SealOptions } from "./seal.ts";
export type {
  ArcFailure,
  ArcFailureCode,
  ArcNone,
  ArcPass,
  ArcSealer,
  ArcVerdict,
  ChainStatus,
} from "./verdict.ts";
export { type ArcEffect, openArcVerification } from "./verify.ts";

export { type BodyHash, type BodyHashes, openBodyHashes } from "./body-hash.ts";
export { type BodyWork, installBodyWork, pureBodyWork } from "./body-work.ts";
export { formatSignature } from "./format.ts";
export { type KeyCache, openKeyCache } from "./key.ts";
export { formatKeyRecord, type KeyRecord, parseKeyRecord } from "./key-record.ts";
export type { Lookup } from "./lookups.ts";
export { arcResult, dkimResults } from "./results.ts";
export { fieldsToSign, openSigning, type Signing, type SignOptions, type UnsignedField } from "./sign.ts";
export {
  type Algorithm,
  type Canonicalization,
  type DkimSignature,
  parseSignature,
  type SignatureTags,
} from "./signature.ts";
export type { Signer, SigningKey } from "./signer.ts";
export type {
  DkimFailure,
  DkimNone,
  DkimPass,
  DkimVerdict,
  FailureCode,
  FailureWord,
  SignatureFacts,
} from "./verdict.ts";
export type { Verification, VerifyInput } from "./verification.ts";
export { openVerification, type VerifyEffect, type VerifyOptions } from "./verify.ts";

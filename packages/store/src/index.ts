export type {
  BlobRef,
  Change,
  ChangeResults,
  CopyResult,
  NewBlob,
  Outcome,
  QueueRecipient,
  Refusal,
  ResultOf,
  Threaded,
} from "./changes.ts";
export { CHANGES_MAX, MAILBOX_LEVELS_MAX, MAILBOX_NAME_OCTETS_MAX, THREAD_NAMES_MAX } from "./check.ts";
export type { AccountId, BlobId, LeaseToken, MailboxId, MessageId, QueueId, SubmissionId } from "./ids.ts";
export {
  BLOB_INLINE_OCTETS_MAX,
  type BlobWriter,
  type StagedBlob,
  type Store,
  StoreCorrupt,
  type StoreEvent,
  StoreUnavailable,
  type Transaction,
  type TransactionResult,
} from "./port.ts";
export type {
  AccountRecord,
  AliasRecord,
  DomainRecord,
  DsnRequest,
  EntryRecord,
  ExpungedRecord,
  LeasedRecord,
  MailboxRecord,
  QueueRecord,
  QueueState,
  Quota,
  SpecialUse,
  TextCandidates,
  Usage,
} from "./records.ts";

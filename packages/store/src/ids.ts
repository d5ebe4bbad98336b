import type { Brand } from "@scop/wire";

/** Keys that a store gives out; each is unique for the life of the store and never used again. */
export type AccountId = Brand<number, "AccountId">;
export type MailboxId = Brand<number, "MailboxId">;
export type BlobId = Brand<number, "BlobId">;
export type QueueId = Brand<number, "QueueId">;
/** Unique within its account, told to clients: a number of all accounts would tell how busy others are. */
export type MessageId = Brand<number, "MessageId">;
/** Shared by the queue items that came from one message. */
export type SubmissionId = Brand<number, "SubmissionId">;
/** The fencing token of a lease: larger with each lease that is given. */
export type LeaseToken = Brand<number, "LeaseToken">;

import type { Brand } from "@scop/wire";

/** Keys that a store gives out; each is unique for the life of the store and never used again. */
export type AccountId = Brand<number, "AccountId">;
export type MailboxId = Brand<number, "MailboxId">;
export type MessageId = Brand<number, "MessageId">;
export type BlobId = Brand<number, "BlobId">;
export type QueueId = Brand<number, "QueueId">;
/** Shared by the queue items that came from one message. */
export type SubmissionId = Brand<number, "SubmissionId">;
/** The fencing token of a lease: larger with each lease that is given. */
export type LeaseToken = Brand<number, "LeaseToken">;

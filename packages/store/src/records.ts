import type { Instant } from "@scop/platform";
import type { ScramVerifier } from "@scop/sasl";
import type { AccountId, BlobId, LeaseToken, MailboxId, MessageId, QueueId, SubmissionId } from "./ids.ts";

/** A domain that is served here. */
export interface DomainRecord {
  /** Lower case, A-labels. */
  readonly domain: string;
  readonly created: Instant;
}

/** Somebody with mailboxes. */
export interface AccountRecord {
  readonly id: AccountId;
  /** `localpart@domain` as `addressKey` of `@scop/address` makes it. */
  readonly address: string;
  readonly verifier: ScramVerifier;
  readonly created: Instant;
  /** Limits of its own; undefined: the server's usual one. RFC 9208 5 */
  readonly quota: Quota;
  readonly usage: Usage;
}

/** What an account may have. A limit that is undefined is none. RFC 9208 5.1, 5.2 */
export interface Quota {
  readonly octets: number | undefined;
  readonly messages: number | undefined;
}

/** What an account has. A message counts once for each mailbox that it is in. */
export interface Usage {
  readonly octets: number;
  readonly messages: number;
}

/** An address that stands for others. */
export interface AliasRecord {
  readonly address: string;
  /** Addresses here or elsewhere, at least one. */
  readonly targets: readonly string[];
}

/** RFC 6154 2 */
export type SpecialUse = "\\Archive" | "\\Drafts" | "\\Junk" | "\\Sent" | "\\Trash";

/** One mailbox. INBOX is created with its account and always exists. */
export interface MailboxRecord {
  readonly id: MailboxId;
  readonly account: AccountId;
  /** Full name in UTF-8, levels separated by `/`; `INBOX` in upper case. */
  readonly name: string;
  /** Its name for good among the mailboxes of its account, told to clients: no other account can be counted by it. RFC 8474 4 */
  readonly object: number;
  readonly specialUse: SpecialUse | undefined;
  readonly subscribed: boolean;
  /** RFC 3501 2.3.1.1: 1 to 2^32 - 1, larger when a name is used again. */
  readonly uidValidity: number;
  readonly uidNext: number;
  /** RFC 7162 3.1.2: the largest mod-sequence of anything that happened in it. */
  readonly highestModseq: number;
  readonly messages: number;
  readonly unseen: number;
  readonly deleted: number;
  /** Octets of all messages. */
  readonly octets: number;
  /** Octets of those with `\\Deleted`. */
  readonly deletedOctets: number;
}

/** One message in one mailbox. */
export interface EntryRecord {
  readonly uid: number;
  /** The same for all copies of a message, and no other one's of its account. RFC 8474 5.1 */
  readonly message: MessageId;
  readonly blob: BlobId;
  /** Octets of the blob. */
  readonly size: number;
  /** System flags as `\Seen`, keywords as they came; no duplicates ignoring case, `\Recent` never. */
  readonly flags: readonly string[];
  readonly modseq: number;
  readonly internalDate: Instant;
  /** When it came into this mailbox. RFC 8514 3 */
  readonly saveDate: Instant;
}

/** Where texts may be. UIDs, rising. */
export interface TextCandidates {
  /** Messages of which nothing is known yet. */
  readonly unindexed: readonly number[];
  /** For each text those that may have it: all that do, and a few that do not. The ones that are not indexed are not among them. */
  readonly possible: readonly (readonly number[])[];
}

/** A message that is gone. RFC 7162 3.2.10 */
export interface ExpungedRecord {
  readonly uid: number;
  readonly modseq: number;
}

/** What a queue item is doing: waiting for its time, being worked on, or waiting for the operator. */
export type QueueState = "ready" | "leased" | "held";

/** What the sender of a message wants to be told about a recipient. RFC 3461 4 */
export interface DsnRequest {
  /** What a report about a failure returns. */
  readonly returned?: "message" | "header";
  readonly envelopeId?: string;
  /** Without it, the usual; empty: never. */
  readonly notify?: readonly ("success" | "failure" | "delay")[];
  /** The address that the sender first meant, and of what type it is. */
  readonly originalRecipient?: { readonly type: string; readonly address: string };
}

/**
 * How safe the way of a message has to be: as the destination asks; verified and promised further (REQUIRETLS); or no safer than it comes,
 * whatever the destination asks (`TLS-Required: No`). RFC 8689
 */
export type TlsDemand = "usual" | "required" | "optional";

/** One message for one recipient, on its way out. */
export interface QueueRecord {
  readonly id: QueueId;
  readonly submission: SubmissionId;
  readonly blob: BlobId;
  /** Where in the blob the message to send begins: a Return-Path before it stays here. */
  readonly blobOffset: number;
  /** Octets of the whole blob. */
  readonly size: number;
  /** MAIL FROM, empty for the null reverse-path. */
  readonly reversePath: string;
  /** RCPT TO. */
  readonly recipient: string;
  /** What items are grouped and limited by: the recipient's domain, lower case, A-labels. */
  readonly destination: string;
  /** The message has octets above 127: 8BITMIME is needed. RFC 6152 */
  readonly eightBit: boolean;
  /** An address or a header field is not ASCII: SMTPUTF8 is needed. RFC 6531 */
  readonly utf8: boolean;
  /** The message is not in lines: BINARYMIME is needed. RFC 3030 3 */
  readonly binary: boolean;
  readonly tls: TlsDemand;
  readonly dsn: DsnRequest;
  /** The sender was told that it takes long. */
  readonly delayTold: boolean;
  readonly state: QueueState;
  /** Attempts that ended. */
  readonly attempts: number;
  readonly created: Instant;
  /** When it is tried next. */
  readonly due: Instant;
  /** When it is given up. */
  readonly expires: Instant;
  /** The last answer or failure, or why it is held, for people; empty before the first attempt. */
  readonly lastReply: string;
}

/** What is counted: messages by what DMARC said of them, or sessions by what became of their TLS. */
export type TallyKind = "dmarc" | "tls";

/** A day of a domain that something was counted for. */
export interface TallyDay {
  /** Days since 1970-01-01, UTC. */
  readonly day: number;
  readonly domain: string;
  /** The sum of all rows. */
  readonly counted: number;
}

/** How often one thing was counted. */
export interface Tally {
  readonly key: string;
  readonly count: number;
}

/** A queue item with the right to work on it. */
export interface LeasedRecord extends QueueRecord {
  readonly token: LeaseToken;
}

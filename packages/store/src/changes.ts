import type { Instant } from "@scop/platform";
import type { ScramVerifier } from "@scop/sasl";
import type { EncryptionChange, EncryptionChangeResults } from "./encryption.ts";
import type { AccountId, BlobId, LeaseToken, MailboxId, MessageId, QueueId, SubmissionId } from "./ids.ts";
import type { StagedBlob } from "./port.ts";
import type { DsnRequest, Quota, SpecialUse, TallyKind, TlsDemand } from "./records.ts";
import type { RoomChange, RoomChangeResults } from "./rooms.ts";

/** The bytes of a message: small ones given with the transaction, large ones staged before it. */
export type NewBlob = { readonly bytes: readonly Uint8Array[] } | { readonly staged: StagedBlob };

/** A blob of this transaction by its place in `blobs`, or one that is stored. */
export type BlobRef = { readonly new: number } | { readonly id: BlobId };

/** One recipient of a message that goes out. */
export interface QueueRecipient {
  readonly recipient: string;
  readonly destination: string;
  readonly dsn?: DsnRequest;
  /** It waits for the operator, for this reason. */
  readonly held?: string;
}

/** How an attempt ended. `retry` also covers what was never tried. */
export type Outcome =
  | { readonly outcome: "done" }
  | {
      readonly outcome: "retry";
      readonly due: Instant;
      readonly reply: string;
      /** In this transaction the sender is told that it takes long. */
      readonly told?: "delay";
    };

/**
 * What a transaction does, as data, so that any engine can batch it, repeat it and simulate it. Each member names its failures;
 * a failure of one change undoes the whole transaction. `within` asks for limits: the account's own, or these where it has none.
 */
export type Change =
  | RoomChange
  | EncryptionChange
  /** `exists` */
  | { readonly change: "add-domain"; readonly domain: string }
  /** `missing`; `in-use` while an account or alias is under it */
  | { readonly change: "remove-domain"; readonly domain: string }
  /** Creates INBOX and the mailboxes named, all subscribed. `exists` (account, alias, or a mailbox twice), `missing` (its domain) */
  | {
      readonly change: "add-account";
      readonly address: string;
      readonly verifier: ScramVerifier;
      readonly mailboxes: readonly { readonly name: string; readonly specialUse: SpecialUse }[];
    }
  /** `missing` */
  | { readonly change: "set-verifier"; readonly account: AccountId; readonly verifier: ScramVerifier }
  /** Limits of its own; what it has already stays. `missing` */
  | { readonly change: "set-quota"; readonly account: AccountId; readonly quota: Quota }
  /** With all its mailboxes and messages. `missing` */
  | { readonly change: "remove-account"; readonly account: AccountId }
  /** Adds or replaces. `exists` (an account has the address), `missing` (its domain) */
  | { readonly change: "put-alias"; readonly address: string; readonly targets: readonly string[] }
  /** `missing` */
  | { readonly change: "remove-alias"; readonly address: string }
  /** Missing levels above it are created; none is subscribed. `exists`, `missing` (the account) */
  | {
      readonly change: "create-mailbox";
      readonly account: AccountId;
      readonly name: string;
      readonly specialUse: SpecialUse | undefined;
    }
  /** With what is under it; INBOX gives its messages to a new mailbox and stays (RFC 3501 6.3.5). `missing`, `exists` */
  | { readonly change: "rename-mailbox"; readonly account: AccountId; readonly from: string; readonly to: string }
  /** With its messages, not its subscription. `missing`, `in-use` for INBOX and for one with mailboxes under it */
  | { readonly change: "delete-mailbox"; readonly account: AccountId; readonly name: string }
  /** Also to a name that no mailbox has (RFC 3501 6.3.6). `missing` (the account; a name to unsubscribe that is not subscribed) */
  | {
      readonly change: "subscribe";
      readonly account: AccountId;
      readonly name: string;
      readonly subscribed: boolean;
    }
  /** `missing` (mailbox, the account of an INBOX, or a blob named by id), `over-quota` with `within` */
  | {
      readonly change: "add-message";
      readonly to: { readonly mailbox: MailboxId } | { readonly inboxOf: AccountId };
      readonly blob: BlobRef;
      readonly flags: readonly string[];
      readonly internalDate: Instant;
      readonly within?: Quota;
    }
  /**
   * UIDs that do not exist are passed over, and those that have these flags already. With `unchangedSince`, newer ones are left and
   * named. `missing`
   */
  | {
      readonly change: "set-flags";
      readonly mailbox: MailboxId;
      readonly uids: readonly number[];
      readonly mode: "add" | "remove" | "replace";
      readonly flags: readonly string[];
      readonly unchangedSince?: number;
    }
  /** UIDs that do not exist are passed over; order of UIDs is kept. `missing`, `over-quota` with `within` */
  | {
      readonly change: "copy-messages";
      readonly from: MailboxId;
      readonly uids: readonly number[];
      readonly to: MailboxId;
      readonly within?: Quota;
    }
  /** As to copy, and takes them from where they were. `missing` */
  | {
      readonly change: "move-messages";
      readonly from: MailboxId;
      readonly uids: readonly number[];
      readonly to: MailboxId;
    }
  /** Removes those with `\Deleted`, all or among `uids`. `missing` */
  | { readonly change: "expunge"; readonly mailbox: MailboxId; readonly uids?: readonly number[] }
  /**
   * Gives messages that have none a thread: that of the first of `names` which has one, otherwise a new one, which all of `names` have
   * from then on. The thread of a message never changes (RFC 8474 5.2). Blobs that are gone are passed over.
   */
  | {
      readonly change: "thread-messages";
      readonly account: AccountId;
      /** `names`: the message identifiers of a message and of those that it answers. RFC 5322 3.6.4 */
      readonly messages: readonly {
        readonly blob: BlobId;
        readonly message: MessageId;
        readonly names: readonly string[];
      }[];
    }
  /** One queue item a recipient, at least one. `missing` (a blob named by id) */
  | {
      readonly change: "enqueue";
      readonly blob: BlobRef;
      readonly blobOffset: number;
      readonly reversePath: string;
      readonly recipients: readonly QueueRecipient[];
      readonly eightBit: boolean;
      readonly utf8: boolean;
      /** Default `lines`. */
      readonly content?: "lines" | "binary";
      /** Default `usual`. */
      readonly tls?: TlsDemand;
      readonly due: Instant;
      readonly expires: Instant;
    }
  /**
   * Makes texts of messages findable by `textCandidates`; undefined: too long for that, found by every search. Blobs that are gone and
   * those that are indexed are passed over.
   */
  | {
      readonly change: "index-texts";
      readonly texts: readonly { readonly blob: BlobId; readonly text: string | undefined }[];
    }
  /** Ends a lease. `lost-lease` if the token is not the current one */
  | { readonly change: "settle"; readonly item: QueueId; readonly token: LeaseToken; readonly outcome: Outcome }
  /** Gives a lease back untried: due at once, attempts unchanged. Passes over what is not leased with this token */
  | { readonly change: "release"; readonly item: QueueId; readonly token: LeaseToken }
  /** The operator: `hold` stops it, `retry` makes it due now (held or not), `drop` forgets it. `missing`, `in-use` while leased */
  | {
      readonly change: "control";
      readonly item: QueueId;
      readonly action: "hold" | "retry" | "drop";
      readonly now: Instant;
    }
  /**
   * The clock went back: what waits for its first attempt, and was due when it came, is due by `now`; what waits for a further one is
   * due by `latest`. Nothing else changes
   */
  | { readonly change: "mend-due"; readonly now: Instant; readonly latest: Instant }
  /**
   * Counts something that a report will tell: `by` more in the row of this key, of a domain and a day (since 1970-01-01, UTC). A new
   * key beyond `TALLIES_MAX`, or `TALLIES_OF_DAY_MAX` of one domain and day, is passed over
   */
  | {
      readonly change: "tally";
      readonly about: TallyKind;
      readonly day: number;
      readonly domain: string;
      readonly key: string;
      readonly by: number;
    }
  /** Takes the rows of a domain and day away. `missing`; `in-use` where by now another number than `counted` was counted in all */
  | {
      readonly change: "forget-tallies";
      readonly about: TallyKind;
      readonly day: number;
      readonly domain: string;
      readonly counted: number;
    };

/** What each change answers. */
export interface ChangeResults extends RoomChangeResults, EncryptionChangeResults {
  "add-account": { readonly account: AccountId };
  "create-mailbox": { readonly mailbox: MailboxId; readonly uidValidity: number; readonly object: number };
  "add-message": {
    readonly mailbox: MailboxId;
    readonly uidValidity: number;
    readonly uid: number;
    readonly modseq: number;
  };
  "set-flags": {
    readonly changed: readonly { readonly uid: number; readonly flags: readonly string[]; readonly modseq: number }[];
    /** Existing UIDs left alone because of `unchangedSince`. RFC 7162 3.1.3 */
    readonly newer: readonly number[];
  };
  "copy-messages": CopyResult;
  "move-messages": CopyResult;
  "thread-messages": { readonly threads: readonly Threaded[] };
  expunge: { readonly uids: readonly number[]; readonly modseq: number };
  enqueue: { readonly submission: SubmissionId; readonly items: readonly QueueId[] };
  tally: { readonly counted: boolean };
}

/** The thread of a message: the key of one of its messages. RFC 8474 5.2 */
export interface Threaded {
  readonly blob: BlobId;
  readonly thread: MessageId;
}

/** RFC 4315 3: pairs of UIDs, both rising. */
export interface CopyResult {
  readonly uidValidity: number;
  readonly pairs: readonly { readonly from: number; readonly to: number }[];
}

/** The answer to a change; those without one in `ChangeResults` answer an empty object. */
export type ResultOf<C extends Change> = C["change"] extends keyof ChangeResults
  ? ChangeResults[C["change"]]
  : Readonly<Record<never, never>>;

/** Why a change was refused. */
export type Refusal = "exists" | "missing" | "in-use" | "lost-lease" | "over-quota";

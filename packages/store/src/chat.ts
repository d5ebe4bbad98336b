import type { Instant } from "@scop/platform";
import type { BlobRef } from "./changes.ts";
import type { AccountId, BlobId } from "./ids.ts";
import type { EventRange, RoomEventRecord } from "./rooms.ts";

/** A name of a room. */
export interface RoomAliasRecord {
  readonly alias: string;
  readonly room: string;
  /** The user who gave it. */
  readonly creator: string;
}

/** A room that anybody may find. */
export interface PublishedRoom {
  readonly room: string;
  readonly joined: number;
}

/** Up to where somebody has read. */
export interface ReceiptRecord {
  readonly user: string;
  readonly type: string;
  /** Empty where it is of no thread. */
  readonly thread: string;
  readonly event: string;
  readonly at: Instant;
  /** Where in the stream it was given. */
  readonly position: number;
}

/** A file that was brought, or that is to come. */
export interface MediaRecord {
  readonly media: string;
  readonly account: AccountId;
  readonly created: Instant;
  /** Undefined until it is brought. */
  readonly file: MediaFile | undefined;
}

/** What was brought. */
export interface MediaFile {
  readonly blob: BlobId;
  readonly octets: number;
  readonly contentType: string;
  readonly name: string | undefined;
}

/** What the files of an account take. */
export interface MediaUse {
  readonly octets: number;
  /** When each of those was made that are still to come, those that are oldest first. */
  readonly awaited: readonly Instant[];
}

/** How a thread is, for somebody. */
export interface ThreadSummary {
  readonly count: number;
  /** The user said something in it. */
  readonly isTakingPart: boolean;
}

/** A thread: the event that it begins with, and the place of what was said last in it. */
export interface ThreadRecord {
  readonly root: string;
  readonly position: number;
}

/** What a transaction does to what goes along with rooms. As to `Change`. */
export type ChatChange =
  /** What is left of an event, in place of it; of one that was redacted already nothing changes. `missing` (the event or the one that redacts) */
  | {
      readonly change: "redact-event";
      readonly room: string;
      readonly event: string;
      readonly by: string;
      readonly json: string;
    }
  /** The room is none of the user's until a membership says otherwise. `missing`; `in-use` where the user is in it or asked into it */
  | { readonly change: "forget-room"; readonly room: string; readonly user: string }
  /** `exists`, `missing` (the room) */
  | { readonly change: "put-room-alias"; readonly alias: string; readonly room: string; readonly creator: string }
  /** `missing` */
  | { readonly change: "remove-room-alias"; readonly alias: string }
  /** All aliases of a room lead to another one, which is published in its place. `missing` */
  | { readonly change: "replace-room"; readonly room: string; readonly by: string }
  /** `missing` */
  | { readonly change: "publish-room"; readonly room: string; readonly isPublished: boolean }
  /** `missing` (the room) */
  | {
      readonly change: "put-receipt";
      readonly room: string;
      readonly user: string;
      readonly type: string;
      readonly thread: string;
      readonly event: string;
      readonly at: Instant;
    }
  /** A file that is to come; those that were awaited from the account before a time are not any more. `exists`, `missing` (the account) */
  | {
      readonly change: "await-media";
      readonly media: string;
      readonly account: AccountId;
      readonly forgetBefore: Instant;
    }
  /**
   * A file, one that was awaited or a new one. The same octets are kept once. `missing` (the account, or it is awaited from another one),
   * `exists` (it was brought), `over-quota` where the files of the account would have more than `octetsMax`
   */
  | {
      readonly change: "put-media";
      readonly media: string;
      readonly account: AccountId;
      readonly blob: BlobRef;
      /** SHA-256, 32 octets. */
      readonly hash: Uint8Array;
      readonly contentType: string;
      readonly name: string | undefined;
      readonly octetsMax: number;
    };

/** What changes to what goes along with rooms answer. */
export interface ChatChangeResults {
  "put-receipt": { readonly position: number };
}

/** What is read of what goes along with rooms. */
export interface ChatReads {
  roomAlias(alias: string): Promise<RoomAliasRecord | undefined>;
  roomAliases(room: string): Promise<readonly string[]>;
  isRoomPublished(room: string): Promise<boolean>;
  /** Those with most in them first. */
  publishedRooms(): Promise<readonly PublishedRoom[]>;
  /** The one that somebody gave last. */
  receipt(room: string, user: string, type: string, thread: string): Promise<ReceiptRecord | undefined>;
  /** What was given after a position (0: all), by position. */
  receipts(room: string, after: number): Promise<readonly ReceiptRecord[]>;
  /** Events of a room that say they redact an event, those that came first; of each standing. */
  redactionsOf(room: string, event: string, limit: number): Promise<readonly RoomEventRecord[]>;
  /** Events of a room that say they relate to an event, in a certain way or in any. */
  relatedEvents(
    room: string,
    event: string,
    relation: string | undefined,
    range: EventRange,
  ): Promise<readonly RoomEventRecord[]>;
  /** What was said in a thread up to a position. */
  threadSummary(room: string, root: string, user: string, upTo: number): Promise<ThreadSummary>;
  /** Threads of a room with something said in them before a position, that where something was said last first. */
  threadsOf(room: string, before: number, limit: number): Promise<readonly ThreadRecord[]>;
  /** The event that was said first at a time or after it, or last at it or before. */
  eventByTime(room: string, at: Instant, direction: "after" | "before"): Promise<RoomEventRecord | undefined>;
  media(media: string): Promise<MediaRecord | undefined>;
  mediaUse(account: AccountId): Promise<MediaUse>;
}

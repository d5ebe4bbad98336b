import type { Instant } from "@scop/platform";
import type { Brand } from "@scop/wire";
import type { ChatChange, ChatChangeResults, ChatReads } from "./chat.ts";
import type { AccountId } from "./ids.ts";

/** A state of a room: which event stands at each type and state key. It never changes, and shares with others what is the same. */
export type StateId = Brand<number, "StateId">;

/** The state that has nothing in it. */
export const EMPTY_STATE: StateId = 0 as StateId;

/** A room as it is now. */
export interface RoomRecord {
  /** The room id of Matrix. */
  readonly room: string;
  readonly version: string;
  /** The state after all that happened. */
  readonly state: StateId;
  /** Events that no other event names as one before it. */
  readonly latest: readonly string[];
  /** The largest of its events. */
  readonly depth: number;
  /** Where in the stream it changed last. */
  readonly position: number;
}

/** One event of a room. */
export interface RoomEventRecord {
  /** Its place in the stream of everything that happens here: larger than those of all that was stored before. */
  readonly position: number;
  readonly event: string;
  readonly type: string;
  readonly stateKey: string | undefined;
  /** The state with it. */
  readonly state: StateId;
  /** Canonical JSON, hashes and signatures included. */
  readonly json: string;
  /** Under which transaction id a device of ours sent it. */
  readonly sentBy: SentBy | undefined;
  /** The event that redacted it: then `json` is what is left. */
  readonly redaction: RedactionRecord | undefined;
}

/** An event by which another one was redacted. */
export interface RedactionRecord {
  readonly event: string;
  readonly json: string;
}

/** Who sent an event, and what the device called it. */
export interface SentBy {
  readonly account: AccountId;
  readonly device: string;
  readonly transaction: string;
}

/** What somebody is in a room. */
export interface RoomMember {
  readonly room: string;
  readonly user: string;
  readonly membership: string;
  /** Of the event that says so. */
  readonly position: number;
}

/** A device that is logged in. */
export interface DeviceRecord {
  readonly device: string;
  readonly displayName: string | undefined;
  readonly created: Instant;
}

/** Whom a token belongs to. */
export interface TokenRecord {
  readonly account: AccountId;
  readonly address: string;
  readonly device: string;
}

/** What a client keeps for an account; `room` is empty where it concerns no room. */
export interface AccountDataRecord {
  readonly room: string;
  readonly type: string;
  readonly json: string;
  readonly position: number;
}

/** That a message of an account and an event of a room are one: two views of one conversation. */
export interface MailLinkRecord {
  /** Without its brackets. */
  readonly messageId: string;
  readonly room: string;
  readonly event: string;
  /** The event that its thread begins with. */
  readonly root: string;
  /** A name of the thread that only this server can have given. */
  readonly thread: string;
  /** Where it was said first. */
  readonly origin: "mail" | "room";
  /** JSON: what an answer needs to know. */
  readonly facts: string;
}

/** Which events of a room to read: those with `after < position <= upTo`. */
export interface EventRange {
  readonly after: number;
  readonly upTo: number;
  readonly order: "rising" | "falling";
  readonly limit: number;
}

/** What a transaction does to rooms and to those who log in. As to `Change`. */
export type RoomChange =
  | ChatChange
  /** Without events. `exists` */
  | { readonly change: "add-room"; readonly room: string; readonly version: string }
  /**
   * An event after those that are the latest. `missing` (the room), `exists` (the event); `in-use` where `previous` are not the latest
   * by now: something happened since the author looked
   */
  | {
      readonly change: "add-event";
      readonly room: string;
      readonly event: string;
      readonly type: string;
      readonly stateKey: string | undefined;
      /** Of an `m.room.member` event. */
      readonly membership: string | undefined;
      readonly depth: number;
      readonly previous: readonly string[];
      readonly json: string;
      readonly sentBy: SentBy | undefined;
    }
  /** A device logs in; the tokens that it had before end. `token` is the hash of one, 32 octets. `missing` (the account) */
  | {
      readonly change: "add-login";
      readonly account: AccountId;
      readonly device: string;
      /** Of a device that is new. */
      readonly displayName: string | undefined;
      readonly token: Uint8Array;
    }
  /** Ends a device and its tokens, or all of an account. `missing` */
  | { readonly change: "remove-devices"; readonly account: AccountId; readonly device: string | undefined }
  /** `missing` (the account) */
  | {
      readonly change: "put-account-data";
      readonly account: AccountId;
      readonly room: string;
      readonly type: string;
      readonly json: string;
    }
  /** The same filter twice has one key. `missing` (the account) */
  | { readonly change: "add-filter"; readonly account: AccountId; readonly json: string }
  /** Undefined takes the field away. `missing` (the account) */
  | {
      readonly change: "put-profile";
      readonly account: AccountId;
      readonly field: string;
      readonly json: string | undefined;
    }
  /** A second link of the same message, or of the same event, is passed over. `missing` (the account) */
  | { readonly change: "add-mail-link"; readonly account: AccountId; readonly link: MailLinkRecord };

/** What changes to rooms answer. */
export interface RoomChangeResults extends ChatChangeResults {
  "add-event": { readonly position: number; readonly event: string };
  "put-account-data": { readonly position: number };
  "add-filter": { readonly filter: number };
}

/** What is read of rooms and of those who log in. */
export interface RoomReads extends ChatReads {
  /** Where the stream of rooms and account data ends now. */
  streamPosition(): Promise<number>;
  room(room: string): Promise<RoomRecord | undefined>;
  roomEvent(room: string, event: string): Promise<RoomEventRecord | undefined>;
  roomEvents(room: string, range: EventRange): Promise<readonly RoomEventRecord[]>;
  /** Who is, was or is asked into a room, by user id. */
  roomMembers(room: string): Promise<readonly RoomMember[]>;
  /** The rooms that a user is, was or is asked into and did not forget, those that are known longest first. */
  roomsOf(user: string): Promise<readonly RoomMember[]>;
  /** The event at a type and a state key. */
  stateEvent(state: StateId, type: string, stateKey: string): Promise<RoomEventRecord | undefined>;
  /** All events of a state that are not in another one (`EMPTY_STATE`: all), by position. Costs as much as differs. */
  stateEvents(state: StateId, notIn: StateId): Promise<readonly RoomEventRecord[]>;
  /** Whom a token belongs to, by its hash. */
  token(hash: Uint8Array): Promise<TokenRecord | undefined>;
  devices(account: AccountId): Promise<readonly DeviceRecord[]>;
  /** What changed after a position (0: all), by position. */
  accountData(account: AccountId, after: number): Promise<readonly AccountDataRecord[]>;
  filter(account: AccountId, filter: number): Promise<string | undefined>;
  /** Fields of a profile as JSON, by name. */
  profile(account: AccountId): Promise<ReadonlyMap<string, string>>;
  /** The event that a message is shown as. */
  mailLink(account: AccountId, messageId: string): Promise<MailLinkRecord | undefined>;
  /** The message that an event is. */
  mailLinkOfEvent(account: AccountId, event: string): Promise<MailLinkRecord | undefined>;
  /** The newest of a thread that came from one of the two sides. */
  lastMailLink(
    account: AccountId,
    thread: string,
    origin: MailLinkRecord["origin"],
  ): Promise<MailLinkRecord | undefined>;
}

import type { Instant } from "@scop/platform";
import type { Brand } from "@scop/wire";
import type { ChatChange, ChatChangeResults, ChatReads } from "./chat.ts";
import type { AccountId } from "./ids.ts";
import type { PeerChange, PeerChangeResults, PeerReads } from "./peers.ts";

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
  /**
   * Its place in the stream of everything that happens here: larger than those of all that was stored before; below 0 where it is older than
   * all that was known of the room; 0 where it has none and clients never see it.
   */
  readonly position: number;
  readonly standing: EventStanding;
  readonly event: string;
  readonly type: string;
  readonly stateKey: string | undefined;
  /** The state with it; `EMPTY_STATE` where it is not known. */
  readonly state: StateId;
  /** The state of the room once it was taken, which differs from `state` where others were the latest too. */
  readonly roomState: StateId;
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

/**
 * What became of an event: `outlier` is one that something is authorised by and that has no place among the others; `soft-failed` one that the
 * state before it allows and that of the room did not. Server-server API, soft failure, rejection
 */
export type EventStanding = "accepted" | "outlier" | "soft-failed" | "rejected";

/** Which event stands where in a state. */
export interface StateEntry {
  readonly type: string;
  readonly stateKey: string;
  readonly event: string;
}

/** A state that is made of another one. What is put in has to be stored. */
export interface StateDraft {
  readonly base: StateId;
  readonly put: readonly StateEntry[];
  readonly remove: readonly Omit<StateEntry, "event">[];
}

/** What becomes of an event that is taken, and of its room with it. */
export type EventFate =
  /**
   * The room has these latest events from now on, and this state: `own` is the one with the event. `in-use` where the latest are not those that
   * were seen
   */
  | {
      readonly fate: "latest";
      readonly seen: readonly string[];
      readonly latest: readonly string[];
      readonly state: StateDraft | "own";
    }
  /** It is older than everything that clients know of the room: its place is one below 0 that no other event has. `in-use` */
  | { readonly fate: "backfilled"; readonly place: number }
  /** It is stored for those that follow it. */
  | { readonly fate: "soft-failed" | "rejected" };

/** What somebody sees of a room that this server is not in, as it was told. */
export interface StrippedState {
  /** The event that asks somebody in, or answers a knock. */
  readonly event: string;
  /** A JSON array. */
  readonly json: string;
}

/** An event that is not here and that one which is here comes after. */
export interface RoomEdge {
  readonly event: string;
  /** Of the event that names it. */
  readonly depth: number;
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
  /** When and from which address it was used last, as far as that was noted. */
  readonly seen: Instant | undefined;
  readonly seenFrom: string | undefined;
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
  | PeerChange
  /** Without events; one that has none yet, since it was only heard of, is of this version from now on. `exists` */
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
  /**
   * An event with the state before it, which may follow any others. What was an outlier keeps its place in states. `missing` (the room, or an
   * event of a state), `exists` (unless it was an outlier), `in-use`
   */
  | {
      readonly change: "take-event";
      readonly room: string;
      readonly event: string;
      readonly type: string;
      readonly stateKey: string | undefined;
      readonly depth: number;
      readonly previous: readonly string[];
      readonly json: string;
      readonly sentBy: SentBy | undefined;
      readonly before: StateDraft;
      readonly become: EventFate;
    }
  /** An event that others are authorised by. One that is here already stays what it is. `missing` (the room) */
  | {
      readonly change: "add-outlier";
      readonly room: string;
      readonly event: string;
      readonly type: string;
      readonly stateKey: string | undefined;
      readonly json: string;
      readonly standing: "outlier" | "rejected";
    }
  /** What somebody is in a room whose state is not here. `missing` (the room) */
  | {
      readonly change: "put-member";
      readonly room: string;
      readonly user: string;
      readonly membership: string;
      /** Undefined: there is nothing to see. */
      readonly stripped: StrippedState | undefined;
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
export interface RoomChangeResults extends ChatChangeResults, PeerChangeResults {
  "add-event": { readonly position: number; readonly event: string };
  "take-event": { readonly position: number; readonly event: string };
  "put-account-data": { readonly position: number };
  "add-filter": { readonly filter: number };
}

/** What is read of rooms and of those who log in. */
export interface RoomReads extends ChatReads, PeerReads {
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
  /** What stands where in a state, in no order. */
  stateEntries(state: StateId): Promise<readonly StateEntry[]>;
  /** Servers with members that are in the room, by name. */
  roomServers(room: string): Promise<readonly string[]>;
  /** The room of an event that is here. */
  roomOfEvent(event: string): Promise<string | undefined>;
  /** What is missing of the room's history, the newest first. */
  roomEdges(room: string, limit: number): Promise<readonly RoomEdge[]>;
  /** Whether an event is one of those: then it is older than one that is here. */
  isRoomEdge(room: string, event: string): Promise<boolean>;
  /** What somebody was told of a room that this server is not in. */
  strippedState(room: string, user: string): Promise<StrippedState | undefined>;
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

import type { Brought, Homeserver, OwnOperation, Who } from "@scop/homeserver";
import { type JsonObject, type JsonValue, jsonObject, textAt } from "@scop/matrix/json";
import type { Charsets } from "@scop/mime";
import type { Mta } from "@scop/mta";
import type { Platform } from "@scop/platform";
import type { AccountRecord, Change, MailboxId, RoomRecord, Store } from "@scop/store";
import { objectOf, textsAt } from "./facts.ts";
import type { OwnAddress } from "./thread-name.ts";

/** What a gateway is given. */
export interface GatewayParts {
  readonly io: Pick<Platform, "clock" | "crypto" | "log" | "timers">;
  readonly store: Store;
  readonly homeserver: Pick<Homeserver, "perform">;
  readonly mta: Pick<Mta, "prepare" | "wake">;
  readonly options: GatewayOptions;
}

/** How a gateway is set up. */
export interface GatewayOptions {
  /** The part of user ids behind the colon. */
  readonly serverName: string;
  /** The name under which our MTA writes its trace fields. */
  readonly hostname: string;
  /** 32 octets that only this installation knows: they make the addresses for answers. */
  readonly secret: Uint8Array;
  /** Between a user and a tag, as for the MTA. */
  readonly tagSeparator: string;
  /** Charsets beyond those that are built in. */
  readonly charsets: Charsets | undefined;
}

/** An address whose mail is shown in a room. */
export interface Desk {
  readonly parts: GatewayParts;
  readonly account: AccountRecord;
  /** Its user, who made the room. */
  readonly user: string;
  readonly own: OwnAddress;
  readonly inbox: MailboxId;
}

/** How far a desk is. */
export interface DeskState {
  readonly room: string;
  /** Who was asked into the room. */
  readonly members: readonly string[];
  /** The last message that was looked at, and the end of the part of the stream that was. */
  readonly uid: number;
  readonly position: number;
}

/** Account data: who takes part, as the owner of the server says; an empty list: nobody, and mail is not shown. */
const MEMBERS_TYPE = "scop.gateway";
/** Account data of the gateway itself, and the state by which it knows its room again. */
export const STATE_TYPE: string = "scop.gateway.state";

/** Who takes part in the rooms of an account, by user id; undefined where it is no gateway. */
export async function membersOf(
  store: Store,
  { id }: Pick<AccountRecord, "id">,
): Promise<readonly string[] | undefined> {
  const json = await dataOf(store, id, MEMBERS_TYPE);
  return json === undefined ? undefined : textsAt(objectOf(json), "members");
}

/** The change that says who takes part. */
export function membersChange(account: AccountRecord["id"], members: readonly string[]): Change {
  return { change: "put-account-data", account, room: "", type: MEMBERS_TYPE, json: JSON.stringify({ members }) };
}

/** How far an account is; undefined where it has no room yet. */
export async function stateOf(store: Store, { id }: Pick<AccountRecord, "id">): Promise<DeskState | undefined> {
  const json = await dataOf(store, id, STATE_TYPE);
  const value = json === undefined ? undefined : objectOf(json);
  const room = value && textAt(value, "room");
  if (value === undefined || room === undefined) return undefined;
  return {
    room,
    members: textsAt(value, "members"),
    uid: numberAt(value, "uid"),
    position: numberAt(value, "position"),
  };
}

/** The change that keeps how far a desk is. */
export function stateChange({ account }: Desk, state: DeskState): Change {
  return { change: "put-account-data", account: account.id, room: "", type: STATE_TYPE, json: JSON.stringify(state) };
}

async function dataOf(store: Store, account: AccountRecord["id"], type: string): Promise<string | undefined> {
  return (await store.accountData(account, 0)).find(each => each.room === "" && each.type === type)?.json;
}

function numberAt(object: JsonObject, key: string): number {
  const value = object.get(key);
  return typeof value === "number" ? value : 0;
}

/** Does what a user of this server may, in the name of one of those that the desk speaks for. */
export function perform(desk: Desk, user: string, operation: OwnOperation, brought: Brought): Promise<object> {
  const who: Who = { account: desk.account.id, user, device: "GATEWAY" };
  return desk.parts.homeserver.perform(who, operation, brought);
}

/** Sends an event; the same transaction id again is the same event. Answers its id. */
export async function send(
  desk: Desk,
  user: string,
  room: string,
  said: {
    readonly type: string;
    readonly transaction: string;
    readonly content: Readonly<Record<string, JsonValue | undefined>>;
  },
): Promise<string> {
  const path = { roomId: room, eventType: said.type, txnId: said.transaction };
  const answer = await perform(desk, user, "sendMessage", { path, body: jsonObject(said.content) });
  return "event_id" in answer ? String(answer.event_id) : "";
}

/** Tells the room something, in the thread of `root` where there is one. */
export async function notice(
  desk: Desk,
  room: string,
  said: { readonly transaction: string; readonly body: string; readonly root: string | undefined },
): Promise<void> {
  const content = { msgtype: "m.notice", body: said.body, ...(said.root === undefined ? {} : inThread(said.root)) };
  await send(desk, desk.user, room, { type: "m.room.message", transaction: said.transaction, content });
}

/** That an event belongs to a thread. Client-server API, threading */
export function inThread(root: string): Readonly<Record<string, JsonValue>> {
  const relation = {
    rel_type: "m.thread",
    event_id: root,
    is_falling_back: true,
    "m.in_reply_to": jsonObject({ event_id: root }),
  };
  return { "m.relates_to": jsonObject(relation) };
}

/** Whether what is said in a room is encrypted. */
export async function isEncrypted({ store }: GatewayParts, { state }: RoomRecord): Promise<boolean> {
  return (await store.stateEvent(state, "m.room.encryption", "")) !== undefined;
}

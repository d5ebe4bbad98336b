import { serverOf } from "@scop/matrix/auth";
import { isJsonObject, type JsonValue, parseJson, textAt } from "@scop/matrix/json";
import { parseServerName } from "@scop/matrix/resolve";
import type { RoomChange, StrippedState } from "@scop/store";
import { utf8Bytes } from "@scop/wire";
import type { Context } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";
import { type Outgoing, type OutsideMembership, templateOf, through } from "./outside.ts";
import { peersOf } from "./peers-of.ts";
import { strippedByOther } from "./stripped.ts";

const SEND_TIMEOUT_MS = 20_000;

/** Whether this server is in a room, so that what happens there is decided here. A room that is unknown counts as one where no others can be reached. */
export async function isServedHere({ store, options }: Context, room: string): Promise<boolean> {
  return options.peers === undefined || (await store.roomServers(room)).includes(options.serverName);
}

/** Servers by which a room may be entered: those that were named, that of who asked the user in, that of the room's id. */
export async function serversFor(
  { store, options }: Context,
  room: string,
  user: string,
  named: readonly string[],
): Promise<readonly string[]> {
  const told = await store.strippedState(room, user);
  const inviter = told === undefined ? undefined : inviterIn(told, user);
  const all = new Set([...named, ...(inviter === undefined ? [] : [serverOf(inviter)]), serverOf(room)]);
  return [...all].filter(each => each !== options.serverName && parseServerName(each).ok);
}

/** Who sent the membership of a user, in what was told of a room. */
export function inviterIn({ json }: StrippedState, user: string): string | undefined {
  const read = parseJson(utf8Bytes(json), { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" });
  const events: readonly JsonValue[] = read.ok && isList(read.value) ? read.value : [];
  const own = events
    .filter(isJsonObject)
    .find(each => textAt(each, "type") === "m.room.member" && textAt(each, "state_key") === user);
  return own && textAt(own, "sender");
}

/** Refuses an invitation, or takes a knock back, through another server. It is over for the user even where no server answers. */
export async function leaveElsewhere(context: Context, wanted: OutsideMembership): Promise<void> {
  try {
    await through(wanted.via, server => send(context, server, wanted, "v2/send_leave"));
  } catch (error) {
    if (!(error instanceof MatrixFault)) throw error;
    context.io.log.write("info", "a room was left without its servers", { room: wanted.room, reason: error.message });
  }
  await put(context, wanted, undefined);
}

/** Knocks at a room of other servers. */
export async function knockElsewhere(context: Context, wanted: OutsideMembership): Promise<"knocked"> {
  const { key, event, told } = await through(wanted.via, server => send(context, server, wanted, "v1/send_knock"));
  const known = await context.store.room(wanted.room);
  const add: readonly RoomChange[] =
    known === undefined || known.latest.length === 0 ? [{ change: "add-room", ...key }] : [];
  await context.rooms.turns.take(wanted.room, () => context.store.transaction({ changes: add }));
  await put(context, wanted, { event: event.eventId, json: strippedByOther(told, event.json) });
  return "knocked";
}

async function send(
  context: Context,
  server: string,
  wanted: OutsideMembership,
  way: string,
): Promise<Outgoing & { readonly told: JsonValue | undefined }> {
  const made = await templateOf(context, server, wanted);
  const ids = `${encodeURIComponent(wanted.room)}/${encodeURIComponent(made.event.eventId)}`;
  const target = `/_matrix/federation/${way}/${ids}`;
  const request = { method: "PUT", target, body: made.event.json, timeoutMs: SEND_TIMEOUT_MS } as const;
  const answer = await peersOf(context).ask(server, request);
  return { ...made, told: answer.get("knock_room_state") };
}

async function put(
  { store, rooms }: Context,
  { room, user, membership }: OutsideMembership,
  stripped: StrippedState | undefined,
): Promise<void> {
  await rooms.turns.take(room, () =>
    store.transaction({ changes: [{ change: "put-member", room, user, membership, stripped }] }),
  );
}

import { EMPTY_STATE, type RoomEventRecord } from "@scop/store";
import { noSuchRoom } from "./authoring.ts";
import { clientEvent } from "./client-event.ts";
import { type Answered, type Context, type OwnCall, queryText } from "./context.ts";
import { backfill } from "./federation/backfill.ts";
import { eventFilter, passes } from "./filter.ts";
import { MatrixFault } from "./http.ts";
import { bundledEvents } from "./relations/bundles.ts";
import { contentText } from "./stored-event.ts";
import { FIRST_PLACE, positionOf, tokenOf } from "./stream-token.ts";
import { type View, viewOf } from "./visibility.ts";

/** Events of one answer, unless fewer are asked for. */
const MESSAGES_DEFAULT = 10;
const MESSAGES_MAX = 100;

/** `GET /rooms/{roomId}/state` */
export async function getRoomState(context: Context, call: OwnCall): Answered {
  return (await readableState(context, call)).map(each => clientEvent(context, roomOf(call), each, call.who));
}

/** `GET /rooms/{roomId}/state/{eventType}/{stateKey}`: the content, or with `format=event` the event. */
export async function getRoomStateWithKey(context: Context, call: OwnCall): Answered {
  const { state } = await viewFor(context, call);
  if (state === undefined) throw noSuchRoom();
  const event = await context.store.stateEvent(state, call.path.get("eventType")!, call.path.get("stateKey") ?? "");
  if (event === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "The room has no such state.");
  const shown = clientEvent(context, roomOf(call), event, call.who) as { readonly content: object };
  return queryText(call, "format") === "event" ? shown : shown.content;
}

/** `GET /rooms/{roomId}/members` */
export async function getMembersByRoom(context: Context, call: OwnCall): Answered {
  const [wanted, unwanted] = [queryText(call, "membership"), queryText(call, "not_membership")];
  const members = (await readableState(context, call)).filter(each => each.type === "m.room.member");
  const chosen = members.filter(each => {
    const membership = contentText(each, "membership");
    return (wanted === undefined || membership === wanted) && (unwanted === undefined || membership !== unwanted);
  });
  return { chunk: chosen.map(each => clientEvent(context, roomOf(call), each, call.who)) };
}

/** `GET /rooms/{roomId}/joined_members`: for those who are in the room. */
export async function getJoinedMembersByRoom(context: Context, call: OwnCall): Answered {
  const { membership, state } = await viewFor(context, call);
  if (membership !== "join" || state === undefined) throw noSuchRoom();
  const joined: Record<string, object> = {};
  for (const each of await context.store.stateEvents(state, EMPTY_STATE)) {
    if (each.type !== "m.room.member" || contentText(each, "membership") !== "join") continue;
    joined[each.stateKey ?? ""] = {
      display_name: contentText(each, "displayname") ?? null,
      avatar_url: contentText(each, "avatar_url") ?? null,
    };
  }
  return { joined };
}

/** `GET /rooms/{roomId}/event/{eventId}` */
export async function getOneRoomEvent(context: Context, call: OwnCall): Answered {
  const view = await viewOf(context.store, roomOf(call), call.who.user);
  const stored = await context.store.roomEvent(roomOf(call), call.path.get("eventId")!);
  const [shown] = stored === undefined || view === undefined ? [] : await view.visible([stored]);
  if (shown === undefined || view === undefined)
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such event, or it is not for you.");
  const [event] = await bundledEvents({ context, room: roomOf(call), who: call.who, view }, [shown]);
  return event!;
}

/** `GET /rooms/{roomId}/messages`: where what is here ends, other servers are asked for what was before. */
export async function getRoomEvents(context: Context, call: OwnCall): Answered {
  const view = await viewFor(context, call);
  const isBack = queryText(call, "dir") === "b";
  const from = queryText(call, "from");
  const to = queryText(call, "to");
  const asked = Number(queryText(call, "limit") ?? MESSAGES_DEFAULT);
  const limit = Math.min(Math.max(asked, 1), MESSAGES_MAX);
  const start = from === undefined ? (isBack ? view.upTo : 0) : positionOf(from);
  const stop = to === undefined ? undefined : positionOf(to);
  const range = isBack
    ? { after: stop ?? FIRST_PLACE, upTo: Math.min(start, view.upTo), order: "falling" as const }
    : {
        after: from === undefined ? FIRST_PLACE : start,
        upTo: Math.min(stop ?? view.upTo, view.upTo),
        order: "rising" as const,
      };
  const found = await context.store.roomEvents(roomOf(call), { ...range, limit });
  const isAtEnd = isBack && stop === undefined && found.length < limit;
  if (isAtEnd) await backfill(context, roomOf(call));
  const read = isAtEnd ? await context.store.roomEvents(roomOf(call), { ...range, limit }) : found;
  const filter = eventFilter(queryText(call, "filter"));
  const shown = (await view.visible(read)).filter(each => passes(filter, each));
  const last = read.at(-1);
  const isMore = read.length === limit && last !== undefined;
  return {
    chunk: await bundledEvents({ context, room: roomOf(call), who: call.who, view }, shown),
    start: tokenOf(start),
    ...(isMore ? { end: tokenOf(isBack ? last.position - 1 : last.position) } : {}),
  };
}

/** `GET /joined_rooms` */
export async function getJoinedRooms({ store }: Context, { who }: OwnCall): Answered {
  const rooms = await store.roomsOf(who.user);
  return { joined_rooms: rooms.filter(each => each.membership === "join").map(each => each.room) };
}

async function readableState(context: Context, call: OwnCall): Promise<readonly RoomEventRecord[]> {
  const { state, upTo, visible } = await viewFor(context, call);
  if (state === undefined) throw noSuchRoom();
  const at = queryText(call, "at");
  if (at === undefined) return context.store.stateEvents(state, EMPTY_STATE);
  const range = { after: 0, upTo: Math.min(positionOf(at), upTo), order: "falling", limit: 1 } as const;
  const [last] = await visible(await context.store.roomEvents(roomOf(call), range));
  if (last === undefined) throw new MatrixFault(403, "M_FORBIDDEN", "What the room was then is not for you.");
  return context.store.stateEvents(last.state, EMPTY_STATE);
}

/** The room for who was ever in it, or may look in from outside. */
async function viewFor(context: Context, call: OwnCall): Promise<View> {
  const view = await viewOf(context.store, roomOf(call), call.who.user);
  if (view?.state === undefined) throw noSuchRoom();
  return view;
}

function roomOf(call: OwnCall): string {
  return call.path.get("roomId")!;
}

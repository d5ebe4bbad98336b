import { textAt } from "@scop/matrix/json";
import { syncEvent } from "../client-event.ts";
import { type Answered, type OwnCall, queryText } from "../context.ts";
import { mustBeLoggedIn } from "../login.ts";
import type { Parts } from "../performed.ts";
import { type Asked, askedIn, bothOf, type RoomWish } from "./asked.ts";
import type { Told } from "./connections.ts";
import { extensionsOf } from "./extensions.ts";
import { type Had, type SlidingScope, slidingRoom } from "./room.ts";
import { directRooms, fitsFilters, type OwnRoom } from "./rooms.ts";

/** So long nobody waits in one request. Our own bound: proxies end what takes longer. */
const WAIT_MS_MAX = 60_000;
/** Rooms that are told of in one answer. Our own bound: the next one goes on. */
const ROOMS_MAX = 200;
const NOTHING_HAD: Had = { position: 0, timelineLimit: 0, state: "" };

/** What was found for a request. */
interface Found {
  readonly answer: object;
  readonly told: Told;
  readonly isEmpty: boolean;
}

/** `POST /sync` of simplified sliding sync: parts of the list of rooms, newest first, and what happened in them. MSC4186 */
export async function slidingSync(parts: Parts, call: OwnCall): Answered {
  const { context, waiting, live } = parts;
  const asked = askedIn(call.body);
  const name = textAt(call.body, "conn_id") ?? "";
  const pos = queryText(call, "pos");
  const before = live.connections.told(call.who, name, pos);
  const waitMs = pos === undefined ? 0 : Math.min(Number(queryText(call, "timeout") ?? 0), WAIT_MS_MAX);
  const untilMs = context.io.clock.monotonic() + waitMs;
  const transaction = textAt(call.body, "txn_id");
  for (;;) {
    const rooms = await live.bumps.roomsOf(context, call.who.user);
    const ear = waiting.listen(
      call.who,
      rooms.map(each => each.room),
    );
    try {
      const found = await look(parts, call, asked, before);
      const leftMs = untilMs - context.io.clock.monotonic();
      if (found.isEmpty && leftMs > 0 && (await ear.until(leftMs, call.onGone)) === "woken") {
        await mustBeLoggedIn(context, call.who);
        continue;
      }
      const next = live.connections.next(call.who, name, pos, found.told);
      return { pos: next, ...(transaction === undefined ? {} : { txn_id: transaction }), ...found.answer };
    } finally {
      ear.end();
    }
  }
}

async function look({ context, live }: Parts, { who }: OwnCall, asked: Asked, before: Told): Promise<Found> {
  const liveNow = context.heard.counter.count;
  const now = await context.store.streamPosition();
  const direct = await directRooms(context, who);
  const scope: SlidingScope = { context, live, who, now, direct };
  // After the position, so that what is shown is not older than it.
  const own = await live.bumps.roomsOf(context, who.user);
  const lists: Record<string, object> = {};
  const wishes = new Map<string, RoomWish>();
  for (const [name, list] of asked.lists) {
    const fit: OwnRoom[] = [];
    for (const room of own) if (await fitsFilters(context, list.filters, room, direct)) fit.push(room);
    const ops = list.ranges.map(([first, last]) => {
      const ids = fit.slice(first, last + 1).map(each => each.room);
      for (const room of ids) wishes.set(room, bothOf(wishes.get(room), list));
      return { op: "SYNC", range: [first, last], room_ids: ids };
    });
    lists[name] = { count: fit.length, ops };
  }
  for (const [room, wish] of asked.rooms) wishes.set(room, bothOf(wishes.get(room), wish));
  const shown = await roomsShown(scope, own, wishes, before);
  const extended = await extensionsOf(
    {
      ...scope,
      ...{ since: before.position, liveSince: before.live, liveNow },
      rooms: new Set(own.map(each => each.room).filter(each => shown.had.has(each))),
      fresh: new Set([...shown.rooms.keys()].filter(each => !before.rooms.has(each))),
    },
    asked,
  );
  return {
    answer: { lists, rooms: Object.fromEntries(shown.rooms), extensions: extended.shown },
    told: { position: now, live: liveNow, rooms: shown.had },
    isEmpty: before.position !== 0 && shown.rooms.size === 0 && extended.count === 0,
  };
}

/** The rooms that are told of, and what the client has of all then. */
async function roomsShown(
  scope: SlidingScope,
  own: readonly OwnRoom[],
  wishes: ReadonlyMap<string, RoomWish>,
  before: Told,
): Promise<{ readonly rooms: ReadonlyMap<string, object>; readonly had: ReadonlyMap<string, Had> }> {
  const rooms = new Map<string, object>();
  const isOwn = new Set(own.map(each => each.room));
  // A room that was left is new if the user comes back.
  const had = new Map([...before.rooms].filter(([room]) => isOwn.has(room)));
  for (const [room] of before.rooms) if (!isOwn.has(room)) rooms.set(room, await leftRoom(scope, room));
  for (const room of own) {
    const wish = wishes.get(room.room);
    if (wish === undefined || rooms.size >= ROOMS_MAX) continue;
    const known = had.get(room.room) ?? NOTHING_HAD;
    const shown = await slidingRoom(scope, room, wish, known);
    if (shown !== undefined) rooms.set(room.room, shown);
    had.set(room.room, {
      position: scope.now,
      timelineLimit: Math.max(wish.timelineLimit, known.timelineLimit),
      state: JSON.stringify(wish.state),
    });
  }
  return { rooms, had };
}

/** Of a room that was left: that it was, and nothing of what came then. */
async function leftRoom({ context, who }: SlidingScope, room: string): Promise<object> {
  const { store } = context;
  const member = (await store.roomsOf(who.user)).find(each => each.room === room);
  if (member === undefined) return { required_state: [], timeline: [] };
  const range = { after: member.position - 1, upTo: member.position, order: "rising", limit: 1 } as const;
  const events = await store.roomEvents(room, range);
  const told = events.map(each => syncEvent(context, each, who));
  return { required_state: told, timeline: told };
}

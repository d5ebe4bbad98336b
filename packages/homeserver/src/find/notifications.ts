import { clientEvent } from "../client-event.ts";
import { type Answered, type Context, type OwnCall, queryText } from "../context.ts";
import type { Live } from "../live/live.ts";
import { storedEvent } from "../stored-event.ts";

/** Events of one answer, those that are looked through of each room, and rooms. Our own bounds. */
const EVENTS_MAX = 50;
const LOOKED_MAX = 100;
const ROOMS_MAX = 100;

/** `GET /notifications`: what notified, as far as the newest events of the rooms tell. */
export async function getNotifications(context: Context, live: Live, call: OwnCall): Answered {
  const { store } = context;
  const { who } = call;
  const limit = Math.min(Math.max(Number(queryText(call, "limit") ?? EVENTS_MAX), 1), EVENTS_MAX);
  const isHighlightOnly = queryText(call, "only") === "highlight";
  const found: { readonly ts: number; readonly event: object }[] = [];
  const rooms = (await store.roomsOf(who.user)).filter(each => each.membership === "join");
  for (const { room, position } of rooms.slice(-ROOMS_MAX)) {
    const record = await store.room(room);
    if (record === undefined) continue;
    const readUpTo = (await live.unread.of(who, record)).readUpTo;
    const range = { after: position, upTo: record.position, order: "falling", limit: LOOKED_MAX } as const;
    for (const event of await store.roomEvents(room, range)) {
      const { sender, originServerTs } = storedEvent(event);
      if (sender === who.user) continue;
      const { notifies, highlights } = await live.unread.verdict(who, record, event);
      if (!notifies || (isHighlightOnly && !highlights)) continue;
      const actions = highlights ? ["notify", { set_tweak: "highlight" }] : ["notify"];
      const told = { room_id: room, event: clientEvent(context, room, event, who), actions, ts: originServerTs };
      found.push({ ts: originServerTs, event: { ...told, profile_tag: null, read: event.position <= readUpTo } });
    }
  }
  return {
    notifications: found
      .sort((one, other) => other.ts - one.ts)
      .slice(0, limit)
      .map(each => each.event),
  };
}

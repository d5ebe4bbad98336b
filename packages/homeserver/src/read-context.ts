import { EMPTY_STATE, type RoomEventRecord } from "@scop/store";
import { type Answered, type Context, type OwnCall, queryText } from "./context.ts";
import { eventFilter, passes } from "./filter.ts";
import { MatrixFault } from "./http.ts";
import { bundledEvents } from "./relations/bundles.ts";
import { storedEvent } from "./stored-event.ts";
import { FIRST_PLACE, tokenOf } from "./stream-token.ts";
import { viewOf } from "./visibility.ts";

/** Events beside the one that is asked for, unless another number is. Client-server API, event context */
const EVENTS_DEFAULT = 10;
const EVENTS_MAX = 100;

/** `GET /rooms/{roomId}/context/{eventId}`: an event, what was around it, and the state after all that is shown. */
export async function getEventContext(context: Context, call: OwnCall): Answered {
  const { store } = context;
  const room = call.path.get("roomId")!;
  const view = await viewOf(store, room, call.who.user);
  const stored = await store.roomEvent(room, call.path.get("eventId")!);
  const [event] = stored === undefined || view === undefined ? [] : await view.visible([stored]);
  if (event === undefined || view === undefined)
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such event, or it is not for you.");
  const filter = eventFilter(queryText(call, "filter"));
  const asked = Math.min(Math.max(Number(queryText(call, "limit") ?? EVENTS_DEFAULT), 0), EVENTS_MAX);
  const [before, after] = [Math.ceil(asked / 2), Math.floor(asked / 2)];
  const { position } = event;
  const older = await store.roomEvents(room, {
    after: FIRST_PLACE,
    upTo: position - 1,
    order: "falling",
    limit: before,
  });
  const newer = await store.roomEvents(room, { after: position, upTo: view.upTo, order: "rising", limit: after });
  const shown = async (events: readonly RoomEventRecord[]): Promise<readonly RoomEventRecord[]> =>
    (await view.visible(events)).filter(each => passes(filter, each));
  const [events_before, events_after] = [await shown(older), await shown(newer)];
  const last = events_after.at(-1) ?? event;
  const senders = new Set([...events_before, event, ...events_after].map(each => storedEvent(each).sender));
  const isLazy = filter.get("lazy_load_members") === true;
  const state = (await store.stateEvents(last.state, EMPTY_STATE)).filter(
    each => !isLazy || each.type !== "m.room.member" || senders.has(each.stateKey ?? ""),
  );
  const told = (events: readonly RoomEventRecord[]): Promise<readonly object[]> =>
    bundledEvents({ context, room, who: call.who, view }, events);
  return {
    event: (await told([event]))[0],
    events_before: await told(events_before),
    events_after: await told(events_after),
    state: await told(state),
    start: tokenOf((older.at(-1) ?? event).position - 1),
    end: tokenOf((newer.at(-1) ?? event).position),
  };
}

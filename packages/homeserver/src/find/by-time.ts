import { noSuchRoom } from "../authoring.ts";
import { type Answered, type Context, type OwnCall, queryText } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { storedEvent } from "../stored-event.ts";
import { viewOf } from "../visibility.ts";

/** `GET /rooms/{roomId}/timestamp_to_event`: the event that was said next to a time, if the asker may see it. */
export async function getEventByTimestamp({ store }: Context, call: OwnCall): Answered {
  const room = call.path.get("roomId")!;
  const view = await viewOf(store, room, call.who.user);
  if (view?.state === undefined) throw noSuchRoom();
  const direction = queryText(call, "dir") === "b" ? "before" : "after";
  const found = await store.eventByTime(room, Number(queryText(call, "ts")), direction);
  const isHere = found !== undefined && found.position <= view.upTo && (await view.visible([found])).length > 0;
  if (found === undefined || !isHere)
    throw new MatrixFault(404, "M_NOT_FOUND", "Nothing was said then that is for you.");
  return { event_id: found.event, origin_server_ts: storedEvent(found).originServerTs };
}

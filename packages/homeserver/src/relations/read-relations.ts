import type { RoomEventRecord } from "@scop/store";
import { noSuchRoom } from "../authoring.ts";
import { type Answered, type Context, type OwnCall, queryText } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { storedEvent } from "../stored-event.ts";
import { positionOf, tokenOf } from "../stream-token.ts";
import { type View, viewOf } from "../visibility.ts";
import { bundledEvents } from "./bundles.ts";

/** Events of one answer, unless another number is asked for. */
const EVENTS_DEFAULT = 20;
const EVENTS_MAX = 100;
/** Relations that are looked through for those of one type. Our own bound. */
const LOOKED_MAX = 1_000;

/** `GET /rooms/{roomId}/relations/{eventId}`, and the same with a way to relate, and with a type of events */
export async function getRelations(context: Context, call: OwnCall): Answered {
  const { store } = context;
  const { room, view } = await readable(context, call);
  const parent = await store.roomEvent(room, call.path.get("eventId")!);
  if (parent === undefined || (await view.visible([parent])).length === 0)
    throw new MatrixFault(404, "M_NOT_FOUND", "There is no such event, or it is not for you.");
  const isForward = queryText(call, "dir") === "f";
  const from = queryText(call, "from");
  const limit = limitOf(call);
  const range = isForward
    ? {
        after: from === undefined ? Number.MIN_SAFE_INTEGER : positionOf(from),
        upTo: view.upTo,
        order: "rising" as const,
      }
    : {
        after: Number.MIN_SAFE_INTEGER,
        upTo: Math.min(from === undefined ? view.upTo : positionOf(from), view.upTo),
        order: "falling" as const,
      };
  const related = await store.relatedEvents(room, parent.event, call.path.get("relType"), {
    ...range,
    limit: LOOKED_MAX,
  });
  const type = call.path.get("eventType");
  const fit = (await view.visible(related)).filter(each => type === undefined || each.type === type);
  const chunk = fit.slice(0, limit);
  const last = fit.length > limit ? chunk.at(-1) : undefined;
  return {
    chunk: await bundledEvents({ context, room, who: call.who, view }, chunk),
    ...(last === undefined ? {} : { next_batch: tokenOf(isForward ? last.position : last.position - 1) }),
    ...(from === undefined ? {} : { prev_batch: from }),
  };
}

/** `GET /rooms/{roomId}/threads`: those where something was said last first. */
export async function getThreads(context: Context, call: OwnCall): Answered {
  const { store } = context;
  const { room, view } = await readable(context, call);
  const from = queryText(call, "from");
  const before = Math.min(from === undefined ? view.upTo : positionOf(from), view.upTo) + 1;
  const isOwnOnly = queryText(call, "include") === "participated";
  const limit = limitOf(call);
  const threads = await store.threadsOf(room, before, limit + 1);
  const roots: RoomEventRecord[] = [];
  for (const { root } of threads.slice(0, limit)) {
    const event = await store.roomEvent(room, root);
    const [shown] = event === undefined ? [] : await view.visible([event]);
    if (shown === undefined || (isOwnOnly && !(await isTakingPart(context, call, room, shown, view)))) continue;
    roots.push(shown);
  }
  const next = threads.length > limit ? threads[limit - 1] : undefined;
  return {
    chunk: await bundledEvents({ context, room, who: call.who, view }, roots),
    ...(next === undefined ? {} : { next_batch: tokenOf(next.position - 1) }),
  };
}

async function isTakingPart(
  { store }: Context,
  { who }: OwnCall,
  room: string,
  root: RoomEventRecord,
  view: View,
): Promise<boolean> {
  if (storedEvent(root).sender === who.user) return true;
  return (await store.threadSummary(room, root.event, who.user, view.upTo)).isTakingPart;
}

async function readable(context: Context, call: OwnCall): Promise<{ readonly room: string; readonly view: View }> {
  const room = call.path.get("roomId")!;
  const view = await viewOf(context.store, room, call.who.user);
  if (view?.state === undefined) throw noSuchRoom();
  return { room, view };
}

function limitOf(call: OwnCall): number {
  return Math.min(Math.max(Number(queryText(call, "limit") ?? EVENTS_DEFAULT), 1), EVENTS_MAX);
}

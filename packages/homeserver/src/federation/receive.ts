import type { RoomRecord } from "@scop/store";
import type { Context } from "../context.ts";
import { fetchAuthEvents, fetchedStateBefore } from "./fetched-state.ts";
import { type Outcome, takeEvent } from "./intake.ts";
import { eventsBetween, missingPrevious } from "./missing.ts";
import { PeerFault } from "./port.ts";
import type { Received } from "./received.ts";
import type { RoomKey } from "./room-events.ts";
import type { RoomState } from "./room-state.ts";

/** States that are asked for while one event is received. Our own bound: further gaps are left as they are. */
const STATES_MAX = 3;

/** What is left to do for one event that came. */
interface Work {
  readonly context: Context;
  readonly room: RoomKey;
  readonly server: string;
  states: number;
  /** What came with it and does not follow what was here, so that it may be older than all of it. */
  readonly old: Set<string>;
}

/**
 * Takes an event that a server sent of itself: those of one room one after the other, with what is missing before it. Where that can't be had
 * nothing is stored.
 */
export function receive(context: Context, room: RoomKey, server: string, received: Received): Promise<Outcome> {
  return context.rooms.receipt.take(room.room, async () => {
    try {
      return await receiveNow({ context, room, server, states: STATES_MAX, old: new Set() }, received);
    } catch (error) {
      if (!(error instanceof PeerFault)) throw error;
      return { outcome: "rejected", reason: `What the event needs could not be had: ${error.message}` };
    }
  });
}

async function receiveNow(work: Work, received: Received): Promise<Outcome> {
  const { context, room, server } = work;
  if ((await missingPrevious(context, room, received.event)).length > 0) {
    const between = await eventsBetween(context, await recordOf(work), server, received);
    for (const each of between) await takeIfPossible(work, each);
  }
  return takeOne(work, received, "new");
}

/** One that lies between: without it the event itself may still be taken, by the state before it. */
async function takeIfPossible(work: Work, received: Received): Promise<void> {
  try {
    const isOld = await followsNothing(work, received);
    if (isOld) work.old.add(received.event.eventId);
    await takeOne(work, received, isOld ? "old" : "new");
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error;
  }
}

/** Whether nothing that an event comes after has its place among what happened since this server is in the room. */
async function followsNothing({ context, room, old }: Work, { event }: Received): Promise<boolean> {
  for (const id of event.prevEvents) {
    const kept = old.has(id) ? undefined : await context.rooms.events.get(room, id);
    if (kept !== undefined && kept.record.position > 0) return false;
  }
  return true;
}

/** Takes an event whose previous events are here, or whose state another server tells. */
async function takeOne(work: Work, received: Received, age: "new" | "old"): Promise<Outcome> {
  const { context, room, server } = work;
  const { event } = received;
  await fetchAuthEvents(context, room, server, event);
  let before: RoomState | undefined;
  if ((await missingPrevious(context, room, event)).length > 0) {
    if (work.states === 0) throw new PeerFault("malformed", "The other server leaves too many gaps.");
    work.states -= 1;
    before = await fetchedStateBefore(context, await recordOf(work), server, event);
  }
  return context.rooms.turns.take(room.room, async () =>
    takeEvent(context, await recordOf(work), { ...received, before, age: { age } }),
  );
}

async function recordOf({ context, room }: Work): Promise<RoomRecord> {
  return (await context.store.room(room.room))!;
}

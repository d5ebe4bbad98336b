import type { Context } from "../context.ts";
import { type Outcome, takeEvent } from "./intake.ts";
import { missingBefore } from "./missing.ts";
import type { Received } from "./received.ts";
import type { RoomKey } from "./room-events.ts";

/** Takes an event that a server sent of itself: those of one room one after the other, with what is missing before it. */
export function receive(context: Context, room: RoomKey, origin: string, received: Received): Promise<Outcome> {
  return context.rooms.receipt.take(room.room, async () => {
    const before = await missingBefore(context, room, origin, received);
    return before === "unknown"
      ? { outcome: "rejected", reason: "What the event comes after is not known here, and could not be had." }
      : takeInTurn(context, room, received);
  });
}

function takeInTurn(context: Context, { room }: RoomKey, received: Received): Promise<Outcome> {
  return context.rooms.turns.take(room, async () => {
    const record = (await context.store.room(room))!;
    return takeEvent(context, record, { ...received, before: undefined, age: "new" });
  });
}

import { RecentMap } from "@scop/wire";
import type { Context } from "../context.ts";
import { Turns } from "../turns.ts";
import { Resolution } from "./resolution.ts";
import { RoomEvents } from "./room-events.ts";

/** Transactions whose answers are held. Ours: what comes again later is looked at again, which changes nothing. */
const TRANSACTIONS_MAX = 1_000;

/** What all who work on rooms share. */
export interface RoomWork {
  /** Who writes to a room takes its turn. */
  readonly turns: Turns;
  /** Who fetches what is missing of a room takes its turn before. */
  readonly receipt: Turns;
  /** What was answered to transactions of other servers, or will be, by server and id. */
  readonly transactions: RecentMap<Promise<object>>;
  readonly events: RoomEvents;
  readonly resolution: Resolution;
}

/** Made once for a homeserver. */
export function roomWorkOf(context: Pick<Context, "io" | "store" | "options">): RoomWork {
  const events = new RoomEvents(context);
  return {
    turns: new Turns(),
    receipt: new Turns(),
    transactions: new RecentMap(TRANSACTIONS_MAX),
    events,
    resolution: new Resolution(context.store, events),
  };
}

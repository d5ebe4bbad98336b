import type { Context } from "../context.ts";
import { FIRST_PLACE } from "../stream-token.ts";

/** The place of the oldest event of a room that clients see, or that of the first one of ours: older events come before it. */
export async function firstPlace({ store }: Pick<Context, "store">, room: string): Promise<number> {
  const range = { after: FIRST_PLACE, upTo: Number.MAX_SAFE_INTEGER, order: "rising", limit: 1 } as const;
  const [first] = await store.roomEvents(room, range);
  return Math.min(first?.position ?? 0, 0);
}

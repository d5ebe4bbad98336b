import { serverOf } from "@scop/matrix/auth";
import { textAt } from "@scop/matrix/json";
import type { Context } from "../context.ts";
import { inviterIn } from "./outside-members.ts";
import type { Received } from "./received.ts";

/**
 * An event of a room that this server is not in: an invitation that the server of who sent it takes back, or a knock that is refused. The room
 * can't be asked whether they may: nothing but the invitation ends. Why it is not taken, or undefined.
 */
export async function takenBack(
  { store, rooms }: Context,
  origin: string,
  { event }: Received,
): Promise<string | undefined> {
  const { roomId: room, stateKey: user = "" } = event;
  const ended = event.type === "m.room.member" ? textAt(event.content, "membership") : undefined;
  const isEnd = (ended === "leave" || ended === "ban") && serverOf(event.sender) === origin;
  const member = isEnd ? (await store.roomsOf(user)).find(each => each.room === room) : undefined;
  const told = await store.strippedState(room, user);
  const isTheirs =
    member?.membership === "knock" ||
    (member?.membership === "invite" && told !== undefined && serverOf(inviterIn(told, user) ?? "") === origin);
  if (!isTheirs) return "This server is not in the room.";
  await rooms.turns.take(room, () =>
    store.transaction({ changes: [{ change: "put-member", room, user, membership: "leave", stripped: undefined }] }),
  );
  return undefined;
}

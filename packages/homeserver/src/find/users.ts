import { textAt } from "@scop/matrix/json";
import type { RoomMember } from "@scop/store";
import type { Answered, Context, OwnCall } from "../context.ts";
import { contentText } from "../stored-event.ts";

/** Users of one answer, and those that are looked at. Our own bounds. */
const RESULTS_MAX = 50;
const RESULTS_DEFAULT = 10;
const USERS_MAX = 1_000;

/** `POST /user_directory/search`: those with whom the user is in a room, and those in rooms that everybody may find. */
export async function searchUserDirectory(context: Context, { body, who }: OwnCall): Answered {
  const term = (textAt(body, "search_term") ?? "").toLowerCase();
  const asked = body.get("limit");
  const limit = Math.min(typeof asked === "number" ? Math.max(asked, 1) : RESULTS_DEFAULT, RESULTS_MAX);
  const results: object[] = [];
  for (const member of await membersAround(context, who.user)) {
    if (member.user === who.user) continue;
    const profile = await profileIn(context, member);
    const isFound = [member.user, profile.display_name].some(each => each?.toLowerCase().includes(term) === true);
    if (isFound) results.push({ user_id: member.user, ...profile });
    if (results.length > limit) break;
  }
  return { results: results.slice(0, limit), limited: results.length > limit };
}

/** Each user once, in one of the rooms. */
async function membersAround({ store }: Context, user: string): Promise<Iterable<RoomMember>> {
  const own = (await store.roomsOf(user)).filter(each => each.membership === "join").map(each => each.room);
  const published = (await store.publishedRooms()).map(each => each.room);
  const found = new Map<string, RoomMember>();
  for (const room of new Set([...own, ...published])) {
    for (const member of await store.roomMembers(room)) {
      if (member.membership === "join" && !found.has(member.user)) found.set(member.user, member);
      if (found.size >= USERS_MAX) return found.values();
    }
  }
  return found.values();
}

/** Name and picture as the room knows them. */
async function profileIn(
  { store }: Context,
  { room, user }: RoomMember,
): Promise<{ readonly display_name?: string; readonly avatar_url?: string }> {
  const record = await store.room(room);
  const member = record && (await store.stateEvent(record.state, "m.room.member", user));
  const [name, picture] = [contentText(member, "displayname"), contentText(member, "avatar_url")];
  return {
    ...(name === undefined ? {} : { display_name: name }),
    ...(picture === undefined ? {} : { avatar_url: picture }),
  };
}

import { type ChangedMember, EMPTY_STATE, type RoomMember } from "@scop/store";
import { type Answered, type Context, type OwnCall, queryText } from "../context.ts";
import { contentText } from "../stored-event.ts";
import { positionOf } from "../stream-token.ts";
import { stateAt } from "../visibility.ts";

/** Whose devices a client has to ask for again, and whose are no longer its business. */
interface DeviceLists {
  readonly changed: readonly string[];
  readonly left: readonly string[];
}

/** `GET /keys/changes` */
export async function getKeysChanges(context: Context, call: OwnCall): Answered {
  const [from] = [positionOf(queryText(call, "from")!), positionOf(queryText(call, "to")!)];
  // What changed after `to` is told too: the client hears of it again, and loses nothing.
  return deviceListsAfter(context, call.who.user, from);
}

/**
 * Changes after a position: lists of those who share a room with the user; users who share one now and did not then; and those who do not
 * any more. Nobody hears of anybody who is in none of their rooms. Client-server API, tracking the device list for a user
 */
export async function deviceListsAfter({ store }: Context, user: string, after: number): Promise<DeviceLists> {
  const changed = new Set(await store.encryption.changedDeviceLists(user, after));
  const gone = new Set<string>();
  const moved = Map.groupBy(await store.encryption.changedMembers(user, after), each => each.room);
  const own = moved.size === 0 ? [] : await store.roomsOf(user);
  for (const member of own) {
    const { came, went } = await movesIn({ store }, member, moved.get(member.room) ?? [], after);
    for (const each of came) changed.add(each);
    for (const each of went) gone.add(each);
  }
  const left: string[] = [];
  for (const each of gone) {
    if (each !== user && !(await store.encryption.shareRoom(user, each, Number.MAX_SAFE_INTEGER))) left.push(each);
  }
  const isLeft = new Set(left);
  return { changed: [...changed].filter(each => !isLeft.has(each)).sort(), left: left.sort() };
}

interface Moves {
  readonly came: readonly string[];
  readonly went: readonly string[];
}

const NOBODY: Moves = { came: [], went: [] };

/** Who came together with a member in a room after a position, and who parted. */
async function movesIn(
  { store }: Pick<Context, "store">,
  member: RoomMember,
  moved: readonly ChangedMember[],
  after: number,
): Promise<Moves> {
  const { room, user, membership, position } = member;
  const isIn = membership === "join";
  if (moved.length === 0 || (!isIn && position <= after)) return NOBODY;
  const before = after === 0 ? EMPTY_STATE : await stateAt(store, room, after);
  const wasIn = async (who: string): Promise<boolean> =>
    contentText(await store.stateEvent(before, "m.room.member", who), "membership") === "join";
  const isSame = (await wasIn(user)) === isIn;
  if (!isIn && isSame) return NOBODY;
  const inNow = async (): Promise<readonly string[]> =>
    (await store.roomMembers(room)).filter(each => each.membership === "join").map(each => each.user);
  if (isIn && !isSame) return { came: (await inNow()).filter(each => each !== user), went: [] };
  const came: string[] = [];
  const went: string[] = [];
  // Who left hears of those who were there, and not of who came later.
  const others = isIn ? moved : [...(await inNow()), ...moved.map(each => each.user)].map(each => ({ user: each }));
  for (const each of others) {
    const isThere = "membership" in each && each.membership === "join";
    if (each.user === user || (await wasIn(each.user)) === isThere) continue;
    (isThere ? came : went).push(each.user);
  }
  return { came, went };
}

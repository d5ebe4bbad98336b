import {
  EMPTY_STATE,
  type RoomEventRecord,
  type RoomMember,
  type RoomRecord,
  type StateId,
  type Store,
} from "@scop/store";
import { contentText } from "./stored-event.ts";

/** Changes of one membership that are looked through for the last time that somebody was in a room. Our own bound. */
const MEMBERSHIPS_MAX = 100;

/** What one user may see of one room. Every way to read goes through it. */
export interface View {
  readonly membership: string | undefined;
  /** The state that the user may read; undefined: none of it. */
  readonly state: StateId | undefined;
  /** Everybody may read it, whether they were ever in it or not. */
  readonly isOpen: boolean;
  /** Nothing that came later is shown, whatever it is. */
  readonly upTo: number;
  /** Those of the events that the user may see. */
  visible(events: readonly RoomEventRecord[]): Promise<readonly RoomEventRecord[]>;
}

/** Looks at a room with the eyes of a user. Client-server API, room history visibility */
export async function viewOf(store: Store, room: string, user: string): Promise<View | undefined> {
  const record = await store.room(room);
  if (record === undefined) return undefined;
  return viewOfMember(
    store,
    record,
    user,
    (await store.roomsOf(user)).find(each => each.room === room),
  );
}

/** The same where it is known already what the room and the user in it are. */
export async function viewOfMember(
  store: Store,
  record: RoomRecord,
  user: string,
  member: RoomMember | undefined,
): Promise<View> {
  const { room } = record;
  const joinedUntil = await lastJoined(store, room, user, member);
  const isOpen = (await visibilityAt(store, record.state)) === "world_readable";
  const isIn = member?.membership === "join" || isOpen;
  const left = isIn || joinedUntil === 0 ? undefined : await stateAt(store, room, joinedUntil);
  const seen = new Map<StateId, Promise<boolean>>();
  const isVisibleIn = (state: StateId, position: number): Promise<boolean> => {
    const known = seen.get(state);
    if (known !== undefined && position < joinedUntil) return known;
    const looked = isVisible(store, state, user, position < joinedUntil);
    if (position < joinedUntil) seen.set(state, looked);
    return looked;
  };
  return {
    membership: member?.membership,
    state: isIn ? record.state : left,
    isOpen,
    upTo: isIn ? record.position : joinedUntil,
    async visible(events) {
      const found: RoomEventRecord[] = [];
      for (const event of events.filter(each => each.position !== 0)) {
        const isShown =
          (await isVisibleIn(event.state, event.position)) ||
          // What changes visibility, or the user's own place, is seen by who saw what was before. Client-server API 10.16.2
          ((event.type === "m.room.history_visibility" || isOwnMembership(event, user)) &&
            (await isVisibleIn(await stateAt(store, room, event.position - 1), event.position)));
        if (isShown) found.push(event);
      }
      return found;
    },
  };
}

function isOwnMembership(event: RoomEventRecord, user: string): boolean {
  return event.type === "m.room.member" && event.stateKey === user;
}

async function isVisible(store: Store, state: StateId, user: string, wasInLater: boolean): Promise<boolean> {
  const visibility = await visibilityAt(store, state);
  if (visibility === "world_readable") return true;
  const membership = contentText(await store.stateEvent(state, "m.room.member", user), "membership");
  if (membership === "join") return true;
  if (visibility === "joined") return false;
  if (visibility === "invited") return membership === "invite" && wasInLater;
  return wasInLater;
}

/** A value that is not known counts as the usual one. */
async function visibilityAt(store: Store, state: StateId): Promise<string> {
  const value = contentText(await store.stateEvent(state, "m.room.history_visibility", ""), "history_visibility");
  return value === "world_readable" || value === "invited" || value === "joined" ? value : "shared";
}

/** The position up to which the user was in the room: infinite for who is, 0 for who never was. */
async function lastJoined(store: Store, room: string, user: string, member: RoomMember | undefined): Promise<number> {
  if (member === undefined) return 0;
  if (member.membership === "join") return Number.MAX_SAFE_INTEGER;
  let position = member.position;
  for (let looked = 0; looked < MEMBERSHIPS_MAX; looked += 1) {
    const before = await store.stateEvent(await stateAt(store, room, position - 1), "m.room.member", user);
    if (before === undefined) return 0;
    if (contentText(before, "membership") === "join") return position;
    // What has no place here happened while nobody of ours was there.
    if (before.position === 0) return 0;
    position = before.position;
  }
  return 0;
}

/** The state of a room as it was at a position of the stream; before the first one that this server was there for, as far as it is known. */
export async function stateAt(store: Store, room: string, position: number): Promise<StateId> {
  const after = position > 0 ? 0 : Number.MIN_SAFE_INTEGER;
  const [last] = await store.roomEvents(room, { after, upTo: position, order: "falling", limit: 1 });
  return last?.roomState ?? EMPTY_STATE;
}

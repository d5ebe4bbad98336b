import { EMPTY_STATE, type RoomEventRecord, type RoomRecord, type StateId } from "@scop/store";
import { syncEvent } from "../client-event.ts";
import type { Context, Who } from "../context.ts";
import type { Live } from "../live/live.ts";
import { bundledSyncEvents } from "../relations/bundles.ts";
import { contentText, storedEvent } from "../stored-event.ts";
import { tokenOf } from "../stream-token.ts";
import { strippedState } from "../sync-room.ts";
import { stateAt, type View, viewOfMember } from "../visibility.ts";
import type { RoomWish } from "./asked.ts";
import type { OwnRoom } from "./rooms.ts";

const HEROES_MAX = 5;

/** For whom rooms are shown, and up to where. */
export interface SlidingScope {
  readonly context: Context;
  readonly live: Live;
  readonly who: Who;
  readonly now: number;
  readonly direct: ReadonlySet<string>;
}

/** What a client has of a room. */
export interface Had {
  /** Up to where; 0: nothing. */
  readonly position: number;
  readonly timelineLimit: number;
  /** The wishes for state, as a text. */
  readonly state: string;
}

/** What is shown of a room, or undefined where the client has it all. */
export async function slidingRoom(
  scope: SlidingScope,
  room: OwnRoom,
  wish: RoomWish,
  had: Had,
): Promise<object | undefined> {
  const { context, who } = scope;
  const { store } = context;
  const record = await store.room(room.room);
  if (record === undefined) return undefined;
  if (room.membership !== "join") return asked(scope, room, had);
  const isMore = wish.timelineLimit > had.timelineLimit || JSON.stringify(wish.state) !== had.state;
  if (had.position !== 0 && record.position <= had.position && !isMore) return undefined;
  const view = await viewOfMember(store, record, who.user, room);
  // Who asks for more gets all of it again.
  const since = isMore ? 0 : had.position;
  const upTo = Math.min(scope.now, view.upTo);
  const timeline = await timelineOf(scope, room.room, { since, upTo }, wish.timelineLimit, view);
  const before = since === 0 ? EMPTY_STATE : await stateAt(store, room.room, since);
  const last = await stateAt(store, room.room, upTo);
  const state = await wishedState(scope, wish, last, before, timeline.events);
  const { main, threads } = await scope.live.unread.of(who, record);
  const counts = [main, ...threads.values()];
  return {
    ...(had.position === 0 ? { initial: true } : {}),
    ...(await outlineOf(scope, record, room)),
    required_state: state.map(each => syncEvent(context, each, who)),
    timeline: await bundledSyncEvents({ context, room: room.room, who, view: { ...view, upTo } }, timeline.events),
    prev_batch: tokenOf(timeline.start),
    limited: timeline.isLimited,
    num_live: since === 0 ? 0 : timeline.events.length,
    notification_count: counts.reduce((sum, each) => sum + each.notification_count, 0),
    highlight_count: counts.reduce((sum, each) => sum + each.highlight_count, 0),
    ...(isMore && had.position !== 0 ? { unstable_expanded_timeline: true } : {}),
  };
}

/** A room that the user is asked into or knocks at: what the invitation shows. */
async function asked(scope: SlidingScope, room: OwnRoom, had: Had): Promise<object | undefined> {
  if (had.position >= room.position) return undefined;
  const { events } = (await strippedState(scope, room)) as { readonly events: readonly object[] };
  return {
    initial: true,
    bump_stamp: room.bumpedAt,
    is_dm: scope.direct.has(room.room),
    invite_state: events,
    required_state: [],
    timeline: [],
  };
}

async function timelineOf(
  { context }: SlidingScope,
  room: string,
  { since, upTo }: { readonly since: number; readonly upTo: number },
  limit: number,
  view: View,
): Promise<{ readonly events: readonly RoomEventRecord[]; readonly start: number; readonly isLimited: boolean }> {
  const range = { after: since, upTo, order: "falling", limit: limit + 1 } as const;
  const read = await context.store.roomEvents(room, range);
  const newest = read.slice(0, limit).reverse();
  const visible = new Set(await view.visible(newest));
  // From the last one on that may not be seen: the state tells what happened before.
  const events = newest.slice(newest.findLastIndex(each => !visible.has(each)) + 1);
  const start = events[0] === undefined ? upTo : events[0].position - 1;
  return { events, start, isLimited: events.length < read.length };
}

/** What a client shows in a list of rooms. */
async function outlineOf({ context, who, direct }: SlidingScope, record: RoomRecord, room: OwnRoom): Promise<object> {
  const { store } = context;
  const text = async (type: string, field: string): Promise<string | undefined> =>
    contentText(await store.stateEvent(record.state, type, ""), field);
  const name = (await text("m.room.name", "name")) ?? (await text("m.room.canonical_alias", "alias"));
  const avatar = await text("m.room.avatar", "url");
  const members = await store.roomMembers(record.room);
  const others = members.filter(
    each => each.user !== who.user && (each.membership === "join" || each.membership === "invite"),
  );
  const heroes = await Promise.all(
    others.slice(0, HEROES_MAX).map(async ({ user }) => {
      const member = await store.stateEvent(record.state, "m.room.member", user);
      const [displayName, picture] = [contentText(member, "displayname"), contentText(member, "avatar_url")];
      return {
        user_id: user,
        ...(displayName === undefined ? {} : { displayname: displayName }),
        ...(picture === undefined ? {} : { avatar_url: picture }),
      };
    }),
  );
  return {
    ...(name === undefined ? { heroes } : { name }),
    ...(avatar === undefined ? {} : { avatar }),
    is_dm: direct.has(record.room),
    bump_stamp: room.bumpedAt,
    joined_count: members.filter(each => each.membership === "join").length,
    invited_count: members.filter(each => each.membership === "invite").length,
  };
}

/** The wished part of a state, as far as it differs from another one. */
async function wishedState(
  { context, who }: SlidingScope,
  { state: wishes }: RoomWish,
  state: StateId,
  known: StateId,
  timeline: readonly RoomEventRecord[],
): Promise<readonly RoomEventRecord[]> {
  const { store } = context;
  const speakers = new Set(timeline.map(each => storedEvent(each).sender));
  const isWished = ({ type, stateKey = "" }: RoomEventRecord): boolean =>
    wishes.some(([wished, key]) => {
      if (wished !== "*" && wished !== type) return false;
      if (key === "$LAZY") return type === "m.room.member" && speakers.has(stateKey);
      return key === "*" || (key === "$ME" ? who.user : key) === stateKey;
    });
  const changed = (await store.stateEvents(state, known)).filter(isWished);
  const isLazy = wishes.some(([type, key]) => type === "m.room.member" && key === "$LAZY");
  if (!isLazy || known === EMPTY_STATE) return changed;
  const present = new Set(changed.map(each => each.event));
  const found = [...changed];
  // Who speaks may have been there for long without having been told of.
  for (const speaker of speakers) {
    const member = await store.stateEvent(state, "m.room.member", speaker);
    if (member !== undefined && !present.has(member.event)) found.push(member);
  }
  return found;
}

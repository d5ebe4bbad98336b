import { type JsonObject, objectAt } from "@scop/matrix/json";
import {
  type AccountDataRecord,
  EMPTY_STATE,
  type RoomEventRecord,
  type RoomMember,
  type RoomRecord,
  type StateId,
} from "@scop/store";
import { STRIPPED_TYPES, strippedEvent, syncEvent } from "./client-event.ts";
import type { Context, Who } from "./context.ts";
import { passes, passesType } from "./filter.ts";
import type { Live } from "./live/live.ts";
import { receiptEvent } from "./live/receipts.ts";
import type { Counts } from "./push/unread.ts";
import { bundledSyncEvents } from "./relations/bundles.ts";
import { contentText, storedEvent } from "./stored-event.ts";
import { tokenOf } from "./stream-token.ts";
import { stateAt, viewOfMember } from "./visibility.ts";

/** Events of a room in one answer, unless fewer are asked for, and at most. */
const TIMELINE_DEFAULT = 20;
const TIMELINE_MAX = 100;
const HEROES_MAX = 5;

/** What one `/sync` is about. */
export interface SyncScope {
  readonly context: Context;
  readonly who: Who;
  /** 0: from the beginning. */
  readonly since: number;
  /** Up to where the device has what was sent to it. */
  readonly toDeviceSince: number;
  readonly now: number;
  readonly live: Live;
  readonly liveSince: number;
  readonly liveNow: number;
  readonly filter: JsonObject | undefined;
  readonly isFullState: boolean;
  readonly isStateAfter: boolean;
}

/** A room that the user is in or has left: what happened since, or undefined. */
export async function syncRoom(
  scope: SyncScope,
  member: RoomMember,
  data: readonly AccountDataRecord[],
): Promise<object | undefined> {
  const { store } = scope.context;
  const { room } = member;
  const record = await store.room(room);
  if (record === undefined) return undefined;
  // Of most rooms nothing is new, and that is seen at once.
  const ephemeral = member.membership === "join" ? await ephemeralOf(scope, room) : [];
  const isQuiet = data.length === 0 && ephemeral.length === 0 && !scope.isFullState;
  if (record.position <= scope.since && isQuiet) return undefined;
  const view = await viewOfMember(store, record, scope.who.user, member);
  if (view.state === undefined) return refusedInvitation(scope, member);
  const upTo = Math.min(scope.now, view.upTo);
  const before = scope.since === 0 ? EMPTY_STATE : await stateAt(store, room, scope.since);
  const wasIn = (await store.stateEvent(before, "m.room.member", scope.who.user)) ?? undefined;
  const isNew = contentText(wasIn, "membership") !== "join";
  const accountData = data.map(each => ({ type: each.type, content: JSON.parse(each.json) as object }));
  const limit = timelineLimit(scope);
  const range = { after: isNew ? 0 : scope.since, upTo, order: "falling", limit: limit + 1 } as const;
  const read = await store.roomEvents(room, range);
  if (read.length === 0 && isQuiet) return undefined;
  const timeline = read.slice(0, limit).reverse();
  const shown = lastRun(timeline, new Set(await view.visible(timeline)));
  const start = shown[0] === undefined ? upTo : shown[0].position - 1;
  const known = isNew || scope.isFullState ? EMPTY_STATE : before;
  const last = await stateAt(store, room, upTo);
  const first = scope.isStateAfter ? last : await stateAt(store, room, start);
  const state = await chosenState(scope, [first, last], known, shown);
  const isMemberChanged = isNew || [...shown, ...state].some(each => each.type === "m.room.member");
  return {
    timeline: {
      events: await bundledSyncEvents(
        { context: scope.context, room, who: scope.who, view: { ...view, upTo } },
        shown.filter(each => passes(timelineFilter(scope), each)),
      ),
      limited: shown.length < read.length,
      prev_batch: tokenOf(start),
    },
    [scope.isStateAfter ? "state_after" : "state"]: {
      events: state.map(each => syncEvent(scope.context, each, scope.who)),
    },
    account_data: { events: accountData },
    ...(member.membership === "join" ? { ephemeral: { events: ephemeral }, ...(await unreadOf(scope, record)) } : {}),
    ...(isMemberChanged && member.membership === "join" ? { summary: await summaryOf(scope, room) } : {}),
  };
}

/** What is told of a room beside its events: who types, who has read. */
async function ephemeralOf(
  { context, who, since, liveSince, liveNow, filter }: SyncScope,
  room: string,
): Promise<readonly object[]> {
  const wanted = objectAt(objectAt(filter, "room"), "ephemeral");
  const typing = passesType(wanted, "m.typing") ? context.heard.typing.between(room, liveSince, liveNow) : undefined;
  const receipts = passesType(wanted, "m.receipt") ? await context.store.receipts(room, since) : [];
  const read = receiptEvent(receipts, who.user);
  const isTold = typing !== undefined && (typing.length > 0 || liveSince > 0);
  return [
    ...(isTold ? [{ type: "m.typing", content: { user_ids: typing } }] : []),
    ...(read === undefined ? [] : [read]),
  ];
}

/** What is unread of a room: of its threads apart where that is asked for. */
async function unreadOf({ live, who, filter }: SyncScope, record: RoomRecord): Promise<object> {
  const { main, threads } = await live.unread.of(who, record);
  const timeline = objectAt(objectAt(filter, "room"), "timeline");
  if (timeline?.get("unread_thread_notifications") === true)
    return { unread_notifications: main, unread_thread_notifications: Object.fromEntries(threads) };
  const all = [main, ...threads.values()];
  const sum = (field: keyof Counts): number => all.reduce((before, each) => before + each[field], 0);
  return {
    unread_notifications: {
      notification_count: sum("notification_count"),
      highlight_count: sum("highlight_count"),
    },
  };
}

/**
 * The events behind the last one that may not be seen: what happened there changed the state, which the client is told of where the timeline
 * begins. What may be seen of the time before is read backwards.
 */
function lastRun(
  timeline: readonly RoomEventRecord[],
  visible: ReadonlySet<RoomEventRecord>,
): readonly RoomEventRecord[] {
  return timeline.slice(timeline.findLastIndex(each => !visible.has(each)) + 1);
}

/** Who was never in a room hears that the invitation is over, and nothing else. */
async function refusedInvitation({ context, who }: SyncScope, { room, position }: RoomMember): Promise<object> {
  const range = { after: position - 1, upTo: position, order: "rising", limit: 1 } as const;
  const events = (await context.store.roomEvents(room, range)).map(each => syncEvent(context, each, who));
  return { timeline: { events, limited: false, prev_batch: tokenOf(position - 1) }, state: { events: [] } };
}

/** What is seen of a room that the user is asked into, or has asked to be let into. */
export async function strippedState(
  scope: Pick<SyncScope, "context" | "who">,
  { room, position }: RoomMember,
): Promise<object> {
  const { store } = scope.context;
  const told = await store.strippedState(room, scope.who.user);
  if (told !== undefined) return { events: JSON.parse(told.json) as object };
  const state = await stateAt(store, room, position);
  const events: object[] = [];
  const invite = await store.stateEvent(state, "m.room.member", scope.who.user);
  for (const type of STRIPPED_TYPES) {
    const event = await store.stateEvent(state, type, "");
    if (event !== undefined) events.push(strippedEvent(event));
  }
  const inviter =
    invite === undefined ? undefined : await store.stateEvent(state, "m.room.member", storedEvent(invite).sender);
  for (const event of [inviter, invite]) if (event !== undefined) events.push(strippedEvent(event));
  return { events };
}

/** What of the state is shown beside a timeline. */
async function chosenState(
  scope: SyncScope,
  [first, last]: readonly [first: StateId, last: StateId],
  known: StateId,
  timeline: readonly RoomEventRecord[],
): Promise<readonly RoomEventRecord[]> {
  const { store } = scope.context;
  const filter = objectAt(objectAt(scope.filter, "room"), "state");
  const told = new Set(timeline.map(each => each.event));
  const atFirst = await store.stateEvents(first, known);
  // What a timeline does not tell: the state before a join through another server, and what branches of a room came to when they met.
  const atLast = first === last ? [] : (await store.stateEvents(last, first)).filter(each => !told.has(each.event));
  const changed = [...atFirst, ...atLast].filter(each => passes(filter, each));
  if (filter?.get("lazy_load_members") !== true) return changed;
  const senders = new Set([scope.who.user, ...timeline.map(each => storedEvent(each).sender)]);
  // What happened in a gap is told whole; of a room that is new to the client, those who speak.
  const chosen = changed.filter(
    each => known !== EMPTY_STATE || each.type !== "m.room.member" || senders.has(each.stateKey ?? ""),
  );
  const present = new Set(chosen.map(each => each.event));
  for (const sender of senders) {
    const member = await store.stateEvent(last, "m.room.member", sender);
    if (member !== undefined && !present.has(member.event)) chosen.push(member);
  }
  return chosen;
}

async function summaryOf({ context: { store }, who }: SyncScope, room: string): Promise<object> {
  const members = await store.roomMembers(room);
  const count = (membership: string): number => members.filter(each => each.membership === membership).length;
  const others = members.filter(
    each => each.user !== who.user && (each.membership === "join" || each.membership === "invite"),
  );
  return {
    "m.heroes": others.slice(0, HEROES_MAX).map(each => each.user),
    "m.joined_member_count": count("join"),
    "m.invited_member_count": count("invite"),
  };
}

function timelineFilter({ filter }: SyncScope): JsonObject | undefined {
  return objectAt(objectAt(filter, "room"), "timeline");
}

function timelineLimit(scope: SyncScope): number {
  const limit = timelineFilter(scope)?.get("limit");
  return typeof limit === "number" ? Math.min(Math.max(limit, 1), TIMELINE_MAX) : TIMELINE_DEFAULT;
}

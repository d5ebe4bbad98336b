import { type AuthRules, authorise, authRulesOf, type Refusal, readAuthEvents } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import type { EventFate, RoomChange, RoomRecord, SentBy, StateId } from "@scop/store";
import { assert } from "@scop/wire";
import type { Context } from "../context.ts";
import { redactionBetween, redactionOf } from "../redaction.ts";
import { firstPlace } from "./first-place.ts";
import type { Received } from "./received.ts";
import { authStateOf, keptAs, keptState, type RoomState, stateWith } from "./room-state.ts";

/** The latest events of a room that have the same state as others. Ours: as many as an event can come after. */
const LATEST_MAX = 20;
/** Redactions of one event that are looked at. Ours. */
const REDACTIONS_MAX = 20;
/** All latest events of a room. Ours: five events of ours bring so many together. */
const BRANCHES_MAX = 100;

/** What became of an event that was given to a room. */
export type Outcome =
  | { readonly outcome: "accepted" | "soft-failed" | "known" }
  | { readonly outcome: "rejected"; readonly reason: string };

/** What a room gets. */
interface Given extends Received {
  /** The state before it, where it is known otherwise than by the events that it comes after. */
  readonly before: RoomState | undefined;
  /** `old`: it is older than what is here; `backfilled`: than all that clients know, and has this place. */
  readonly age: { readonly age: "new" | "old" } | { readonly age: "backfilled"; readonly place: number };
}

/**
 * Puts an event into its room, by the last checks on receipt: by its own auth events, by the state before it, by the state of the room. All that it
 * names is here, or `before` is given. For who has the turn of the room. `further`: what else is stored with it if it is accepted.
 * Server-server API, checks performed on receipt of a PDU, 4 to 6
 */
export async function takeEvent(
  context: Context,
  room: RoomRecord,
  given: Given,
  further: readonly RoomChange[] = [],
): Promise<Outcome> {
  const { event } = given;
  const known = await context.rooms.events.get(room, event.eventId);
  if (known !== undefined && known.record.state !== NO_STATE) return { outcome: "known" };
  const rules = authRulesOf(room.version);
  assert(rules !== undefined, "the version of a room that is served is known");
  const before = given.before ?? (await stateBefore(context, room, event));
  const refusal = await refusalOf(context, room, event, before, rules);
  if (refusal !== undefined) {
    // Nothing is said of an event whose auth events could not be had: it may come again.
    if (refusal.word === "auth-event-unknown") return { outcome: "rejected", reason: refusal.sentence };
    await store(context, room, given, before, { fate: "rejected" }, []);
    return { outcome: "rejected", reason: refusal.sentence };
  }
  const effects = [
    ...further,
    ...(await redactionBy(context, room, event, before, rules)),
    ...(await redactedBefore(context, room, event, rules)),
  ];
  const place = await placeOf(context, room, given);
  if (place !== undefined) {
    await store(context, room, given, before, { fate: "backfilled", place }, effects);
    return { outcome: "accepted" };
  }
  const now = keptState(context.store, room.state);
  const isNow = keptAs(before) === room.state;
  if (!isNow && (await refusalBy(context, room, event, now, rules)) !== undefined) {
    await store(context, room, given, before, { fate: "soft-failed" }, []);
    return { outcome: "soft-failed" };
  }
  await store(context, room, given, before, await fateOf(context, room, event, before), effects);
  return { outcome: "accepted" };
}

const NO_STATE = 0;

/** Where an event stands that is older than others that are here: it does not make the room what it was again. */
async function placeOf(context: Context, { room }: RoomRecord, { event, age }: Given): Promise<number | undefined> {
  if (age.age === "backfilled") return age.place;
  const isOlder = age.age === "old" || (await context.store.isRoomEdge(room, event.eventId));
  return isOlder ? (await firstPlace(context, room)) - 1 : undefined;
}

/** The state before an event: what the states with those that it comes after resolve to. */
export async function stateBefore(
  context: Context,
  room: RoomRecord,
  event: Pick<RoomEvent, "prevEvents">,
): Promise<RoomState> {
  const { events, resolution } = context.rooms;
  const states: RoomState[] = [];
  for (const id of event.prevEvents) {
    const kept = await events.get(room, id);
    assert(kept !== undefined, "what an event comes after is here");
    states.push(keptState(context.store, kept.record.state));
  }
  return states.length === 0 ? keptState(context.store, NO_STATE as StateId) : resolution.resolve(room, states);
}

/** Why an event may not be, by its own auth events and by the state before it. */
async function refusalOf(
  context: Context,
  room: RoomRecord,
  event: RoomEvent,
  before: RoomState,
  rules: AuthRules,
): Promise<Refusal | undefined> {
  const { events } = context.rooms;
  const read = readAuthEvents(event, await events.authEventsOf(room, event), rules);
  if ("refusal" in read) return read.refusal;
  return authorise(event, read.state, rules, events.checks) ?? (await refusalBy(context, room, event, before, rules));
}

async function refusalBy(
  { rooms: { events } }: Context,
  room: RoomRecord,
  event: RoomEvent,
  state: RoomState,
  rules: AuthRules,
): Promise<Refusal | undefined> {
  return authorise(event, await authStateOf(events, room, state, event, rules), rules, events.checks);
}

/** What an event that redacts another one does to it. */
async function redactionBy(
  context: Context,
  room: RoomRecord,
  event: RoomEvent,
  before: RoomState,
  rules: AuthRules,
): Promise<readonly RoomChange[]> {
  if (event.type !== "m.room.redaction") return [];
  const state = await authStateOf(context.rooms.events, room, before, event, rules);
  const redaction = await redactionOf(context, room, state, event);
  return redaction === undefined ? [] : [redaction.change];
}

/** What redactions that came before it do to an event. */
async function redactedBefore(
  { store, rooms: { events } }: Context,
  room: RoomRecord,
  target: RoomEvent,
  rules: AuthRules,
): Promise<readonly RoomChange[]> {
  for (const record of await store.redactionsOf(room.room, target.eventId, REDACTIONS_MAX)) {
    if (record.standing !== "accepted") continue;
    const event = events.eventOf(room, record);
    const state = await authStateOf(events, room, keptState(store, record.state), event, rules);
    const redaction = redactionBetween(room, state, event, target);
    if (redaction !== undefined) return [redaction.change];
  }
  return [];
}

/** What the room has after an event: its latest events, and what their states resolve to. */
async function fateOf(context: Context, room: RoomRecord, event: RoomEvent, before: RoomState): Promise<EventFate> {
  const { store, rooms } = context;
  const after = new Set(event.prevEvents);
  const others: { readonly id: string; readonly state: StateId }[] = [];
  for (const id of room.latest) {
    const kept = after.has(id) ? undefined : await rooms.events.get(room, id);
    if (kept !== undefined) others.push({ id, state: kept.record.state });
  }
  const left = fewer(others);
  const latest = [...left.map(each => each.id), event.eventId];
  if (left.length === 0) return { fate: "latest", seen: room.latest, latest, state: "own" };
  const states = [...left.map(each => keptState(store, each.state)), stateWith(before, event)];
  const resolved = await rooms.resolution.resolve(room, states, event);
  return { fate: "latest", seen: room.latest, latest, state: resolved.draft };
}

/**
 * Somebody who always answers what is old would make a room of latest events without end: of too many, those go first that have the same state
 * as another one, since the room's state does not need them; of far too many the oldest.
 */
function fewer<Latest extends { readonly state: StateId }>(latest: readonly Latest[]): readonly Latest[] {
  const left = [...latest];
  for (let at = 0; at < left.length && left.length >= LATEST_MAX; ) {
    const isNeedless = left.some((each, index) => index > at && each.state === left[at]!.state);
    if (isNeedless) left.splice(at, 1);
    else at += 1;
  }
  return left.slice(1 - BRANCHES_MAX);
}

/** One of ours that comes after some of the latest events, where there are more than one can come after. It is known to be allowed. */
export async function ownChange(
  context: Context,
  room: RoomRecord,
  received: Received,
  before: RoomState,
  sentBy: SentBy | undefined,
): Promise<RoomChange> {
  return { ...changeOf(room, received, before, await fateOf(context, room, received.event, before)), sentBy };
}

async function store(
  context: Context,
  room: RoomRecord,
  received: Received,
  before: RoomState,
  become: EventFate,
  further: readonly RoomChange[],
): Promise<void> {
  const change = changeOf(room, received, before, become);
  const answer = await context.store.transaction({ changes: [change, ...further] });
  assert(answer.ok, "events of one room take turns");
}

function changeOf(
  { room }: RoomRecord,
  { event, json }: Received,
  before: RoomState,
  become: EventFate,
): Extract<RoomChange, { readonly change: "take-event" }> {
  return {
    change: "take-event",
    room,
    event: event.eventId,
    type: event.type,
    stateKey: event.stateKey,
    depth: event.depth,
    previous: event.prevEvents,
    json,
    sentBy: undefined,
    before: before.draft,
    become,
  };
}

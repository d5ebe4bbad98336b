import { authorise, readAuthEvents, selectAuthEvents } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { type ResolvedRoom, resolveState, type StateIds } from "@scop/matrix/state-res";
import { type SeededRandom, seededRandom } from "@scop/sim";
import { CHECKS, eventOf, type keyOf, MemoryRoom, type PlainEvent, resolvedRoom, withEvent } from "../rooms.ts";
import { type Draft, draftOf, firstDrafts } from "./drafts.ts";

/** States of a room that have to be made one. */
export type Problem = readonly StateIds[];

/** An event that somebody wanted to send, and what became of it. */
export interface Judged {
  readonly plain: PlainEvent;
  /** The ids of the state that it was judged by. */
  readonly state: readonly string[];
  /** Whether its auth events may be what they are. */
  readonly isRead: boolean;
  /** Whether the state allows it. */
  readonly isAllowed: boolean;
}

/** A room that grew in several places at once. */
export interface RandomRoom {
  readonly version: string;
  readonly room: ResolvedRoom;
  /** In an order in which each comes after what it refers to. */
  readonly plain: readonly PlainEvent[];
  readonly rejected: ReadonlySet<string>;
  readonly store: MemoryRoom;
  readonly problems: readonly Problem[];
  readonly judged: readonly Judged[];
}

/** A server's view: the events that nothing follows there. */
type Replica = Set<string>;

const STEPS_MIN = 24;
const STEPS_MORE = 72;
/** Of those that come up on the way; the last of all and the lies come on top. */
const PROBLEMS_MAX = 4;

/** A room under growth. */
class Growth {
  readonly random: SeededRandom;
  readonly room: ResolvedRoom;
  readonly version: string;
  readonly store = new MemoryRoom();
  readonly plain: PlainEvent[] = [];
  readonly rejected = new Set<string>();
  readonly problems: Problem[] = [];
  readonly judged: Judged[] = [];
  readonly #after = new Map<string, StateIds>();

  constructor(seed: number, version: string) {
    this.random = seededRandom(seed);
    this.version = version;
    this.room = resolvedRoom(version, version === "12" ? "!e0" : "!room:a.example");
  }

  stateAfter(ids: Iterable<string>): StateIds {
    const states = [...ids].map(id => this.#after.get(id)!);
    if (states.length === 1) return states[0]!;
    if (this.problems.length < PROBLEMS_MAX) this.problem(states);
    return resolveState(this.store, this.room, states);
  }

  problem(states: Problem): void {
    if (states.length > 1) this.problems.push(states);
  }

  /** Adds what a draft makes of a place in the graph. What is not allowed there is dropped, or kept as rejected. */
  add(draft: Draft, prevEvents: readonly string[], before: StateIds): string | undefined {
    const unsigned = this.#plain(draft, prevEvents);
    const selected = selectAuthEvents(eventOf(unsigned, this.room.roomId), before, this.room.rules);
    const plain = { ...unsigned, auth_events: this.#meddledWith(selected) };
    const event = eventOf(plain, this.room.roomId);
    const verdict = this.#judge(plain, event, before);
    // Synapse can't even hold some events whose auth events are none.
    const isKept = verdict === "allowed" || (verdict === "refused" && this.random.integer(5) === 0);
    if (!isKept) return undefined;
    const isAllowed = verdict === "allowed";
    this.plain.push(plain);
    if (!isAllowed) this.rejected.add(event.eventId);
    this.store.add(event, !isAllowed);
    this.#after.set(event.eventId, isAllowed ? withEvent(before, event) : before);
    return event.eventId;
  }

  #plain({ stateKey, ...draft }: Draft, prevEvents: readonly string[]): PlainEvent {
    const depths = prevEvents.map(id => this.store.get(id)!.event.depth);
    const id = `$e${this.plain.length}`;
    return {
      ...draft,
      ...(draft.type === "m.room.create" && this.version === "12" ? {} : { room_id: this.room.roomId }),
      event_id: Number(this.version) <= 2 ? `${id}:a.example` : id,
      ...(stateKey === undefined ? {} : { state_key: stateKey }),
      origin_server_ts: 1_700_000_000_000 + this.random.integer(30),
      depth: Math.max(0, ...depths) + 1,
      prev_events: prevEvents,
    };
  }

  /** Now and then one auth event less, one twice, or one that nobody selected. */
  #meddledWith(auth: readonly string[]): readonly string[] {
    const chance = auth.length === 0 ? 0 : this.random.integer(30);
    const all = [...this.store.events.keys()];
    if (chance === 1) return auth.filter((_, at) => at !== this.random.integer(auth.length));
    if (chance === 2) return [...auth, auth[this.random.integer(auth.length)]!];
    return chance === 3 ? [...auth, all[this.random.integer(all.length)]!] : auth;
  }

  #judge(plain: PlainEvent, event: RoomEvent, before: StateIds): "allowed" | "refused" | "unreadable" {
    const known = {
      get: (id: string) => this.store.get(id)?.event,
      isRejected: (id: string) => this.rejected.has(id),
    };
    const { rules } = this.room;
    const read = readAuthEvents(event, known, rules);
    const state = { get: (key: ReturnType<typeof keyOf>) => known.get(before.get(key) ?? "") };
    const isRead = !("refusal" in read);
    const isAllowed = authorise(event, state, rules, CHECKS) === undefined;
    if (before.size > 0) this.judged.push({ plain, state: [...before.values()], isRead, isAllowed });
    if (!isRead) return "unreadable";
    return isAllowed && authorise(event, read.state, rules, CHECKS) === undefined ? "allowed" : "refused";
  }
}

/** One thing that happens: somebody does something, servers hear of each other, or somebody builds on an old event. */
function happen(growth: Growth, replicas: readonly Replica[]): void {
  const { random, store } = growth;
  const replica = replicas[random.integer(replicas.length)]!;
  const chance = random.integer(100);
  if (chance < 12) {
    for (const id of replicas[random.integer(replicas.length)]!) replica.add(id);
    return;
  }
  const old = [...store.events.keys()][random.integer(store.events.size)]!;
  const prevEvents = chance < 18 ? [old] : [...replica];
  const state = growth.stateAfter(prevEvents);
  const get = (key: ReturnType<typeof keyOf>): RoomEvent | undefined => store.get(state.get(key) ?? "")?.event;
  const draft = draftOf(random, { get }, growth.version);
  const id = growth.add(draft, prevEvents, state);
  if (id === undefined) return;
  for (const each of prevEvents) replica.delete(each);
  replica.add(id);
}

/** Whether a server could say that a rejected event is state; Synapse takes any create event. */
function isLie(event: RoomEvent): boolean {
  return event.stateKey !== undefined && event.type !== "m.room.create";
}

/** Three servers that lie about the state: what it was at some events, once with a rejected one in it. */
function addLies(growth: Growth): void {
  const { random, store } = growth;
  const ids = [...store.events.keys()];
  const states = [0, 1, 2].map(() => growth.stateAfter([ids[random.integer(ids.length)]!]));
  growth.problem(states);
  const rejected = [...growth.rejected].map(id => store.get(id)!.event).filter(isLie);
  if (rejected.length > 0)
    growth.problem([states[0]!, withEvent(states[1]!, rejected[random.integer(rejected.length)]!)]);
}

/** A room that is the same for the same seed and version: joins, bans, power changes, in two or three places that now and then hear of each other. */
export function randomRoom(seed: number, version: string): RandomRoom {
  const growth = new Growth(seed, version);
  let last: string[] = [];
  for (const draft of firstDrafts(growth.random, version)) {
    const id = growth.add(draft, last, last.length === 0 ? new Map() : growth.stateAfter(last));
    if (id !== undefined) last = [id];
  }
  const replicas: Replica[] = Array.from({ length: 2 + growth.random.integer(2) }, () => new Set(last));
  const steps = STEPS_MIN + growth.random.integer(STEPS_MORE);
  for (let step = 0; step < steps; step += 1) happen(growth, replicas);
  addLies(growth);
  const ends = new Set(replicas.flatMap(replica => [...replica]));
  growth.problem([...ends].map(id => growth.stateAfter([id])));
  const { room, plain, rejected, store, problems, judged } = growth;
  return { version, room, plain, rejected, store, problems, judged };
}

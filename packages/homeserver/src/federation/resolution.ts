import { authRulesOf } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import {
  AuthChains,
  resolutionOf,
  resolving,
  type StateAnswer,
  type StateQuestion,
  type StoredEvent,
} from "@scop/matrix/state-res";
import { EMPTY_STATE, type StateDraft, type Store } from "@scop/store";
import { assert, RecentMap } from "@scop/wire";
import type { RoomEvents, RoomKey } from "./room-events.ts";
import { draftedState, keptAs, madeState, type RoomState } from "./room-state.ts";

/** Rooms whose auth chains are held. Our own bound: those where branches met of late. */
const ROOMS_MAX = 50;

/** Outcomes that are held, as what they differ in from a state that is kept. Our own bound: messages on two branches ask for the same again. */
const RESOLVED_MAX = 500;

/** Makes one state of several, by the events that are kept. */
export class Resolution {
  readonly #store: Store;
  readonly #events: RoomEvents;
  readonly #chains: RecentMap<AuthChains> = new RecentMap(ROOMS_MAX);
  readonly #resolved: RecentMap<StateDraft> = new RecentMap(RESOLVED_MAX);

  constructor(store: Store, events: RoomEvents) {
    this.#store = store;
    this.#events = events;
  }

  /**
   * The state that several come to; one is returned as it is, and so are those that are kept as one. `fresh` is an event that stands in
   * them and is not kept yet. Server-server API, room state resolution
   */
  async resolve(room: RoomKey, states: readonly RoomState[], fresh?: RoomEvent): Promise<RoomState> {
    const [first, ...others] = distinct(states);
    assert(first !== undefined, "there is a state to resolve");
    if (others.length === 0) return first;
    const key = keyOf(room, [first, ...others]);
    const before = key === undefined ? undefined : this.#resolved.get(key);
    if (before !== undefined) return draftedState(this.#store, before);
    const sets = await Promise.all([first, ...others].map(each => each.ids()));
    const rules = authRulesOf(room.version);
    const algorithm = resolutionOf(room.version);
    assert(rules !== undefined && algorithm !== undefined, "the version of a room that is served is known");
    const machine = resolving({ roomId: room.room, algorithm, rules, checks: this.#events.checks }, sets);
    let step = machine.next();
    while (step.done !== true) step = machine.next(await this.#answer(room, step.value, fresh));
    const state = await madeState(this.#store, baseOf(states), step.value);
    if (key !== undefined) this.#resolved.set(key, state.draft);
    return state;
  }

  async #answer(room: RoomKey, question: StateQuestion, fresh: RoomEvent | undefined): Promise<StateAnswer> {
    switch (question.do) {
      case "events": {
        const found = await Promise.all(question.ids.map(id => this.#get(room, id, fresh)));
        return { on: "events", events: found.filter(each => each !== undefined) };
      }
      case "difference": {
        const chains = await this.#chainsOf(room, [question.agreed, ...question.sets].flat(), fresh);
        return { on: "ids", ids: chains.difference(question.agreed, question.sets) };
      }
      case "between": {
        const chains = await this.#chainsOf(room, question.conflicted, fresh);
        return { on: "ids", ids: chains.between(question.conflicted) };
      }
    }
  }

  async #get(room: RoomKey, id: string, fresh: RoomEvent | undefined): Promise<StoredEvent | undefined> {
    if (id === fresh?.eventId) return { event: fresh, isRejected: false };
    const kept = await this.#events.get(room, id);
    return kept && { event: kept.event, isRejected: kept.record.standing === "rejected" };
  }

  /** The index of auth chains of a room, with these events and all that they are authorised by. Each is read once. */
  async #chainsOf(room: RoomKey, ids: readonly string[], fresh: RoomEvent | undefined): Promise<AuthChains> {
    const chains = this.#chains.get(room.room) ?? new AuthChains();
    this.#chains.set(room.room, chains);
    const below = new Map<string, readonly string[]>();
    const open = [...ids];
    for (let id = open.at(-1); id !== undefined; id = open.at(-1)) {
      const authEvents = below.get(id);
      if (chains.has(id) || authEvents !== undefined) {
        open.pop();
        // What is not here is not taken: it may come.
        if (authEvents !== undefined) chains.add(id, authEvents);
        continue;
      }
      const found = await this.#get(room, id, fresh);
      if (found === undefined) {
        open.pop();
        continue;
      }
      below.set(id, found.event.authEvents);
      for (const each of found.event.authEvents) if (!chains.has(each) && !below.has(each)) open.push(each);
    }
    return chains;
  }
}

/** A name for what is resolved, where all of it is kept. */
function keyOf({ room }: RoomKey, states: readonly RoomState[]): string | undefined {
  const ids = states.map(keptAs).filter(id => id !== undefined);
  if (ids.length < states.length) return undefined;
  return `${ids.sort((one, other) => one - other).join(" ")} ${room}`;
}

/** States without those that are kept as one that is there already. */
function distinct(states: readonly RoomState[]): readonly RoomState[] {
  const kept = new Set<number>();
  return states.filter(each => {
    const id = keptAs(each);
    if (id === undefined) return true;
    const isNew = !kept.has(id);
    kept.add(id);
    return isNew;
  });
}

/** One that is kept already: the outcome differs in little from it. */
function baseOf(states: readonly RoomState[]): RoomState["draft"]["base"] {
  return states.find(each => each.draft.base !== EMPTY_STATE)?.draft.base ?? EMPTY_STATE;
}

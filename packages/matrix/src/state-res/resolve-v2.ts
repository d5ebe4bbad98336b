import {
  type AuthState,
  authKeysOf,
  authorise,
  CREATE_KEY,
  JOIN_RULES_KEY,
  POWER_LEVELS_KEY,
  type StateKey,
  userLevel,
} from "../auth/index.ts";
import type { RoomEvent } from "../event/index.ts";
import type { Known } from "./known.ts";
import { orderByMainline } from "./mainline.ts";
import { orderByPower, type Powerful } from "./order.ts";
import type { Resolving, StateIds } from "./question.ts";
import { type Separated, separate } from "./separate.ts";

const POWER_KEYS: ReadonlySet<StateKey> = new Set([CREATE_KEY, POWER_LEVELS_KEY, JOIN_RULES_KEY]);

/** Whether an event can take somebody's rights: power levels, join rules, and being removed by somebody else. */
function isPowerEvent(known: Known, event: RoomEvent): boolean {
  const key = known.keyOf(event);
  if (key === undefined) return false;
  if (event.type !== "m.room.member") return POWER_KEYS.has(key);
  const membership = event.content.get("membership");
  return (membership === "leave" || membership === "ban") && event.sender !== event.stateKey;
}

/** The power of an event's sender as its own auth events have it. */
function powerOf(known: Known, event: RoomEvent): Powerful {
  const auth = known.authEventsOf(event);
  const create = auth.find(each => known.keyOf(each) === CREATE_KEY);
  const levels = known.powerLevelsOf(event)?.content;
  const power = userLevel(create, levels, event.sender, known.room.rules);
  return { eventId: event.eventId, power, originServerTs: event.originServerTs };
}

/**
 * The power events and what they are authorised by, in order. Deviation: the auth events are followed only as long as they are in the full
 * conflicted set themselves, as every other server does.
 */
function orderPowerEvents(known: Known, full: ReadonlyMap<string, RoomEvent>): string[] {
  const events = new Map<string, Powerful>();
  const authOf = new Map<string, readonly string[]>();
  const open = [...full.values()].filter(event => isPowerEvent(known, event));
  for (let event = open.pop(); event !== undefined; event = open.pop()) {
    if (events.has(event.eventId)) continue;
    events.set(event.eventId, powerOf(known, event));
    const auth = event.authEvents.filter(id => full.has(id));
    authOf.set(event.eventId, auth);
    for (const id of auth) open.push(full.get(id)!);
  }
  return orderByPower(events, authOf);
}

/** A state that grows event by event over one that lies below. */
class Growing {
  readonly resolved = new Map<StateKey, string>();
  readonly #known: Known;
  readonly #base: StateIds;

  constructor(known: Known, base: StateIds) {
    this.#known = known;
    this.#base = base;
  }

  get(key: StateKey): RoomEvent | undefined {
    const id = this.resolved.get(key) ?? this.#base.get(key);
    return id === undefined ? undefined : this.#known.get(id);
  }

  /** Takes each event that the state so far allows, with its own auth events where that has nothing. Iterative auth checks */
  take(eventIds: readonly string[]): void {
    for (const eventId of eventIds) {
      const event = this.#known.get(eventId)!;
      const key = this.#known.keyOf(event);
      if (key === undefined || this.#known.isRejected(eventId)) continue;
      const { rules, checks } = this.#known.room;
      if (authorise(event, this.#stateFor(event), rules, checks) === undefined) this.resolved.set(key, eventId);
    }
  }

  /** What an event asks for is what `authKeysOf` has for it, so that nothing else of the state is taken into account. */
  #stateFor(event: RoomEvent): AuthState {
    const own = this.#known.authEventsOf(event).filter(each => !this.#known.isRejected(each.eventId));
    return {
      get: key => {
        const found = this.get(key);
        if (found !== undefined && !this.#known.isRejected(found.eventId)) return found;
        return own.findLast(each => this.#known.keyOf(each) === key);
      },
    };
  }
}

/** The conflicted events, what only some of the auth chains have, and by 2.1 what lies between the conflicted. */
function* fullConflict(
  known: Known,
  sets: readonly StateIds[],
  { agreed, conflicted }: Separated,
): Resolving<Map<string, RoomEvent>> {
  const ids = [...conflicted.values()].flatMap(each => [...each]);
  const besides = sets.map(set => [...conflicted.keys()].map(key => set.get(key)).filter(id => id !== undefined));
  const difference = yield { do: "difference", agreed: [...agreed.values()], sets: besides };
  const full = new Set([...ids, ...(difference.on === "ids" ? difference.ids : [])]);
  if (known.room.algorithm === "2.1") {
    const between = yield { do: "between", conflicted: ids };
    if (between.on === "ids") for (const id of between.ids) full.add(id);
  }
  yield* known.need(full);
  const events = [...full].map(id => known.get(id)).filter(event => event !== undefined);
  return new Map(events.map(event => [event.eventId, event]));
}

const NOTHING: StateIds = new Map();

/** What of the state below may be asked for. */
function neededOf(known: Known, full: ReadonlyMap<string, RoomEvent>, base: StateIds): readonly string[] {
  if (base.size === 0) return [];
  const keys = new Set([POWER_LEVELS_KEY]);
  for (const event of full.values()) for (const key of authKeysOf(event, known.room.rules)) keys.add(key);
  return [...keys].map(key => base.get(key)).filter(id => id !== undefined);
}

/** State resolution 2, and 2.1, which begins with nothing and has the conflicted subgraph. Room versions 2 and 12, state resolution */
export function* resolveV2(known: Known, sets: readonly StateIds[]): Resolving<StateIds> {
  const separated = separate(sets, "differs");
  const { agreed, conflicted } = separated;
  if (conflicted.size === 0) return agreed;
  const full = yield* fullConflict(known, sets, separated);
  const base = known.room.algorithm === "2.1" ? NOTHING : agreed;
  const auth = [...full.values()].flatMap(event => known.authIdsOf(event));
  yield* known.need([...neededOf(known, full, base), ...auth]);

  const state = new Growing(known, base);
  const powerful = orderPowerEvents(known, full);
  state.take(powerful);
  const isTaken = new Set(powerful);
  const others = [...full.values()].filter(event => !isTaken.has(event.eventId));
  state.take(yield* orderByMainline(known, others, state.get(POWER_LEVELS_KEY)));
  for (const [key, id] of state.resolved) if (!agreed.has(key)) agreed.set(key, id);
  return agreed;
}

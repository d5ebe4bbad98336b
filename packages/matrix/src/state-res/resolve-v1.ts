import { hexEncode, utf8Bytes } from "@scop/wire";
import {
  type AuthState,
  authKeysOf,
  authorise,
  JOIN_RULES_KEY,
  POWER_LEVELS_KEY,
  partsOfStateKey,
  type StateKey,
} from "../auth/index.ts";
import type { RoomEvent } from "../event/index.ts";
import { compareCodePoints } from "../json/canonical.ts";
import type { Known } from "./known.ts";
import type { Resolving, StateIds } from "./question.ts";
import { separate } from "./separate.ts";
import { sha1 } from "./sha1.ts";

/** The deepest first; among equals by the SHA-1 of the event id. */
function deepestFirst(events: readonly RoomEvent[]): RoomEvent[] {
  const keyed = events.map(event => ({ event, hash: hexEncode(sha1(utf8Bytes(event.eventId))) }));
  keyed.sort((one, other) => other.event.depth - one.event.depth || compareCodePoints(one.hash, other.hash));
  return keyed.map(({ event }) => event);
}

/** A resolution under way. */
class Resolution {
  readonly resolved = new Map<StateKey, RoomEvent>();
  readonly #known: Known;
  readonly #agreed: StateIds;

  constructor(known: Known, agreed: StateIds) {
    this.#known = known;
    this.#agreed = agreed;
  }

  /** Resolves conflicts that don't depend on each other, by what was resolved before them. */
  resolve(conflicts: Iterable<readonly [StateKey, readonly RoomEvent[]]>, decidesAuth: boolean): void {
    const found = [...conflicts].map(
      ([key, events]) => [key, decidesAuth ? this.#lastInLine(key, events) : this.#firstAllowed(events)] as const,
    );
    for (const [key, event] of found) if (event !== undefined) this.resolved.set(key, event);
  }

  #stateWith(own: ReadonlyMap<StateKey, RoomEvent>): AuthState {
    return {
      get: key => {
        const id = this.#agreed.get(key);
        return own.get(key) ?? this.resolved.get(key) ?? (id === undefined ? undefined : this.#known.get(id));
      },
    };
  }

  #isAllowed(event: RoomEvent, state: AuthState): boolean {
    return authorise(event, state, this.#known.room.rules, this.#known.room.checks) === undefined;
  }

  /** What decides about others: the oldest, then each next one that the one before allows. */
  #lastInLine(key: StateKey, events: readonly RoomEvent[]): RoomEvent | undefined {
    const [first, ...next] = deepestFirst(events).reverse();
    const own = new Map<StateKey, RoomEvent>();
    let last = first;
    for (const event of next) {
      own.set(key, last!);
      if (!this.#isAllowed(event, this.#stateWith(own))) return last;
      last = event;
    }
    return last;
  }

  /** Everything else: the deepest that is allowed, or the one that is least deep. */
  #firstAllowed(events: readonly RoomEvent[]): RoomEvent | undefined {
    const ordered = deepestFirst(events);
    const state = this.#stateWith(new Map());
    return ordered.find(event => this.#isAllowed(event, state)) ?? ordered[ordered.length - 1];
  }
}

/** In which round a key is resolved. */
function roundOf(key: StateKey): number {
  if (key === POWER_LEVELS_KEY) return 0;
  const type = partsOfStateKey(key).type;
  if (type === partsOfStateKey(JOIN_RULES_KEY).type) return 1;
  return type === "m.room.member" ? 2 : 3;
}

/** State resolution 1. Room version 1, state resolution */
export function* resolveV1(known: Known, sets: readonly StateIds[]): Resolving<StateIds> {
  const { agreed, conflicted } = separate(sets, "does not count");
  if (conflicted.size === 0) return agreed;
  yield* known.need([...conflicted.values()].flatMap(ids => [...ids]));
  const rounds: [StateKey, RoomEvent[]][][] = [[], [], [], []];
  const needed = new Set<StateKey>();
  for (const [key, ids] of conflicted) {
    const events = [...ids].map(id => known.get(id)).filter(event => event !== undefined);
    rounds[roundOf(key)]!.push([key, events]);
    for (const event of events) for (const each of authKeysOf(event, known.room.rules)) needed.add(each);
  }
  yield* known.need([...needed].map(key => agreed.get(key)).filter(id => id !== undefined));
  const resolution = new Resolution(known, agreed);
  for (const [index, round] of rounds.entries()) resolution.resolve(round, index < 3);
  for (const [key, { eventId }] of resolution.resolved) agreed.set(key, eventId);
  return agreed;
}

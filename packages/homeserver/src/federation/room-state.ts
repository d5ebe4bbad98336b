import { type AuthRules, authKeysOf, partsOfStateKey, type StateKey, stateKeyOf } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { EMPTY_STATE, type StateDraft, type StateId, type Store } from "@scop/store";
import type { RoomEvents, RoomKey } from "./room-events.ts";

/** A state of a room, kept or only thought of. */
export interface RoomState {
  /** How the store makes it. */
  readonly draft: StateDraft;
  /** The event at a key. */
  idAt(key: StateKey): Promise<string | undefined>;
  /** All of it. Costs as much as it is large. */
  ids(): Promise<ReadonlyMap<StateKey, string>>;
}

/** A state that is kept. */
export function keptState(store: Store, state: StateId): RoomState {
  return {
    draft: { base: state, put: [], remove: [] },
    async idAt(key) {
      const { type, stateKey } = partsOfStateKey(key);
      return (await store.stateEvent(state, type, stateKey))?.event;
    },
    async ids() {
      const entries = await store.stateEntries(state);
      return new Map(entries.map(each => [stateKeyOf(each.type, each.stateKey), each.event]));
    },
  };
}

/** A state by what is in it, kept as what it differs in from another one. */
export async function madeState(store: Store, base: StateId, ids: ReadonlyMap<StateKey, string>): Promise<RoomState> {
  const before = base === EMPTY_STATE ? new Map<StateKey, string>() : await keptState(store, base).ids();
  const put = [...ids]
    .filter(([key, event]) => before.get(key) !== event)
    .map(([key, event]) => ({ ...partsOfStateKey(key), event }));
  const remove = [...before.keys()].filter(key => !ids.has(key)).map(partsOfStateKey);
  return { draft: { base, put, remove }, idAt: async key => ids.get(key), ids: async () => ids };
}

/** A state as it was made before. */
export function draftedState(store: Store, draft: StateDraft): RoomState {
  const base = keptState(store, draft.base);
  const changes = new Map<StateKey, string | undefined>();
  for (const { type, stateKey } of draft.remove) changes.set(stateKeyOf(type, stateKey), undefined);
  for (const { type, stateKey, event } of draft.put) changes.set(stateKeyOf(type, stateKey), event);
  return {
    draft,
    idAt: async key => (changes.has(key) ? changes.get(key) : base.idAt(key)),
    async ids() {
      const ids = new Map(await base.ids());
      for (const [key, event] of changes) {
        if (event === undefined) ids.delete(key);
        else ids.set(key, event);
      }
      return ids;
    },
  };
}

/** A state with an event, which need not be kept yet. */
export function stateWith(state: RoomState, { eventId, type, stateKey }: RoomEvent): RoomState {
  if (stateKey === undefined) return state;
  const own = stateKeyOf(type, stateKey);
  const { base, put, remove } = state.draft;
  const isOther = (each: { readonly type: string; readonly stateKey: string }): boolean =>
    each.type !== type || each.stateKey !== stateKey;
  return {
    draft: { base, put: [...put.filter(isOther), { type, stateKey, event: eventId }], remove: remove.filter(isOther) },
    idAt: key => (key === own ? Promise.resolve(eventId) : state.idAt(key)),
    ids: async () => new Map(await state.ids()).set(own, eventId),
  };
}

/** The key of a state that is kept as it is; undefined where it has to be made. */
export function keptAs({ draft }: RoomState): StateId | undefined {
  return draft.put.length === 0 && draft.remove.length === 0 ? draft.base : undefined;
}

/** What of a state an event is authorised by. */
export async function authStateOf(
  events: RoomEvents,
  room: RoomKey,
  state: RoomState,
  event: RoomEvent,
  rules: AuthRules,
): Promise<ReadonlyMap<StateKey, RoomEvent>> {
  const found = new Map<StateKey, RoomEvent>();
  for (const key of authKeysOf(event, rules)) {
    const id = await state.idAt(key);
    const kept = id === undefined ? undefined : await events.get(room, id);
    if (kept !== undefined) found.set(key, kept.event);
  }
  return found;
}

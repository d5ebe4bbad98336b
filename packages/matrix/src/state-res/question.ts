import type { AuthChecks, AuthRules, StateKey } from "../auth/index.ts";
import type { RoomEvent } from "../event/index.ts";

/** A state of a room: the id of the event at each key. */
export type StateIds = ReadonlyMap<StateKey, string>;

/** An event of the room as it is kept. */
export interface StoredEvent {
  readonly event: RoomEvent;
  /** Whether it was rejected on receipt. */
  readonly isRejected: boolean;
}

/** The room whose state is resolved. */
export interface ResolvedRoom {
  readonly roomId: string;
  /** Room version 1 has 1, versions 2 to 11 have 2, version 12 has 2.1. */
  readonly algorithm: "1" | "2" | "2.1";
  readonly rules: AuthRules;
  readonly checks: AuthChecks;
}

/** A question of the resolution, answered by what `StateAnswer` has of the same kind. */
export type StateQuestion =
  /** Those of the events that are known. No event is asked for twice. */
  | { readonly do: "events"; readonly ids: readonly string[] }
  /** As `AuthChains.difference`. */
  | { readonly do: "difference"; readonly agreed: readonly string[]; readonly sets: readonly (readonly string[])[] }
  /** As `AuthChains.between`. */
  | { readonly do: "between"; readonly conflicted: readonly string[] };

export type StateAnswer =
  | { readonly on: "events"; readonly events: readonly StoredEvent[] }
  | { readonly on: "ids"; readonly ids: readonly string[] };

/** A resolution under way: it asks, goes on with the answer, and returns. */
export type Resolving<Result> = Generator<StateQuestion, Result, StateAnswer>;

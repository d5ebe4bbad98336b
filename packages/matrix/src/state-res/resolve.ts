import { assert } from "@scop/wire";
import { authRulesOf } from "../auth/index.ts";
import type { AuthChains } from "./auth-chains.ts";
import { Known } from "./known.ts";
import type { ResolvedRoom, Resolving, StateAnswer, StateIds, StateQuestion, StoredEvent } from "./question.ts";
import { resolveV1 } from "./resolve-v1.ts";
import { resolveV2 } from "./resolve-v2.ts";

/** By which algorithm a room version resolves states; undefined for a version that is not known. */
export function resolutionOf(version: string): ResolvedRoom["algorithm"] | undefined {
  const rules = authRulesOf(version);
  if (rules === undefined) return undefined;
  if (rules.createIdIsRoomId) return "2.1";
  return version === "1" ? "1" : "2";
}

/**
 * The one state that several come to, whatever order they are given in: a generator that asks for events and for what the auth chains have,
 * and returns. One state is returned as it is. Events that nobody knows don't count. Server-server API, room state resolution
 */
export function resolving(room: ResolvedRoom, sets: readonly StateIds[]): Resolving<StateIds> {
  const known = new Known(room);
  return room.algorithm === "1" ? resolveV1(known, sets) : resolveV2(known, sets);
}

/** Where the answers are at hand. */
export interface StateStore {
  get(eventId: string): StoredEvent | undefined;
  readonly authChains: AuthChains;
}

function answer(store: StateStore, question: StateQuestion): StateAnswer {
  switch (question.do) {
    case "events":
      return { on: "events", events: question.ids.map(id => store.get(id)).filter(each => each !== undefined) };
    case "difference":
      return { on: "ids", ids: store.authChains.difference(question.agreed, question.sets) };
    case "between":
      return { on: "ids", ids: store.authChains.between(question.conflicted) };
  }
}

/** `resolving`, answered at once. At least one state. */
export function resolveState(store: StateStore, room: ResolvedRoom, sets: readonly StateIds[]): StateIds {
  assert(sets.length > 0, "there is a state to resolve");
  const machine = resolving(room, sets);
  let step = machine.next();
  while (step.done !== true) step = machine.next(answer(store, step.value));
  return step.value;
}

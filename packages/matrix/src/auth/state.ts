import type { Brand } from "@scop/wire";
import type { RoomEvent } from "../event/index.ts";

/** A type and a state key as one text. No two pairs have the same, whatever characters stand in them. */
export type StateKey = Brand<string, "StateKey">;

/** The one text of a type and a state key. */
export function stateKeyOf(type: string, stateKey: string): StateKey {
  return `${type.length}:${type}${stateKey}` as StateKey;
}

/** The type of a `StateKey`. */
export function typeOfStateKey(key: StateKey): string {
  const colon = key.indexOf(":");
  return key.slice(colon + 1, colon + 1 + Number(key.slice(0, colon)));
}

/** State of a room that an event is checked against: all of it, or what was selected for the event. */
export interface AuthState {
  get(key: StateKey): RoomEvent | undefined;
}

export const CREATE_KEY: StateKey = stateKeyOf("m.room.create", "");
export const POWER_LEVELS_KEY: StateKey = stateKeyOf("m.room.power_levels", "");
export const JOIN_RULES_KEY: StateKey = stateKeyOf("m.room.join_rules", "");

/** Where the membership of a user stands. */
export function memberKey(userId: string): StateKey {
  return stateKeyOf("m.room.member", userId);
}

/** The membership of a user; `leave` where the state has none. */
export function membershipOf(state: AuthState, userId: string): string {
  const membership = state.get(memberKey(userId))?.content.get("membership");
  return typeof membership === "string" ? membership : "leave";
}

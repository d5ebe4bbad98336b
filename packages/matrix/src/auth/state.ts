import type { Brand } from "@scop/wire";
import type { RoomEvent } from "../event/index.ts";

/** A type and a state key as one text. No two pairs have the same, whatever characters stand in them. */
export type StateKey = Brand<string, "StateKey">;

/** The one text of a type and a state key. */
export function stateKeyOf(type: string, stateKey: string): StateKey {
  return `${type.length}:${type}${stateKey}` as StateKey;
}

/** The type and the state key of a `StateKey`. */
export function partsOfStateKey(key: StateKey): { readonly type: string; readonly stateKey: string } {
  const start = key.indexOf(":") + 1;
  const end = start + Number(key.slice(0, start - 1));
  return { type: key.slice(start, end), stateKey: key.slice(end) };
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

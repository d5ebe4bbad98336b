import { type AuthState, authRulesOf, CREATE_KEY, POWER_LEVELS_KEY, PowerLevels } from "@scop/matrix/auth";
import type { RoomRecord } from "@scop/store";
import { assert } from "@scop/wire";
import type { Context } from "./context.ts";
import { eventOfRecord } from "./pdu.ts";

/** The power levels that a room has now. */
export async function powerIn(context: Context, room: RoomRecord): Promise<PowerLevels> {
  const [create, levels] = await Promise.all(
    ["m.room.create", "m.room.power_levels"].map(type => context.store.stateEvent(room.state, type, "")),
  );
  const state: AuthState = {
    get(key) {
      const stored = key === CREATE_KEY ? create : key === POWER_LEVELS_KEY ? levels : undefined;
      return stored && eventOfRecord(context, room.version, stored);
    },
  };
  return powerOf(room.version, state);
}

/** The power levels of a state. */
export function powerOf(version: string, state: AuthState): PowerLevels {
  const rules = authRulesOf(version);
  assert(rules !== undefined, "the version of a room that is served is known");
  return new PowerLevels(state, rules);
}

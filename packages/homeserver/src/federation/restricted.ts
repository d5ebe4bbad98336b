import { authRulesOf, PowerLevels, partsOfStateKey, type StateKey, serverOf } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { isJsonObject, type JsonObject, textAt } from "@scop/matrix/json";
import type { RoomRecord } from "@scop/store";
import type { Context } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { outline } from "../room-draft.ts";
import { isList } from "../schema.ts";
import { authStateOf, keptState } from "./room-state.ts";

/** Rooms that let others in who are in them, of one join rule, that are looked at. Our own bound. */
const ALLOWED_ROOMS_MAX = 50;
/** Members of ours who are looked at for one who may let others in. Our own bound. */
const AUTHORISERS_MAX = 100;

/**
 * Who of ours lets a user into a restricted room: undefined where nobody has to. Fails where the user is in none of the rooms that the rule
 * names, or nobody of ours may invite. Server-server API, restricted rooms
 */
export async function authoriserFor(context: Context, room: RoomRecord, user: string): Promise<string | undefined> {
  const { store, rooms, options } = context;
  const rules = authRulesOf(room.version);
  const at = async (type: string, stateKey = ""): Promise<RoomEvent | undefined> => {
    const record = await store.stateEvent(room.state, type, stateKey);
    return record && rooms.events.eventOf(room, record);
  };
  const rule = (await at("m.room.join_rules"))?.content;
  const isRestricted = rule?.get("join_rule") === "restricted" || rule?.get("join_rule") === "knock_restricted";
  if (rules?.restrictedJoins !== true || rule === undefined || !isRestricted) return undefined;
  const membership = textAt((await at("m.room.member", user))?.content ?? new Map(), "membership");
  if (membership === "join" || membership === "invite") return undefined;
  if (!(await isInAllowedRoom(context, rule, user))) {
    throw new MatrixFault(403, "M_FORBIDDEN", "The user is in none of the rooms that let into this one.");
  }
  const state = new Map<StateKey, RoomEvent>();
  const wanted = authStateOf(
    rooms.events,
    room,
    keptState(store, room.state),
    outline({ type: "", stateKey: undefined, sender: user, content: new Map() }),
    rules,
  );
  for (const [key, event] of await wanted) if (partsOfStateKey(key).type !== "m.room.member") state.set(key, event);
  const levels = new PowerLevels(state, rules);
  const ours = (await store.roomMembers(room.room)).filter(
    each => each.membership === "join" && serverOf(each.user) === options.serverName,
  );
  const found = ours.slice(0, AUTHORISERS_MAX).find(each => levels.user(each.user) >= levels.named("invite"));
  if (found !== undefined) return found.user;
  throw new MatrixFault(400, "M_UNABLE_TO_GRANT_JOIN", "Nobody of this server may let others in.");
}

async function isInAllowedRoom({ store }: Context, rule: JsonObject, user: string): Promise<boolean> {
  const allow = rule.get("allow");
  const named = new Set(
    (isList(allow) ? allow.slice(0, ALLOWED_ROOMS_MAX) : [])
      .filter(isJsonObject)
      .filter(each => each.get("type") === "m.room_membership")
      .map(each => textAt(each, "room_id")),
  );
  return (await store.roomsOf(user)).some(each => each.membership === "join" && named.has(each.room));
}

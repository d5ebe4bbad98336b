import {
  authorise,
  authRulesOf,
  PowerLevels,
  partsOfStateKey,
  type StateKey,
  selectAuthEvents,
  serverOf,
} from "@scop/matrix/auth";
import { DEPTH_MAX, type RoomEvent } from "@scop/matrix/event";
import { isJsonObject, type JsonObject, jsonObject, textAt } from "@scop/matrix/json";
import type { RoomRecord } from "@scop/store";
import { assert } from "@scop/wire";
import type { Answered, Context, PeerCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { outline } from "../room-draft.ts";
import { isList } from "../schema.ts";
import { authStateOf, keptState } from "./room-state.ts";
import { servedRoom } from "./served-room.ts";

/** Rooms that let others in who are in them, of one join rule, that are looked at. Our own bound. */
const ALLOWED_ROOMS_MAX = 50;
/** Members of ours who are looked at for one who may let others in. Our own bound. */
const AUTHORISERS_MAX = 100;

/** `GET /make_join/{roomId}/{userId}`: the join that the other server is to sign. */
export function makeJoin(context: Context, call: PeerCall): Answered {
  return template(context, call, "join");
}

/** `GET /make_leave/{roomId}/{userId}` */
export function makeLeave(context: Context, call: PeerCall): Answered {
  return template(context, call, "leave");
}

/** `GET /make_knock/{roomId}/{userId}` */
export function makeKnock(context: Context, call: PeerCall): Answered {
  return template(context, call, "knock");
}

async function template(context: Context, call: PeerCall, membership: "join" | "leave" | "knock"): Answered {
  const user = call.path.get("userId")!;
  const room = await servedRoom(context, call.path.get("roomId")!, call.origin);
  if (serverOf(user) !== call.origin) throw new MatrixFault(403, "M_FORBIDDEN", "The user is of another server.");
  if (membership !== "leave" && !(call.query.get("ver") ?? ["1"]).includes(room.version)) {
    throw new MatrixFault(400, "M_INCOMPATIBLE_ROOM_VERSION", `The room is of version ${room.version}.`, {
      room_version: room.version,
    });
  }
  const authoriser = membership === "join" ? await authoriserFor(context, room, user) : undefined;
  const content = jsonObject({ membership, join_authorised_via_users_server: authoriser });
  const authEvents = await authorisedBy(context, room, user, content);
  return {
    room_version: room.version,
    event: {
      type: "m.room.member",
      room_id: room.room,
      sender: user,
      state_key: user,
      content: Object.fromEntries(content),
      origin: context.options.serverName,
      origin_server_ts: context.io.clock.now(),
      depth: Math.min(room.depth + 1, DEPTH_MAX),
      auth_events: authEvents,
      prev_events: room.latest,
    },
  };
}

/** The auth events of a membership that the room allows now. Throws `MatrixFault`. */
async function authorisedBy(
  { store, rooms }: Context,
  room: RoomRecord,
  user: string,
  content: JsonObject,
): Promise<readonly string[]> {
  const rules = authRulesOf(room.version);
  assert(rules !== undefined, "the version of a room that is served is known");
  const event: RoomEvent = {
    ...outline({ type: "m.room.member", stateKey: user, sender: user, content }),
    roomId: room.room,
    prevEvents: room.latest,
  };
  const state = await authStateOf(rooms.events, room, keptState(store, room.state), event, rules);
  const refusal = authorise(event, state, rules, rooms.events.checks);
  if (refusal !== undefined) throw new MatrixFault(403, "M_FORBIDDEN", refusal.sentence);
  return selectAuthEvents(event, { get: key => state.get(key)?.eventId }, rules);
}

/**
 * Who of ours lets a user into a restricted room: undefined where nobody has to. Fails where the user is in none of the rooms that the rule
 * names, or nobody of ours may invite. Server-server API, restricted rooms
 */
async function authoriserFor(context: Context, room: RoomRecord, user: string): Promise<string | undefined> {
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

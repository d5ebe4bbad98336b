import { authorise, authRulesOf, selectAuthEvents, serverOf } from "@scop/matrix/auth";
import { DEPTH_MAX, PREV_EVENTS_MAX, type RoomEvent } from "@scop/matrix/event";
import { type JsonObject, jsonObject } from "@scop/matrix/json";
import type { RoomRecord } from "@scop/store";
import { assert } from "@scop/wire";
import type { Answered, Context, PeerCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { outline } from "../room-draft.ts";
import { authoriserFor } from "./restricted.ts";
import { authStateOf, keptState } from "./room-state.ts";
import { servedRoom } from "./served-room.ts";

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
      prev_events: room.latest.slice(0, PREV_EVENTS_MAX),
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

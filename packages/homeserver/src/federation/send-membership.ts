import { authorisingServer, authRulesOf, serverOf } from "@scop/matrix/auth";
import { type RoomEvent, readEvent, redactEvent } from "@scop/matrix/event";
import { type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import { signObject } from "@scop/matrix/sign";
import type { RoomRecord } from "@scop/store";
import { assert } from "@scop/wire";
import type { Answered, Context, PeerCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { servedFormat } from "../pdu.ts";
import { authChainOf } from "./auth-chain.ts";
import { stateBefore, takeEvent } from "./intake.ts";
import { outgoing } from "./outgoing.ts";
import { peersOf } from "./peers-of.ts";
import { type Received, readReceived } from "./received.ts";
import type { RoomState } from "./room-state.ts";
import { servedRoom } from "./served-room.ts";
import { jsonOf } from "./stated.ts";
import { strippedStateOf } from "./stripped.ts";

/** `PUT /send_join/{roomId}/{eventId}`: takes the join, and answers the room. */
export async function sendJoin(context: Context, call: PeerCall): Answered {
  const { room, received, before } = await takeMembership(context, call, "join");
  const state = [...(await before.ids()).values()];
  return {
    origin: context.options.serverName,
    members_omitted: false,
    state: await jsonOf(context, room, state),
    auth_chain: await jsonOf(context, room, await authChainOf(context, room, [...state, received.event.eventId])),
    event: JSON.parse(received.json) as object,
  };
}

/** `PUT /send_leave/{roomId}/{eventId}` */
export async function sendLeave(context: Context, call: PeerCall): Answered {
  await takeMembership(context, call, "leave");
  return {};
}

/** `PUT /send_knock/{roomId}/{eventId}`: answers what may be seen of the room from outside. */
export async function sendKnock(context: Context, call: PeerCall): Answered {
  const { room, before } = await takeMembership(context, call, "knock");
  return { knock_room_state: await strippedStateOf(context, room, before) };
}

/** A membership that the room has now. */
interface Taken {
  readonly room: RoomRecord;
  readonly received: Received;
  readonly before: RoomState;
}

/** Takes a membership that was made of a template of ours. Throws `MatrixFault`: what is no such event, and what the room does not allow. */
async function takeMembership(
  context: Context,
  call: PeerCall,
  membership: "join" | "leave" | "knock",
): Promise<Taken> {
  const name = call.path.get("roomId")!;
  const served = await servedRoom(context, name, call.origin);
  const given = checkedMembership(context, served, call, membership);
  const read = await readReceived(context, peersOf(context), served, given);
  if (!read.ok) throw new MatrixFault(403, "M_FORBIDDEN", `The event is refused: ${read.error.code}.`);
  const received = read.value;
  return context.rooms.turns.take(name, async () => {
    const room = await context.store.room(name);
    assert(room !== undefined, "rooms stay");
    await checkPrevious(context, room, received.event);
    const further = await outgoing(context, room, received.event, call.origin);
    const before = await stateBefore(context, room, received.event);
    const outcome = await takeEvent(context, room, { ...received, before, age: { age: "new" } }, further);
    if (outcome.outcome === "accepted" || outcome.outcome === "known") return { room, received, before };
    const why = outcome.outcome === "rejected" ? outcome.reason : "The room changed meanwhile.";
    throw new MatrixFault(403, "M_FORBIDDEN", why);
  });
}

/** The event of a request, if it is what the request says. A join that one of ours let in is signed here too. */
function checkedMembership({ io, options }: Context, room: RoomRecord, call: PeerCall, membership: string): JsonObject {
  const format = servedFormat(room.version)!;
  const read = readEvent(withoutUnsigned(call.body), format, io.crypto);
  if (!read.ok) throw new MatrixFault(400, "M_BAD_JSON", `The event is misformed: ${read.error.code}.`);
  const event = read.value;
  const isWhatItSays =
    event.roomId === room.room &&
    event.eventId === call.path.get("eventId") &&
    event.type === "m.room.member" &&
    event.stateKey === event.sender &&
    serverOf(event.sender) === call.origin &&
    textAt(event.content, "membership") === membership;
  if (!isWhatItSays) throw new MatrixFault(400, "M_INVALID_PARAM", `The event is no ${membership} of a user of yours.`);
  if (authorisingServer(event, authRulesOf(room.version)!) !== options.serverName) return event.json;
  const signatures = objectAt(signObject(redactEvent(event.json, format), options.signer), "signatures");
  return new Map(event.json).set("signatures", signatures!);
}

function withoutUnsigned(body: JsonObject): JsonObject {
  const object = new Map(body);
  object.delete("unsigned");
  return object;
}

/** What a template was made after is here, unless it is none of ours. */
async function checkPrevious({ rooms }: Context, room: RoomRecord, event: RoomEvent): Promise<void> {
  for (const id of event.prevEvents) {
    const kept = await rooms.events.get(room, id);
    if (kept === undefined || kept.record.state === 0) {
      throw new MatrixFault(403, "M_FORBIDDEN", "The event comes after what is not known here.");
    }
  }
  if (event.prevEvents.length === 0) throw new MatrixFault(403, "M_FORBIDDEN", "The event comes after nothing.");
}

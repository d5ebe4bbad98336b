import { serverOf } from "@scop/matrix/auth";
import { eventFormatOf, eventIdOf, redactEvent } from "@scop/matrix/event";
import { type JsonObject, type JsonValue, jsonObject, objectAt } from "@scop/matrix/json";
import { assert } from "@scop/wire";
import type { Authoring } from "../authoring.ts";
import { canonicalText } from "../canonical-text.ts";
import type { Context } from "../context.ts";
import { MatrixFault } from "../http.ts";
import type { Authored } from "../room-draft.ts";
import { takeEvent } from "./intake.ts";
import { outgoing } from "./outgoing.ts";
import { through } from "./outside.ts";
import { peersOf } from "./peers-of.ts";
import { PeerFault } from "./port.ts";
import type { Received } from "./received.ts";
import type { RoomKey } from "./room-events.ts";
import { keptState } from "./room-state.ts";
import { strippedPdus } from "./stripped.ts";

const INVITE_TIMEOUT_MS = 20_000;

/**
 * Asks somebody of another server into a room of ours: their server signs the invitation before it is in the room. The room goes on meanwhile.
 * Throws `MatrixFault` where the room does not allow it, or the other server did not sign it.
 */
export async function inviteElsewhere(
  context: Context,
  authoring: Authoring,
  room: string,
  authored: Authored,
): Promise<void> {
  const server = serverOf(authored.stateKey ?? "");
  const { record, event } = await authoring.draft(room, authored);
  const body = jsonObject({
    room_version: record.version,
    event: event.json,
    invite_room_state: await strippedPdus(context, record, keptState(context.store, record.state)),
  });
  const target = `/_matrix/federation/v2/invite/${encodeURIComponent(room)}/${encodeURIComponent(event.eventId)}`;
  const signed = await through([server], async each => {
    const request = { method: "PUT", target, body, timeoutMs: INVITE_TIMEOUT_MS } as const;
    return signedBy(context, record, each, event.json, await peersOf(context).ask(each, request));
  });
  const received: Received = { event: { ...event, json: signed }, json: canonicalText(signed) };
  await context.rooms.turns.take(room, async () => {
    const now = (await context.store.room(room))!;
    const told = await outgoing(context, now, event);
    const outcome = await takeEvent(context, now, { ...received, before: undefined, age: { age: "new" } }, told);
    if (outcome.outcome === "accepted") return;
    throw new MatrixFault(403, "M_FORBIDDEN", "The room changed meanwhile: the invitation is not allowed any more.");
  });
}

/** Our event with the signature of the other server, and nothing else of what it answered. */
async function signedBy(
  { io, options }: Context,
  { version }: RoomKey,
  server: string,
  own: JsonObject,
  answer: JsonObject,
): Promise<JsonObject> {
  const format = eventFormatOf(version);
  assert(format !== undefined, "the version of a room that is served is known");
  const given = objectAt(answer, "event") ?? new Map<string, JsonValue>();
  const theirs = objectAt(objectAt(given, "signatures"), server);
  const signatures = new Map(objectAt(own, "signatures")).set(server, theirs ?? new Map());
  const signed = new Map(own).set("signatures", signatures);
  const isSame = eventIdOf(given, format, io.crypto) === eventIdOf(own, format, io.crypto);
  const isSigned = isSame && (await options.peers?.isSignedBy(redactEvent(signed, format), server, io.clock.now()));
  if (isSigned !== true) throw new PeerFault("malformed", "The server of who is asked in did not sign the invitation.");
  return signed;
}

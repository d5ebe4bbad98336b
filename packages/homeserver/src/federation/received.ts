import { authorisingServer, authRulesOf, checkAuthorisingServer, serverOf } from "@scop/matrix/auth";
import { isIntact, type RoomEvent, readEvent, redactEvent } from "@scop/matrix/event";
import type { JsonObject } from "@scop/matrix/json";
import { assert, failed, type Parsed, parsed } from "@scop/wire";
import { canonicalText } from "../canonical-text.ts";
import type { Context } from "../context.ts";
import { servedFormat } from "../pdu.ts";
import type { Peers } from "./port.ts";
import type { RoomKey } from "./room-events.ts";

const RULE = "Server-server API, checks performed on receipt of a PDU";

/** An event of another server whose form, signatures and hash were looked at. */
export interface Received {
  readonly event: RoomEvent;
  /** Canonical, without what was added on the way. */
  readonly json: string;
}

/**
 * An event as another server gave it, after the first checks on receipt, in their order: its form, the signature of its sender's server and of
 * one that let somebody into a restricted room, its hash. Where the hash is another one, what a redaction leaves of it counts. Refused by name:
 * of another room, misformed, not signed. Server-server API, checks performed on receipt of a PDU, 1 to 3
 */
export async function readReceived(
  context: Context,
  peers: Peers,
  room: RoomKey,
  given: JsonObject,
): Promise<Parsed<Received>> {
  const format = servedFormat(room.version);
  const rules = authRulesOf(room.version);
  assert(format !== undefined && rules !== undefined, "the version of a room that is served is known");
  const object = new Map(given);
  object.delete("unsigned");
  const read = readEvent(object, format, context.io.crypto);
  if (!read.ok) return read;
  const event = read.value;
  if (event.roomId !== room.room) return failed("event-of-other-room", 0, 0, RULE);
  const redacted = redactEvent(object, format);
  const time = format.keysByTime ? event.originServerTs : undefined;
  const signedBy = new Set<string>();
  for (const server of signersOf(event, authorisingServer(event, rules))) {
    if (await peers.isSignedBy(redacted, server, time)) signedBy.add(server);
  }
  if (!isInvitedByThirdParty(event) && !signedBy.has(serverOf(event.sender)))
    return failed("event-unsigned", 0, 0, RULE);
  if (checkAuthorisingServer(event, rules, signedBy) !== undefined) return failed("event-unauthorised", 0, 0, RULE);
  if (isIntact(object, context.io.crypto)) return parsed({ event, json: canonicalText(object) });
  const left = readEvent(redacted, format, context.io.crypto);
  return left.ok ? parsed({ event: left.value, json: canonicalText(redacted) }) : left;
}

function signersOf(event: RoomEvent, authoriser: string | undefined): ReadonlySet<string> {
  const own = serverOf(event.sender);
  return new Set(authoriser === undefined ? [own] : [own, authoriser]);
}

/** Its sender is who invited the third party, and another server made it: what counts is what the third party signed. */
function isInvitedByThirdParty({ type, content }: RoomEvent): boolean {
  return type === "m.room.member" && content.get("membership") === "invite" && content.has("third_party_invite");
}

import type { AuthState } from "@scop/matrix/auth";
import { type RoomEvent, redactEvent } from "@scop/matrix/event";
import { parseUserId } from "@scop/matrix/id";
import { jsonObject, textAt } from "@scop/matrix/json";
import type { RoomChange, RoomRecord } from "@scop/store";
import { assert } from "@scop/wire";
import type { Authoring } from "./authoring.ts";
import { canonicalText } from "./canonical-text.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { eventOfRecord, servedFormat } from "./pdu.ts";
import { powerOf } from "./power.ts";

/** `PUT /rooms/{roomId}/redact/{eventId}/{txnId}`: own events, and those of others with the power to. */
export async function redact(_context: Context, authoring: Authoring, { path, body, who }: OwnCall): Answered {
  const content = jsonObject({ redacts: path.get("eventId")!, reason: textAt(body, "reason") });
  const authored = { type: "m.room.redaction", stateKey: undefined, sender: who.user, content };
  const sentBy = { account: who.account, device: who.device, transaction: path.get("txnId")! };
  return { event_id: await authoring.send(path.get("roomId")!, authored, sentBy) };
}

/** What a redaction does. */
interface Redaction {
  readonly change: RoomChange;
  /** Its author redacts an event of their own, or has the power to redact those of others. */
  readonly isByRight: boolean;
}

/**
 * What a redaction that was authorised does to the event that it names; undefined where it does nothing: the event is not here, is the
 * create event of the room, or is of another server and the author has no power to redact. Matrix room version 3, handling redactions
 */
export async function redactionOf(
  context: Context,
  { room, version }: RoomRecord,
  state: AuthState,
  event: RoomEvent,
): Promise<Redaction | undefined> {
  if (event.type !== "m.room.redaction" || event.redacts === undefined) return undefined;
  const stored = await context.store.roomEvent(room, event.redacts);
  return stored && redactionBetween({ room, version }, state, event, eventOfRecord(context, version, stored));
}

/** The same where the event that it names is at hand. */
export function redactionBetween(
  { room, version }: Pick<RoomRecord, "room" | "version">,
  state: AuthState,
  event: RoomEvent,
  target: RoomEvent,
): Redaction | undefined {
  if (target.type === "m.room.create") return undefined;
  const levels = powerOf(version, state);
  const isByRight = target.sender === event.sender || levels.user(event.sender) >= levels.named("redact");
  if (!isByRight && serverOf(target.sender) !== serverOf(event.sender)) return undefined;
  const format = servedFormat(version);
  assert(format !== undefined, "the version of a room that is served is known");
  const json = canonicalText(redactEvent(target.json, format));
  return { change: { change: "redact-event", room, event: target.eventId, by: event.eventId, json }, isByRight };
}

function serverOf(user: string): string | undefined {
  const read = parseUserId(user);
  return read.ok ? read.value.server : undefined;
}

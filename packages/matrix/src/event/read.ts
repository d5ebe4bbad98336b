import { failed, type Parsed, parsed } from "@scop/wire";
import { isShort } from "../id/common.ts";
import {
  canonicalJson,
  EVENT_OCTETS_MAX,
  hasCanonicalNumbers,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  textAt,
} from "../json/index.ts";
import { eventIdOf, type Hashes } from "./hashes.ts";
import { AUTH_EVENTS_MAX, PREV_EVENTS_MAX } from "./limits.ts";
import type { RoomEvent } from "./room-event.ts";
import type { EventFormat } from "./versions.ts";

const RULE = "Server-server API, PDUs";
const CREATE = "m.room.create";

/** Keys that hold texts of at most 255 octets, and whether they have to be there. */
const TEXTS: readonly (readonly [key: string, isNeeded: boolean])[] = [
  ["type", true],
  ["sender", true],
  ["state_key", false],
];

/**
 * An event of another server whose form is right, with its id: nothing is said yet of its signatures, of its hash or of whether it is
 * allowed. Refused, and with it nothing but this event: a key of a wrong kind, more than 255 octets in an id, more than 65,536 in all, more
 * than 10 auth events or 20 events before it, a depth that is no whole number from 0 to (2^53)-1, from room version 6 on a number anywhere
 * that canonical JSON has no form for, and in 12 a create event with a room. The code names the key: `event-type`. Server-server API, PDUs
 */
export function readEvent(event: JsonObject, format: EventFormat, hashes: Hashes): Parsed<RoomEvent> {
  const octets = canonicalJson(event).length;
  if (octets > EVENT_OCTETS_MAX) return failed("event-too-long", EVENT_OCTETS_MAX, octets - EVENT_OCTETS_MAX, RULE);
  if (format.numbers === "canonical" && !hasCanonicalNumbers(event)) return failed("event-number", 0, octets, RULE);
  const bad = misformed(event, format);
  if (bad !== undefined) return failed(`event-${bad.replaceAll("_", "-")}`, 0, octets, RULE);
  const eventId = eventIdOf(event, format, hashes) ?? textAt(event, "event_id")!;
  return parsed(roomEventOf(event, eventId, format));
}

/** The event of an object whose form is known to be right. */
export function roomEventOf(event: JsonObject, eventId: string, format: EventFormat): RoomEvent {
  const content = event.get("content") as JsonObject;
  return {
    eventId,
    roomId: textAt(event, "room_id") ?? `!${eventId.slice(1)}`,
    type: textAt(event, "type")!,
    stateKey: textAt(event, "state_key"),
    sender: textAt(event, "sender")!,
    originServerTs: event.get("origin_server_ts") as number,
    depth: event.get("depth") as number,
    content,
    authEvents: idsOf(event.get("auth_events"), format)!,
    prevEvents: idsOf(event.get("prev_events"), format)!,
    redacts: textAt(format.redactsInContent ? content : event, "redacts"),
    json: event,
  };
}

/** The first key that is not as it has to be. */
function misformed(event: JsonObject, format: EventFormat): string | undefined {
  for (const [key, isNeeded] of TEXTS) {
    if (event.has(key) ? !isShortText(event.get(key)) : isNeeded) return key;
  }
  const isRoomItself = format.createIdIsRoomId && event.get("type") === CREATE;
  if (isRoomItself ? event.has("room_id") : !isShortText(event.get("room_id"))) return "room_id";
  if (format.ids === "chosen" && !isShortText(event.get("event_id"))) return "event_id";
  for (const key of ["content", "hashes", "signatures"]) if (!isJsonObject(event.get(key))) return key;
  const hashes = event.get("hashes") as JsonObject;
  if (typeof hashes.get("sha256") !== "string") return "hashes";
  for (const key of ["depth", "origin_server_ts"]) if (!isWhole(event.get(key))) return key;
  if (!isIdList(event.get("auth_events"), AUTH_EVENTS_MAX, format)) return "auth_events";
  return isIdList(event.get("prev_events"), PREV_EVENTS_MAX, format) ? undefined : "prev_events";
}

/** A `number` is one that canonical JSON can say: what is higher was not read, or is a lexeme. */
function isWhole(value: JsonValue | undefined): boolean {
  return typeof value === "number" && value >= 0;
}

function isShortText(value: JsonValue | undefined): boolean {
  return typeof value === "string" && isShort(value);
}

function isIdList(value: JsonValue | undefined, max: number, format: EventFormat): boolean {
  const ids = idsOf(value, format);
  return ids !== undefined && ids.length <= max && ids.every(isShortText);
}

/** Ids of a list: in room versions 1 and 2 each is the first of a pair, its hashes the second. */
function idsOf(value: JsonValue | undefined, format: EventFormat): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const listed: readonly JsonValue[] = value;
  const ids = format.ids === "chosen" ? listed.map(each => (Array.isArray(each) ? each[0] : undefined)) : listed;
  return ids.every(each => typeof each === "string") ? ids : undefined;
}

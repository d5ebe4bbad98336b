import {
  buildEvent,
  type EventDraft,
  type EventFormat,
  eventFormatOf,
  type RoomEvent,
  readEvent,
} from "@scop/matrix/event";
import { hasCanonicalNumbers, isJsonObject, parseJson } from "@scop/matrix/json";
import type { RoomEventRecord } from "@scop/store";
import { assert, utf8Bytes } from "@scop/wire";
import { canonicalText } from "./canonical-text.ts";
import type { Context } from "./context.ts";
import { MatrixFault } from "./http.ts";

/** What new rooms are. Client-server API, room versions: servers should have 12 as their default */
export const ROOM_VERSION_DEFAULT = "12";
/** Rooms of 1 and 2 are not made any more: their state can be reset. */
export const ROOM_VERSIONS: readonly string[] = ["3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];

/** How events of a version are written; undefined where rooms of it are not served. */
export function servedFormat(version: string): EventFormat | undefined {
  return ROOM_VERSIONS.includes(version) ? eventFormatOf(version) : undefined;
}

/** Builds, hashes and signs an event of ours, and looks at its form as that of any other server's. Throws `MatrixFault`. */
export function signedEvent(
  { io, options }: Context,
  version: string,
  draft: EventDraft,
): { readonly event: RoomEvent; readonly json: string } {
  const format = servedFormat(version);
  assert(format !== undefined, "the version of a room that is served is known");
  if (!hasCanonicalNumbers(draft.content)) {
    throw new MatrixFault(400, "M_BAD_JSON", "Numbers in events are whole ones between -(2^53)+1 and (2^53)-1.");
  }
  const event = buildEvent(draft, format, options.signer, io.crypto);
  if (event === undefined) throw new MatrixFault(413, "M_TOO_LARGE", "An event has at most 65,536 octets.");
  const read = readEvent(event.json, format, io.crypto);
  if (!read.ok) throw new MatrixFault(400, "M_INVALID_PARAM", `The event is misformed: ${read.error.code}.`);
  return { event, json: canonicalText(event.json) };
}

/** An event that was stored, for what it authorises. */
export function eventOfRecord({ io }: Pick<Context, "io">, version: string, { json }: RoomEventRecord): RoomEvent {
  const format = servedFormat(version);
  const value = parseJson(utf8Bytes(json), { octetsMax: Number.MAX_SAFE_INTEGER, numbers: "any" });
  assert(format !== undefined && value.ok && isJsonObject(value.value), "what is stored is an event of the room");
  const event = readEvent(value.value, format, io.crypto);
  assert(event.ok, "what is stored is an event of the room");
  return event.value;
}

import type { RoomEvent } from "../event/index.ts";
import { parseUserId } from "../id/index.ts";
import type { JsonValue } from "../json/index.ts";
import type { RefusalWord } from "./refusal.ts";
import type { AuthRules } from "./rules.ts";
import { serverOf } from "./user-id.ts";

function isListOfUsers(value: JsonValue): boolean {
  return Array.isArray(value) && value.every(each => typeof each === "string" && parseUserId(each).ok);
}

/** Rule 1. `isKnownVersion`: whether a room version is recognised. */
export function checkCreate(
  event: RoomEvent,
  rules: AuthRules,
  isKnownVersion: (version: string) => boolean,
): RefusalWord | undefined {
  if (event.prevEvents.length > 0) return "create-not-first";
  if (rules.createIdIsRoomId) {
    if (event.json.has("room_id")) return "create-has-room-id";
  } else if (serverOf(event.roomId) !== serverOf(event.sender)) return "create-by-other-server";
  const version = event.content.get("room_version") ?? "1";
  if (typeof version !== "string" || !isKnownVersion(version)) return "create-of-unknown-version";
  if (!rules.senderIsCreator && !event.content.has("creator")) return "create-without-creator";
  const others = event.content.get("additional_creators");
  if (rules.privilegedCreators && others !== undefined && !isListOfUsers(others)) return "create-bad-creators";
  return undefined;
}

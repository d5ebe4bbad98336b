import type { RoomEvent } from "../event/index.ts";
import { textAt } from "../json/index.ts";
import { authoriserOf } from "./member.ts";
import type { AuthRules } from "./rules.ts";
import { CREATE_KEY, JOIN_RULES_KEY, memberKey, POWER_LEVELS_KEY, type StateKey } from "./state.ts";
import { thirdPartyInviteKey } from "./third-party-invite.ts";

const JOIN_RULES_MATTER: ReadonlySet<string | undefined> = new Set(["join", "invite", "knock"]);

/**
 * What of the state an event is authorised by, the create event always first. Server-server API, auth events selection. From room
 * version 12 on the create event is looked at and not listed in the event.
 */
export function authKeysOf(event: RoomEvent, rules: AuthRules): ReadonlySet<StateKey> {
  if (event.type === "m.room.create") return new Set();
  const keys = new Set([CREATE_KEY, POWER_LEVELS_KEY, memberKey(event.sender)]);
  if (event.type !== "m.room.member") return keys;
  const membership = textAt(event.content, "membership");
  if (event.stateKey !== undefined) keys.add(memberKey(event.stateKey));
  if (JOIN_RULES_MATTER.has(membership)) keys.add(JOIN_RULES_KEY);
  const invite = membership === "invite" ? thirdPartyInviteKey(event) : undefined;
  if (invite !== undefined) keys.add(invite);
  const authoriser = authoriserOf(event, rules);
  if (authoriser !== undefined) keys.add(memberKey(authoriser));
  return keys;
}

/** The auth events that an event made here has to list: of a state by key, the ids, in the order of `authKeysOf`. */
export function selectAuthEvents(
  event: RoomEvent,
  stateIds: { get(key: StateKey): string | undefined },
  rules: AuthRules,
): readonly string[] {
  return [...authKeysOf(event, rules)]
    .filter(key => key !== CREATE_KEY || !rules.createIdIsRoomId)
    .map(key => stateIds.get(key))
    .filter(id => id !== undefined);
}

import type { RoomEvent } from "../event/index.ts";
import { checkCreate } from "./create.ts";
import { PowerLevels } from "./levels.ts";
import { authoriserOf, checkMember } from "./member.ts";
import { checkPowerLevels } from "./power-levels.ts";
import { type Refusal, type RefusalWord, refusalOf } from "./refusal.ts";
import type { AuthRules } from "./rules.ts";
import { type AuthState, CREATE_KEY, membershipOf } from "./state.ts";
import type { SignatureCheck } from "./third-party-invite.ts";
import { serverOf } from "./user-id.ts";

/** What is asked of others. */
export interface AuthChecks {
  /** Of what a third party signed for an invitation. */
  readonly isSignedBy: SignatureCheck;
  /** Whether a room version is recognised; asked for create events. */
  readonly isKnownVersion: (version: string) => boolean;
}

/** The server whose signature an event needs because one of its users let somebody into a restricted room. Rule 5.2 */
export function authorisingServer(event: RoomEvent, rules: AuthRules): string | undefined {
  const authoriser = authoriserOf(event, rules);
  return authoriser === undefined ? undefined : serverOf(authoriser);
}

/** Rule 5.2, once on receipt: `signedBy` are the servers whose signatures of the event are good. */
export function checkAuthorisingServer(
  event: RoomEvent,
  rules: AuthRules,
  signedBy: { has(server: string): boolean },
): Refusal | undefined {
  const server = authorisingServer(event, rules);
  return refusalOf(server === undefined || signedBy.has(server) ? undefined : "not-signed-by-authoriser");
}

/** Rule 4 before room version 6. */
function checkAliases(event: RoomEvent): RefusalWord | undefined {
  return event.stateKey === serverOf(event.sender) ? undefined : "aliases-of-other-server";
}

/** Rule 11 before room version 3. Later, what a redaction does is decided when both events are there. */
function checkRedaction(event: RoomEvent, levels: PowerLevels): RefusalWord | undefined {
  if (levels.user(event.sender) >= levels.named("redact")) return undefined;
  const isOfSameServer = event.redacts !== undefined && serverOf(event.redacts) === serverOf(event.eventId);
  return isOfSameServer ? undefined : "redaction-forbidden";
}

function wordOf(event: RoomEvent, state: AuthState, rules: AuthRules, checks: AuthChecks): RefusalWord | undefined {
  if (event.type === "m.room.create") return checkCreate(event, rules, checks.isKnownVersion);
  const create = state.get(CREATE_KEY);
  if (create === undefined) return rules.createIdIsRoomId ? "room-without-create" : "create-missing";
  const isFederated = (create.content.get("m.federate") ?? true) === true;
  if (!isFederated && serverOf(create.sender) !== serverOf(event.sender)) return "room-not-federated";
  if (rules.aliasesByServer && event.type === "m.room.aliases") return checkAliases(event);
  const levels = new PowerLevels(state, rules);
  if (event.type === "m.room.member") return checkMember(event, state, rules, levels, checks.isSignedBy);
  if (membershipOf(state, event.sender) !== "join") return "sender-not-joined";
  const power = levels.user(event.sender);
  if (event.type === "m.room.third_party_invite")
    return power < levels.named("invite") ? "invite-forbidden" : undefined;
  if (power < levels.toSend(event.type, event.stateKey !== undefined)) return "send-forbidden";
  if (event.stateKey?.startsWith("@") === true && event.stateKey !== event.sender) return "state-of-other-user";
  if (event.type === "m.room.power_levels") return checkPowerLevels(event, state, rules, levels);
  if (event.type === "m.room.redaction" && rules.redactionByServer) return checkRedaction(event, levels);
  return undefined;
}

/**
 * Whether a state lets an event be: undefined, or why not. On receipt it is asked three times: with the state of the event's own auth
 * events (`readAuthEvents`), with the state before it, and with the state of now, for what is softly failed. Pure; takes time
 * by the size of the event and of the power levels. Matrix room versions 1 to 12, authorization rules
 */
export function authorise(
  event: RoomEvent,
  state: AuthState,
  rules: AuthRules,
  checks: AuthChecks,
): Refusal | undefined {
  return refusalOf(wordOf(event, state, rules, checks));
}

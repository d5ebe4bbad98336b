import type { RoomEvent } from "../event/index.ts";
import { isJsonObject, type JsonObject, objectAt, textAt } from "../json/index.ts";
import type { RefusalWord } from "./refusal.ts";
import { type AuthState, type StateKey, stateKeyOf } from "./state.ts";

/** Whether one of the Ed25519 signatures of an object is by a public key, in base64 as events have it. Never throws. */
export type SignatureCheck = (signed: JsonObject, publicKey: string) => boolean;

/** Keys of one invitation that are tried: ours, where the specification names no number. */
const KEYS_MAX = 32;

/** What a third party signed for the user that an event invites; undefined where it says nothing of the kind. */
function signedOf(event: RoomEvent): JsonObject | undefined {
  return objectAt(objectAt(event.content, "third_party_invite"), "signed");
}

/** Where the invitation by third party stands that an event of membership refers to. */
export function thirdPartyInviteKey(event: RoomEvent): StateKey | undefined {
  const signed = signedOf(event);
  const token = signed === undefined ? undefined : textAt(signed, "token");
  return token === undefined ? undefined : stateKeyOf("m.room.third_party_invite", token);
}

function publicKeysOf(content: JsonObject): readonly string[] {
  const listed = content.get("public_keys");
  const objects = Array.isArray(listed) ? listed.filter(isJsonObject).slice(0, KEYS_MAX) : [];
  return [content, ...objects].map(each => textAt(each, "public_key")).filter(each => each !== undefined);
}

/** Rule 5.4.1, for a user who is not banned. */
export function checkThirdPartyInvite(
  event: RoomEvent,
  state: AuthState,
  isSignedBy: SignatureCheck,
): RefusalWord | undefined {
  const signed = signedOf(event);
  const key = thirdPartyInviteKey(event);
  if (signed === undefined || key === undefined) return "invite-malformed";
  if (textAt(signed, "mxid") !== event.stateKey) return "invite-malformed";
  const invite = state.get(key);
  if (invite === undefined) return "invite-unknown";
  if (invite.sender !== event.sender) return "invite-by-other";
  return publicKeysOf(invite.content).some(each => isSignedBy(signed, each)) ? undefined : "invite-unsigned";
}

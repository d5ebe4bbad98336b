import type { RoomEvent } from "../event/index.ts";
import { textAt } from "../json/index.ts";
import { creatorOf, type PowerLevels } from "./levels.ts";
import type { RefusalWord } from "./refusal.ts";
import type { AuthRules } from "./rules.ts";
import { type AuthState, CREATE_KEY, JOIN_RULES_KEY, membershipOf } from "./state.ts";
import { checkThirdPartyInvite, type SignatureCheck } from "./third-party-invite.ts";

/** A change of membership under examination. */
interface Change {
  readonly event: RoomEvent;
  readonly target: string;
  readonly state: AuthState;
  readonly rules: AuthRules;
  readonly levels: PowerLevels;
  readonly isSignedBy: SignatureCheck;
}

type JoinRule = "public" | "invite" | "knock" | "restricted" | "knock_restricted" | "closed";

/** What the join rule of the room means in its version. */
function joinRuleOf({ state, rules }: Change): JoinRule {
  const rule = state.get(JOIN_RULES_KEY)?.content.get("join_rule") ?? "invite";
  if (rule === "public" || rule === "invite") return rule;
  if (rule === "knock" && rules.knocking) return rule;
  if (rule === "restricted" && rules.restrictedJoins) return rule;
  return rule === "knock_restricted" && rules.knockRestrictedJoins ? rule : "closed";
}

/** The user who lets another one into a restricted room. */
export function authoriserOf(event: RoomEvent, rules: AuthRules): string | undefined {
  if (!rules.restrictedJoins || event.type !== "m.room.member") return undefined;
  if (event.content.get("membership") !== "join") return undefined;
  return textAt(event.content, "join_authorised_via_users_server");
}

/** The first event after the create event may be the creator's join, with no power levels and no join rule. */
function isFirstJoin({ event, target, state, rules }: Change): boolean {
  const create = state.get(CREATE_KEY);
  if (create === undefined || event.prevEvents.length !== 1) return false;
  return event.prevEvents[0] === create.eventId && creatorOf(create, rules) === target;
}

/** Rule 5.3 */
function checkJoin(change: Change): RefusalWord | undefined {
  const { event, target, state, rules, levels } = change;
  if (isFirstJoin(change)) return undefined;
  if (event.sender !== target) return "join-of-other";
  const membership = membershipOf(state, target);
  if (membership === "ban") return "join-while-banned";
  const rule = joinRuleOf(change);
  if (rule === "closed") return "join-closed";
  if (rule === "public" || membership === "join" || membership === "invite") return undefined;
  if (rule === "invite" || rule === "knock") return "join-uninvited";
  const authoriser = authoriserOf(event, rules);
  if (authoriser === undefined || membershipOf(state, authoriser) !== "join") return "join-unauthorised";
  return levels.user(authoriser) < levels.named("invite") ? "join-unauthorised" : undefined;
}

/** Rule 5.4 */
function checkInvite(change: Change): RefusalWord | undefined {
  const { event, target, state, levels } = change;
  const membership = membershipOf(state, target);
  if (event.content.has("third_party_invite")) {
    if (membership === "ban") return "invite-of-banned";
    return checkThirdPartyInvite(event, state, change.isSignedBy);
  }
  if (membershipOf(state, event.sender) !== "join") return "sender-not-joined";
  if (membership === "ban") return "invite-of-banned";
  if (membership === "join") return "invite-of-member";
  return levels.user(event.sender) < levels.named("invite") ? "invite-forbidden" : undefined;
}

/** Rule 5.5 */
function checkLeave({ event, target, state, rules, levels }: Change): RefusalWord | undefined {
  const own = membershipOf(state, event.sender);
  if (event.sender === target) {
    const mayLeave = own === "join" || own === "invite" || (own === "knock" && rules.knocking);
    return mayLeave ? undefined : "leave-of-none";
  }
  if (own !== "join") return "sender-not-joined";
  const power = levels.user(event.sender);
  if (membershipOf(state, target) === "ban" && power < levels.named("ban")) return "unban-forbidden";
  return power < levels.named("kick") || power <= levels.user(target) ? "kick-forbidden" : undefined;
}

/** Rule 5.6 */
function checkBan({ event, target, state, levels }: Change): RefusalWord | undefined {
  if (membershipOf(state, event.sender) !== "join") return "sender-not-joined";
  const power = levels.user(event.sender);
  return power < levels.named("ban") || power <= levels.user(target) ? "ban-forbidden" : undefined;
}

/** Rule 5.7 */
function checkKnock(change: Change): RefusalWord | undefined {
  const { event, target, state } = change;
  const rule = joinRuleOf(change);
  if (rule !== "knock" && rule !== "knock_restricted") return "knock-forbidden";
  if (event.sender !== target) return "knock-of-other";
  const membership = membershipOf(state, target);
  return membership === "ban" || membership === "invite" || membership === "join" ? "knock-needless" : undefined;
}

/** Rule 5, but for the signature of who authorised a join, which does not depend on state. */
export function checkMember(
  event: RoomEvent,
  state: AuthState,
  rules: AuthRules,
  levels: PowerLevels,
  isSignedBy: SignatureCheck,
): RefusalWord | undefined {
  const { stateKey: target, content } = event;
  const membership = textAt(content, "membership");
  if (target === undefined || membership === undefined) return "member-malformed";
  const change: Change = { event, target, state, rules, levels, isSignedBy };
  switch (membership) {
    case "join":
      return checkJoin(change);
    case "invite":
      return checkInvite(change);
    case "leave":
      return checkLeave(change);
    case "ban":
      return checkBan(change);
    case "knock":
      return rules.knocking ? checkKnock(change) : "member-unknown";
    default:
      return "member-unknown";
  }
}

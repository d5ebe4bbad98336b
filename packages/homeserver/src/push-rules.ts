/** A rule that every account has. Client-server API, predefined rules */
type Rule = readonly [id: string, conditions: readonly object[], actions: readonly (string | object)[]];

const HIGHLIGHT = { set_tweak: "highlight" };
const SOUND = { set_tweak: "sound", value: "default" };
const RING = { set_tweak: "sound", value: "ring" };

function match(key: string, pattern: string): object {
  return { kind: "event_match", key, pattern };
}

/** A rule that decides who is told of an event. Client-server API, push rules */
export interface PushRule {
  readonly rule_id: string;
  readonly default: boolean;
  readonly enabled: boolean;
  readonly actions: readonly unknown[];
  readonly conditions?: readonly unknown[];
  readonly pattern?: string;
}

export const PUSH_RULE_KINDS = ["override", "content", "room", "sender", "underride"] as const;
export type PushRuleKind = (typeof PUSH_RULE_KINDS)[number];

/** All rules of an account, each kind by falling importance. */
export type PushRules = Readonly<Record<PushRuleKind, readonly PushRule[]>>;

/** The account data that they are kept as. */
export const PUSH_RULES_TYPE = "m.push_rules";
const MASTER = ".m.rule.master";

function ruleOf([id, conditions, actions]: Rule): PushRule {
  return { rule_id: id, default: true, enabled: id !== MASTER, conditions, actions };
}

/**
 * The rules of a user: own ones, and the predefined ones with what the user made of them. `stored` is the JSON that was kept of them,
 * perhaps by a release that knew fewer.
 */
export function pushRulesOf(user: string, stored: string | undefined): PushRules {
  const kept = stored === undefined ? undefined : (JSON.parse(stored) as { readonly global: PushRules }).global;
  const given = predefined(user);
  const merged = PUSH_RULE_KINDS.map(kind => {
    const own = (kept?.[kind] ?? []).filter(each => !each.default);
    const changed = new Map((kept?.[kind] ?? []).filter(each => each.default).map(each => [each.rule_id, each]));
    const defaults = given[kind].map(each => {
      const { enabled, actions } = changed.get(each.rule_id) ?? each;
      return { ...each, enabled, actions };
    });
    // Who wants nothing at all comes before everything else.
    const isMaster = defaults[0]?.rule_id === MASTER ? 1 : 0;
    return [kind, [...defaults.slice(0, isMaster), ...own, ...defaults.slice(isMaster)]] as const;
  });
  return Object.fromEntries(merged) as unknown as PushRules;
}

function predefined(user: string): PushRules {
  const mention = { kind: "event_property_contains", key: "content.m\\.mentions.user_ids", value: user };
  const toRoom = { kind: "event_property_is", key: "content.m\\.mentions.room", value: true };
  const isTwo = { kind: "room_member_count", is: "2" };
  const override: readonly Rule[] = [
    [MASTER, [], []],
    [".m.rule.suppress_notices", [match("content.msgtype", "m.notice")], []],
    [
      ".m.rule.invite_for_me",
      [match("type", "m.room.member"), match("content.membership", "invite"), match("state_key", user)],
      ["notify", SOUND],
    ],
    [".m.rule.member_event", [match("type", "m.room.member")], []],
    [".m.rule.is_user_mention", [mention], ["notify", SOUND, HIGHLIGHT]],
    [
      ".m.rule.is_room_mention",
      [toRoom, { kind: "sender_notification_permission", key: "room" }],
      ["notify", HIGHLIGHT],
    ],
    [".m.rule.tombstone", [match("type", "m.room.tombstone"), match("state_key", "")], ["notify", HIGHLIGHT]],
    [".m.rule.reaction", [match("type", "m.reaction")], []],
    [".m.rule.room.server_acl", [match("type", "m.room.server_acl"), match("state_key", "")], []],
    [
      ".m.rule.suppress_edits",
      [{ kind: "event_property_is", key: "content.m\\.relates_to.rel_type", value: "m.replace" }],
      [],
    ],
  ];
  const underride: readonly Rule[] = [
    [".m.rule.call", [match("type", "m.call.invite")], ["notify", RING]],
    [".m.rule.encrypted_room_one_to_one", [isTwo, match("type", "m.room.encrypted")], ["notify", SOUND]],
    [".m.rule.room_one_to_one", [isTwo, match("type", "m.room.message")], ["notify", SOUND]],
    [".m.rule.message", [match("type", "m.room.message")], ["notify"]],
    [".m.rule.encrypted", [match("type", "m.room.encrypted")], ["notify"]],
  ];
  return {
    override: override.map(ruleOf),
    underride: underride.map(ruleOf),
    content: [],
    room: [],
    sender: [],
  };
}

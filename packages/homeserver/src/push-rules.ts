/** A rule that every account has. Client-server API, predefined rules */
type Rule = readonly [id: string, conditions: readonly object[], actions: readonly (string | object)[]];

const HIGHLIGHT = { set_tweak: "highlight" };
const SOUND = { set_tweak: "sound", value: "default" };
const RING = { set_tweak: "sound", value: "ring" };

function match(key: string, pattern: string): object {
  return { kind: "event_match", key, pattern };
}

function ruleOf([id, conditions, actions]: Rule): object {
  return { rule_id: id, default: true, enabled: id !== ".m.rule.master", conditions, actions };
}

/** The rules of an account, all of them predefined: own ones are not served yet. */
export function pushRules(user: string): object {
  const mention = { kind: "event_property_contains", key: "content.m\\.mentions.user_ids", value: user };
  const toRoom = { kind: "event_property_is", key: "content.m\\.mentions.room", value: true };
  const isTwo = { kind: "room_member_count", is: "2" };
  const override: readonly Rule[] = [
    [".m.rule.master", [], []],
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
  const global = {
    override: override.map(ruleOf),
    underride: underride.map(ruleOf),
    content: [],
    room: [],
    sender: [],
  };
  return { global };
}

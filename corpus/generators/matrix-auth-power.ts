import {
  after,
  EVE_JOINED,
  first,
  joined,
  LEVELS,
  message,
  plain,
  type Row,
  TOPIC,
  withLevels,
} from "./matrix-auth-rows.ts";
import { ANN, BEN, createContent, EVE, levels, member, Room, roomOf, state } from "./matrix-room.ts";
import type { JsonObject } from "./matrix-signing.ts";

/** Who may send. */
export const SENDING: readonly Row[] = [
  ["message", "a message of who is there", plain, message(BEN), true],
  ["message-stranger", "a message of who is not there", plain, message(EVE), false],
  ["message-invited", "a message of who is invited", after(member(ANN, EVE, "invite")), message(EVE), false],
  [
    "message-left",
    "a message of who has left",
    after(member(EVE, EVE, "join"), member(EVE, EVE, "leave")),
    message(EVE),
    false,
  ],
  ["message-banned", "a message of who is banned", after(member(ANN, EVE, "ban")), message(EVE), false],
  ["message-level", "a message below the level that it needs", withLevels({ events_default: 10 }), message(EVE), false],
  [
    "message-level-of-type",
    "a message above the level of its type",
    withLevels({ events_default: 10, events: { "m.room.message": 0 } }),
    message(EVE),
    true,
  ],
  [
    "message-users-default",
    "a message with the level of everybody",
    withLevels({ events_default: 10, users_default: 10 }),
    message(EVE),
    true,
  ],
  ["state-default", "a state below 50", EVE_JOINED, state(EVE, TOPIC, { topic: "a" }), false],
  ["state-50", "a state by who has 50", plain, state(BEN, TOPIC, { topic: "a" }), true],
  ["state-100", "a state by the creator", plain, state(ANN, TOPIC, { topic: "a" }), true],
  [
    "state-type",
    "a state whose type needs nothing",
    withLevels({ events: { [TOPIC]: 0 } }),
    state(EVE, TOPIC, { topic: "a" }),
    true,
  ],
  [
    "state-type-high",
    "a state whose type needs more than 50",
    withLevels({ events: { [TOPIC]: 51 } }),
    state(BEN, TOPIC, { topic: "a" }),
    false,
  ],
  [
    "state-default-0",
    "a state where states need nothing",
    withLevels({ state_default: 0 }),
    state(EVE, TOPIC, { topic: "a" }),
    true,
  ],
  ["state-own-key", "a state under the own name", plain, state(BEN, "org.example.a", {}, BEN), true],
  ["state-other-key", "a state under the name of another", plain, state(BEN, "org.example.a", {}, ANN), false],
  [
    "state-at-key",
    "a state under a key that begins with an at sign",
    plain,
    state(BEN, "org.example.a", {}, "@"),
    false,
  ],
  [
    "invite-by-3pid",
    "an invitation for a third party",
    plain,
    state(BEN, "m.room.third_party_invite", { display_name: "a" }, "t"),
    true,
  ],
  [
    "invite-by-3pid-low",
    "an invitation for a third party below the level",
    withLevels({ invite: 60 }),
    state(BEN, "m.room.third_party_invite", { display_name: "a" }, "t"),
    false,
  ],
  [
    "not-federated",
    "an event of another server in a room that is closed to them",
    version => roomOf(version, "public", {}, { "m.federate": false }),
    message(BEN),
    false,
  ],
  [
    "federated",
    "an event of another server in a room that says it is open",
    version => roomOf(version, "public", {}, { "m.federate": true }),
    message(BEN),
    true,
  ],
  [
    "aliases-own",
    "aliases of the own server, which need no level",
    EVE_JOINED,
    state(EVE, "m.room.aliases", {}, "c.example"),
    true,
    1,
    5,
  ],
  ["aliases-other", "aliases of another server", plain, state(ANN, "m.room.aliases", {}, "b.example"), false, 1, 5],
  [
    "aliases-state",
    "aliases are a state as any other",
    EVE_JOINED,
    state(EVE, "m.room.aliases", {}, "c.example"),
    false,
    6,
  ],
  [
    "no-levels",
    "a state of the creator where there are no levels",
    version => first(version, 2),
    state(ANN, TOPIC, { topic: "a" }),
    true,
  ],
  [
    "no-levels-other",
    "a state of another where there are no levels",
    version => joined(first(version, 2)),
    state(BEN, TOPIC, { topic: "a" }),
    false,
  ],
];

/** A level that is changed, from levels that are there. */
function changed(by: string, change: (content: JsonObject) => JsonObject): Row[3] {
  return version => state(by, LEVELS, change(levels(version, { [BEN]: 50 })));
}

function users(content: JsonObject, more: JsonObject): JsonObject {
  return { ...content, users: { ...(content["users"] as JsonObject), ...more } };
}

/** Who may change levels. */
export const POWER: readonly Row[] = [
  [
    "first",
    "the first levels",
    version => first(version, 2),
    version => state(ANN, LEVELS, levels(version, { [BEN]: 50 })),
    true,
  ],
  ["same", "the same levels again", plain, changed(BEN, content => content), true],
  ["low", "levels by who may send no states", EVE_JOINED, changed(EVE, content => content), false],
  ["raise-own", "somebody raises themselves", plain, changed(BEN, content => users(content, { [BEN]: 51 })), false],
  ["lower-own", "somebody lowers themselves", plain, changed(BEN, content => users(content, { [BEN]: 40 })), true],
  [
    "raise-other",
    "another is raised to the own level",
    plain,
    changed(BEN, content => users(content, { [EVE]: 50 })),
    true,
  ],
  [
    "raise-above",
    "another is raised above the own level",
    plain,
    changed(BEN, content => users(content, { [EVE]: 51 })),
    false,
  ],
  [
    "lower-equal",
    "another of the same level is lowered",
    version => {
      const room = roomOf(version);
      room.send(state(ANN, LEVELS, levels(version, { [BEN]: 50, [EVE]: 50 })));
      return room;
    },
    version => state(BEN, LEVELS, levels(version, { [BEN]: 50, [EVE]: 40 })),
    false,
  ],
  [
    "remove-equal",
    "another of the same level is left out",
    version => {
      const room = roomOf(version);
      room.send(state(ANN, LEVELS, levels(version, { [BEN]: 50, [EVE]: 50 })));
      return room;
    },
    version => state(BEN, LEVELS, levels(version, { [BEN]: 50 })),
    false,
  ],
  ["ban-up", "a level is set above the own", plain, changed(BEN, content => ({ ...content, ban: 60 })), false],
  ["ban-own", "a level is set to the own", plain, changed(BEN, content => ({ ...content, ban: 50 })), true],
  [
    "ban-down",
    "a level above the own is lowered",
    version => roomOf(version, "public", { ban: 60 }),
    changed(BEN, content => ({ ...content, ban: 50 })),
    false,
  ],
  [
    "ban-removed",
    "a level above the own is left out",
    version => roomOf(version, "public", { ban: 60 }),
    changed(BEN, content => content),
    false,
  ],
  [
    "event-up",
    "the level of a type is set above the own",
    plain,
    changed(BEN, content => ({ ...content, events: { [TOPIC]: 60 } })),
    false,
  ],
  [
    "event-own",
    "the level of a type is set to the own",
    plain,
    changed(BEN, content => ({ ...content, events: { [TOPIC]: 50 } })),
    true,
  ],
  [
    "event-down",
    "the level of a type above the own is lowered",
    version => roomOf(version, "public", { events: { [TOPIC]: 60 } }),
    changed(BEN, content => ({ ...content, events: { [TOPIC]: 0 } })),
    false,
  ],
  [
    "notifications-up",
    "the level of a notification is set above the own",
    plain,
    changed(BEN, content => ({ ...content, notifications: { room: 60 } })),
    version => version < 6,
  ],
  ["user-key", "a level of what is no user", plain, changed(ANN, content => users(content, { ben: 1 })), false],
  ["users-list", "users that are a list", plain, changed(ANN, content => ({ ...content, users: [] })), false],
  ["level-word", "a level that is a word", plain, changed(ANN, content => users(content, { [EVE]: "high" })), false],
  ["level-null", "a level that is null", plain, changed(ANN, content => ({ ...content, ban: null })), false],
  [
    "level-text",
    "a level that is a number in a text",
    plain,
    changed(ANN, content => ({ ...content, ban: "50" })),
    version => version < 10,
  ],
  [
    "creator",
    "the creator is named",
    plain,
    changed(ANN, content => users(content, { [ANN]: 100 })),
    version => version < 12,
  ],
];

/** How a room may begin. */
export const CREATING: readonly Row[] = [
  [
    "create",
    "the first event",
    version => new Room(version),
    version => state(ANN, "m.room.create", createContent(version)),
    true,
  ],
  [
    "create-behind",
    "a create event behind another",
    plain,
    version => ({ ...state(ANN, "m.room.create", createContent(version)), auth: [] }),
    false,
  ],
  [
    "create-version",
    "a version of the room that nobody knows",
    version => new Room(version),
    version => state(ANN, "m.room.create", createContent(version, { room_version: "odd" })),
    false,
  ],
  [
    "create-creator",
    "a create event without a creator",
    version => new Room(version),
    version => state(ANN, "m.room.create", { room_version: String(version) }),
    version => version >= 11,
  ],
  [
    "create-additional",
    "another creator",
    version => new Room(version),
    version => state(ANN, "m.room.create", createContent(version, { additional_creators: [BEN] })),
    true,
  ],
  [
    "create-additional-odd",
    "another creator who is no user",
    version => new Room(version),
    version => state(ANN, "m.room.create", createContent(version, { additional_creators: ["ben"] })),
    version => version < 12,
  ],
  [
    "create-additional-text",
    "other creators that are a text",
    version => new Room(version),
    version => state(ANN, "m.room.create", createContent(version, { additional_creators: BEN })),
    version => version < 12,
  ],
];

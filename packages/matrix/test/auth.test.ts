import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { authorise, type RefusalWord } from "@scop/matrix/auth";
import { ALICE, BOB, CAROL, DAVE, member, type Said, type Setting, saidEvent, stateOf, verdict } from "./auth-room.ts";
import { CHECKS, rulesOf } from "./rooms.ts";

type Row = readonly [says: string, setting: Setting, said: Said, expected: RefusalWord | "allowed"];

const create = (content: object, more: Partial<Said> = {}): Said => ({
  type: "m.room.create",
  state_key: "",
  prev_events: [],
  content: { room_version: "10", creator: ALICE, ...content },
  ...more,
});
const topic: Said = { type: "m.room.topic", state_key: "" };
const message: Said = { type: "m.room.message" };
const BOB_IN: Setting = { members: { [BOB!]: "join" } };
const BOTH_IN: Setting = { members: { [BOB!]: "join", [CAROL!]: "join" } };
const withLevels = (users: object, more: object = {}): Setting => ({ ...BOTH_IN, levels: { users, ...more } });

const CREATE: readonly Row[] = [
  ["a create event comes first", {}, create({}), "allowed"],
  ["after other events it does not", {}, create({}, { prev_events: ["$x"] }), "create-not-first"],
  ["the room is of the creator's server", {}, create({}, { sender: BOB! }), "create-by-other-server"],
  ["its version is known", {}, create({ room_version: "99" }), "create-of-unknown-version"],
  ["its version is a text", {}, create({ room_version: 10 }), "create-of-unknown-version"],
  ["without one it is version 1", { version: "1" }, { ...create({}), content: { creator: ALICE } }, "allowed"],
  ["before 11 it names the creator", {}, { ...create({}), content: { room_version: "10" } }, "create-without-creator"],
  ["from 11 on the sender is", { version: "11" }, { ...create({}), content: { room_version: "11" } }, "allowed"],
];

const SENDING: readonly Row[] = [
  ["who is in the room may write", BOB_IN, { ...message, sender: BOB! }, "allowed"],
  ["who is not, may not", {}, { ...message, sender: BOB! }, "sender-not-joined"],
  ["who is invited, may not", { members: { [BOB!]: "invite" } }, { ...message, sender: BOB! }, "sender-not-joined"],
  ["state takes 50 without levels, too", { ...BOB_IN, levels: null }, { ...topic, sender: BOB! }, "send-forbidden"],
  ["the creator has 100 without levels", { levels: null }, topic, "allowed"],
  [
    "a level of the type counts",
    withLevels({}, { events: { "m.room.topic": 0 } }),
    { ...topic, sender: BOB! },
    "allowed",
  ],
  ["else that of all state", withLevels({}, { state_default: 0 }), { ...topic, sender: BOB! }, "allowed"],
  ["messages have their own", withLevels({}, { events_default: 1 }), { ...message, sender: BOB! }, "send-forbidden"],
  ["a default for users counts", withLevels({}, { users_default: 50 }), { ...topic, sender: BOB! }, "allowed"],
  ["state of oneself", {}, { type: "x", state_key: ALICE! }, "allowed"],
  ["state of another user", BOB_IN, { type: "x", state_key: BOB! }, "state-of-other-user"],
  ["a closed room", { ...BOB_IN, create: { "m.federate": false } }, { ...message, sender: BOB! }, "room-not-federated"],
  [
    "is open to its own server",
    { create: { "m.federate": false }, members: { [DAVE!]: "join" } },
    { ...message, sender: DAVE! },
    "allowed",
  ],
  [
    "aliases in old rooms",
    { version: "5" },
    { type: "m.room.aliases", sender: BOB!, state_key: "b.example" },
    "allowed",
  ],
  [
    "of another server",
    { version: "5" },
    { type: "m.room.aliases", sender: BOB!, state_key: "a.example" },
    "aliases-of-other-server",
  ],
  ["without a state key", { version: "5" }, { type: "m.room.aliases", sender: BOB! }, "aliases-of-other-server"],
  [
    "later they are as other state",
    { version: "6" },
    { type: "m.room.aliases", sender: BOB!, state_key: "b.example" },
    "sender-not-joined",
  ],
  [
    "to invite by third party takes its level",
    withLevels({}, { invite: 1 }),
    { type: "m.room.third_party_invite", sender: BOB!, state_key: "t" },
    "invite-forbidden",
  ],
  ["and nothing else", withLevels({}), { type: "m.room.third_party_invite", sender: BOB!, state_key: "t" }, "allowed"],
];

const redaction = (redacts: string): Said => ({
  type: "m.room.redaction",
  sender: BOB!,
  event_id: "$r:b.example",
  redacts,
});

const REDACTIONS: readonly Row[] = [
  ["of one's own server in version 1", { ...BOB_IN, version: "1" }, redaction("$x:b.example"), "allowed"],
  ["of another in version 2", { ...BOB_IN, version: "2" }, redaction("$x:a.example"), "redaction-forbidden"],
  ["with the level", { version: "2", ...withLevels({ [BOB!]: 50 }) }, redaction("$x:a.example"), "allowed"],
  ["from version 3 on it is not looked at", { ...BOB_IN, version: "3" }, redaction("$x:a.example"), "allowed"],
];

const JOINS: readonly Row[] = [
  [
    "the creator comes first",
    { members: {}, levels: null },
    { ...member(ALICE!, ALICE!, "join"), prev_events: ["$create"] },
    "allowed",
  ],
  ["nobody else does", { levels: null }, { ...member(BOB!, BOB!, "join"), prev_events: ["$create"] }, "join-uninvited"],
  ["a public room", { joinRule: "public" }, member(BOB!, BOB!, "join"), "allowed"],
  ["for somebody else", { joinRule: "public" }, member(ALICE!, BOB!, "join"), "join-of-other"],
  ["while banned", { joinRule: "public", members: { [BOB!]: "ban" } }, member(BOB!, BOB!, "join"), "join-while-banned"],
  ["without an invitation", { joinRule: "invite" }, member(BOB!, BOB!, "join"), "join-uninvited"],
  ["with one", { joinRule: "invite", members: { [BOB!]: "invite" } }, member(BOB!, BOB!, "join"), "allowed"],
  ["once more", { ...BOB_IN, joinRule: "invite" }, member(BOB!, BOB!, "join"), "allowed"],
  ["a rule that nobody knows", { ...BOB_IN, joinRule: "private" }, member(BOB!, BOB!, "join"), "join-closed"],
  [
    "knock before 7",
    { version: "6", joinRule: "knock", members: { [BOB!]: "invite" } },
    member(BOB!, BOB!, "join"),
    "join-closed",
  ],
  [
    "knock from 7 on",
    { version: "7", joinRule: "knock", members: { [BOB!]: "invite" } },
    member(BOB!, BOB!, "join"),
    "allowed",
  ],
  [
    "restricted before 8",
    { version: "7", joinRule: "restricted" },
    member(BOB!, BOB!, "join", { join_authorised_via_users_server: ALICE }),
    "join-closed",
  ],
  [
    "restricted from 8 on",
    { version: "8", joinRule: "restricted" },
    member(BOB!, BOB!, "join", { join_authorised_via_users_server: ALICE }),
    "allowed",
  ],
  ["let in by nobody", { joinRule: "restricted" }, member(BOB!, BOB!, "join"), "join-unauthorised"],
  [
    "let in by who is not there",
    { joinRule: "restricted" },
    member(BOB!, BOB!, "join", { join_authorised_via_users_server: CAROL }),
    "join-unauthorised",
  ],
  [
    "let in by who may not invite",
    { ...withLevels({}, { invite: 50 }), joinRule: "restricted", members: { [CAROL!]: "join" } },
    member(BOB!, BOB!, "join", { join_authorised_via_users_server: CAROL }),
    "join-unauthorised",
  ],
  [
    "invited to a restricted room",
    { joinRule: "restricted", members: { [BOB!]: "invite" } },
    member(BOB!, BOB!, "join"),
    "allowed",
  ],
  [
    "knock_restricted from 10 on",
    { joinRule: "knock_restricted" },
    member(BOB!, BOB!, "join", { join_authorised_via_users_server: ALICE }),
    "allowed",
  ],
  [
    "knock_restricted before 10",
    { version: "9", joinRule: "knock_restricted" },
    member(BOB!, BOB!, "join", { join_authorised_via_users_server: ALICE }),
    "join-closed",
  ],
];

const OTHER_CHANGES: readonly Row[] = [
  ["no state key", {}, { type: "m.room.member", content: { membership: "join" } }, "member-malformed"],
  ["no membership", {}, { type: "m.room.member", state_key: ALICE! }, "member-malformed"],
  ["a membership that nobody knows", {}, member(ALICE!, ALICE!, "dance"), "member-unknown"],
  ["invite", {}, member(ALICE!, BOB!, "invite"), "allowed"],
  ["invite from outside", {}, member(BOB!, CAROL!, "invite"), "sender-not-joined"],
  ["invite who is in", BOB_IN, member(ALICE!, BOB!, "invite"), "invite-of-member"],
  ["invite who is banned", { members: { [BOB!]: "ban" } }, member(ALICE!, BOB!, "invite"), "invite-of-banned"],
  ["invite without the level", withLevels({}, { invite: 1 }), member(BOB!, DAVE!, "invite"), "invite-forbidden"],
  ["leave", BOB_IN, member(BOB!, BOB!, "leave"), "allowed"],
  ["turn down an invitation", { members: { [BOB!]: "invite" } }, member(BOB!, BOB!, "leave"), "allowed"],
  ["take back a knock", { members: { [BOB!]: "knock" } }, member(BOB!, BOB!, "leave"), "allowed"],
  ["leave from outside", {}, member(BOB!, BOB!, "leave"), "leave-of-none"],
  ["leave while banned", { members: { [BOB!]: "ban" } }, member(BOB!, BOB!, "leave"), "leave-of-none"],
  ["kick", BOB_IN, member(ALICE!, BOB!, "leave"), "allowed"],
  ["kick without the level", BOTH_IN, member(BOB!, CAROL!, "leave"), "kick-forbidden"],
  ["kick an equal", withLevels({ [BOB!]: 50, [CAROL!]: 50 }), member(BOB!, CAROL!, "leave"), "kick-forbidden"],
  ["kick from outside", {}, member(BOB!, ALICE!, "leave"), "sender-not-joined"],
  ["lift a ban", { members: { [BOB!]: "ban" } }, member(ALICE!, BOB!, "leave"), "allowed"],
  [
    "lift one with kick alone",
    { ...withLevels({ [CAROL!]: 50 }, { ban: 60 }), members: { [BOB!]: "ban", [CAROL!]: "join" } },
    member(CAROL!, BOB!, "leave"),
    "unban-forbidden",
  ],
  ["ban", BOB_IN, member(ALICE!, BOB!, "ban"), "allowed"],
  ["ban from afar", {}, member(ALICE!, BOB!, "ban"), "allowed"],
  ["ban without the level", BOTH_IN, member(BOB!, CAROL!, "ban"), "ban-forbidden"],
  ["ban an equal", withLevels({ [BOB!]: 50, [CAROL!]: 50 }), member(BOB!, CAROL!, "ban"), "ban-forbidden"],
  ["ban from outside", {}, member(BOB!, CAROL!, "ban"), "sender-not-joined"],
  ["knock", { joinRule: "knock" }, member(BOB!, BOB!, "knock"), "allowed"],
  ["knock where one may also be let in", { joinRule: "knock_restricted" }, member(BOB!, BOB!, "knock"), "allowed"],
  ["that before 10", { version: "9", joinRule: "knock_restricted" }, member(BOB!, BOB!, "knock"), "knock-forbidden"],
  ["knock before 7", { version: "6", joinRule: "knock" }, member(BOB!, BOB!, "knock"), "member-unknown"],
  ["knock at an open door", { joinRule: "public" }, member(BOB!, BOB!, "knock"), "knock-forbidden"],
  ["knock for somebody else", { joinRule: "knock" }, member(BOB!, CAROL!, "knock"), "knock-of-other"],
  [
    "knock while banned",
    { joinRule: "knock", members: { [BOB!]: "ban" } },
    member(BOB!, BOB!, "knock"),
    "knock-needless",
  ],
];

const levelsOf = (content: object, sender: string = ALICE!): Said => ({
  type: "m.room.power_levels",
  state_key: "",
  sender,
  content,
});
const MODERATED = withLevels({ [ALICE!]: 100, [BOB!]: 50, [CAROL!]: 50 }, { kick: 60 });

const LEVELS: readonly Row[] = [
  ["the first may say anything", { levels: null }, levelsOf({ users: { [BOB!]: 9_000 } }), "allowed"],
  [
    "nobody gives more than they have",
    MODERATED,
    levelsOf({ users: { [ALICE!]: 100, [BOB!]: 50, [CAROL!]: 51 }, kick: 60 }, BOB),
    "levels-too-high",
  ],
  [
    "or takes from who has more",
    MODERATED,
    levelsOf({ users: { [BOB!]: 50, [CAROL!]: 50 }, kick: 60 }, BOB),
    "levels-too-high",
  ],
  ["or from an equal", MODERATED, levelsOf({ users: { [ALICE!]: 100, [BOB!]: 50 }, kick: 60 }, BOB), "levels-of-equal"],
  [
    "or lowers what is above",
    MODERATED,
    levelsOf({ users: { [ALICE!]: 100, [BOB!]: 50, [CAROL!]: 50 }, kick: 0 }, BOB),
    "levels-too-high",
  ],
  [
    "or lets it go",
    MODERATED,
    levelsOf({ users: { [ALICE!]: 100, [BOB!]: 50, [CAROL!]: 50 } }, BOB),
    "levels-too-high",
  ],
  ["anybody may step down", MODERATED, levelsOf({ users: { [ALICE!]: 100, [CAROL!]: 50 }, kick: 60 }, BOB), "allowed"],
  [
    "types are levels too",
    MODERATED,
    levelsOf({ users: { [ALICE!]: 100, [BOB!]: 50, [CAROL!]: 50 }, kick: 60, events: { x: 51 } }, BOB),
    "levels-too-high",
  ],
];

for (const [name, rows] of Object.entries({ CREATE, SENDING, REDACTIONS, JOINS, OTHER_CHANGES, LEVELS })) {
  describe(`authorisation: ${name.toLowerCase()}`, () => {
    for (const [says, setting, said, expected] of rows) {
      it(`${says}: ${expected}`, () => assert.equal(verdict(setting, said), expected));
    }
  });
}

test("a refusal names its rule in a sentence", () => {
  const event = saidEvent(member(BOB!, BOB!, "join"));
  assert.deepEqual(authorise(event, stateOf({ joinRule: "invite" }), rulesOf("10"), CHECKS), {
    word: "join-uninvited",
    sentence: "The room is joined by invitation, and the user has none (rule 5.3.4).",
  });
});

test("in a room without a create event nothing is allowed", () => {
  const event = saidEvent(topic);
  assert.equal(authorise(event, new Map(), rulesOf("10"), CHECKS)?.word, "create-missing");
  assert.equal(authorise(event, new Map(), rulesOf("12"), CHECKS)?.word, "room-without-create");
});

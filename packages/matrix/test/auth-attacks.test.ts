import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import {
  authKeysOf,
  authorisingServer,
  checkAuthorisingServer,
  type KnownEvents,
  PowerLevels,
  partsOfStateKey,
  type RefusalWord,
  readAuthEvents,
  stateKeyOf,
} from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { JsonLexeme } from "@scop/matrix/json";
import { ALICE, BOB, CAROL, member, type Said, saidEvent, stateOf, verdict } from "./auth-room.ts";
import { CHECKS, eventOf, rulesOf } from "./rooms.ts";

const NEW = { version: "12" } as const;

describe("attack 9: CVE-2025-54315, a second create event or creators that are none", () => {
  const create = (content: object, more: object = {}): Said => ({
    type: "m.room.create",
    state_key: "",
    prev_events: [],
    content: { room_version: "12", ...content },
    ...more,
  });
  const rows: readonly (readonly [says: string, said: Said, expected: RefusalWord | "allowed"])[] = [
    ["a room is made", create({}), "allowed"],
    ["with an id of one's choice", create({}, { room_id: "!of:mine" }), "create-has-room-id"],
    ["with others", create({ additional_creators: [BOB] }), "allowed"],
    ["with nobody", create({ additional_creators: [] }), "allowed"],
    ["with one who stands alone", create({ additional_creators: BOB }), "create-bad-creators"],
    ["with a number", create({ additional_creators: [BOB, 7] }), "create-bad-creators"],
    ["with null", create({ additional_creators: null }), "create-bad-creators"],
    ["with what is no user id", create({ additional_creators: ["bob"] }), "create-bad-creators"],
    ["with a name of no server", create({ additional_creators: ["@bob:"] }), "create-bad-creators"],
    [
      "with a name of 257 octets",
      create({ additional_creators: [`@${"é".repeat(123)}:b.example`] }),
      "create-bad-creators",
    ],
  ];
  for (const [says, said, expected] of rows)
    it(`${says}: ${expected}`, () => assert.equal(verdict(NEW, said), expected));

  const setting = { ...NEW, create: { additional_creators: [BOB] }, members: { [BOB!]: "join", [CAROL!]: "join" } };
  const levels = (users: object): Said => ({ type: "m.room.power_levels", state_key: "", content: { users } });

  it("creators are not listed in power levels, whoever lists them", () => {
    assert.equal(verdict(setting, levels({ [ALICE!]: 100 })), "levels-of-creator");
    assert.equal(verdict(setting, levels({ [BOB!]: 100 })), "levels-of-creator");
    assert.equal(verdict({ ...setting, levels: null }, levels({ [BOB!]: 100 })), "levels-of-creator");
    assert.equal(verdict(setting, levels({ [CAROL!]: 2 ** 53 - 1 })), "allowed");
  });

  it("creators stand above every level, and above each other nobody stands", () => {
    const powerful = { ...setting, levels: { users: { [CAROL!]: 2 ** 53 - 1 } } };
    assert.equal(verdict(powerful, member(BOB!, CAROL!, "ban")), "allowed");
    assert.equal(verdict(powerful, member(CAROL!, BOB!, "ban")), "ban-forbidden");
    assert.equal(verdict(powerful, member(ALICE!, BOB!, "ban")), "ban-forbidden");
  });

  it("before version 12 additional_creators are nothing", () => {
    const old = { ...setting, version: "11", create: { additional_creators: [BOB] } };
    assert.equal(verdict(old, member(BOB!, CAROL!, "ban")), "ban-forbidden");
    assert.equal(verdict({ version: "11" }, create({ room_version: "11", additional_creators: 7 })), "allowed");
  });
});

/** A room by id, some of it rejected. */
function knownOf(events: Iterable<RoomEvent>, rejected: readonly string[] = []): KnownEvents {
  const all = new Map([...events].map(event => [event.eventId, event]));
  return { get: id => all.get(id), isRejected: id => rejected.includes(id) };
}

function readWord(
  version: string,
  said: Said,
  rejected: readonly string[] = [],
  more: readonly RoomEvent[] = [],
): string {
  const state = stateOf({ version, joinRule: "public", members: { [BOB!]: "join" } });
  const known = knownOf([...state.values(), ...more], rejected);
  const read = readAuthEvents(saidEvent(said, version), known, rulesOf(version));
  return "refusal" in read ? read.refusal.word : "allowed";
}

describe("attack 10: auth events that diverge", () => {
  const [own, levels, rules] = [`$m.room.member|${BOB}`, "$m.room.power_levels|", "$m.room.join_rules|"];
  const said = (ids: readonly string[]): Said => ({ type: "m.room.message", sender: BOB!, auth_events: ids });
  const usual = ["$create", own, levels];
  const twin = eventOf(
    { event_id: "$twin", type: "m.room.power_levels", state_key: "", sender: ALICE!, content: {} },
    "!room:a.example",
  );
  const foreign = eventOf(
    { event_id: "$foreign", type: "m.room.power_levels", state_key: "", sender: ALICE!, content: {} },
    "!other:a.example",
  );
  const text = eventOf({ event_id: "$text", type: "m.room.message", sender: ALICE!, content: {} }, "!room:a.example");

  const rows: readonly (readonly [says: string, ids: readonly string[], expected: RefusalWord | "allowed"])[] = [
    ["those that are selected", usual, "allowed"],
    ["fewer than there are", ["$create", own], "allowed"],
    ["one that is not known", [...usual, "$nobody"], "auth-event-unknown"],
    ["one twice", [...usual, levels], "auth-events-duplicate"],
    ["two of one kind", [...usual, "$twin"], "auth-events-duplicate"],
    ["one of another room", ["$create", own, "$foreign"], "auth-event-of-other-room"],
    ["one that nobody selected", [...usual, rules], "auth-event-unselected"],
    ["one that is no state", [...usual, "$text"], "auth-event-unselected"],
    ["none that says how the room began", [own, levels], "create-missing"],
  ];
  for (const [says, ids, expected] of rows)
    it(`${says}: ${expected}`, () => assert.equal(readWord("11", said(ids), [], [twin, foreign, text]), expected));

  it("one that was rejected: CVE-2022-39374, nothing takes that back", () => {
    assert.equal(readWord("11", said(usual), [levels]), "auth-event-rejected");
  });

  it("in room version 12 the create event is no auth event, and is accepted", () => {
    assert.equal(readWord("12", said([own, levels])), "allowed");
    assert.equal(readWord("12", said(usual)), "create-as-auth-event");
    assert.equal(readWord("12", said([own, levels]), ["$create"]), "room-without-create");
    assert.equal(readWord("12", { ...said([]), room_id: "!nothing" }), "room-without-create");
    const message = eventOf({ event_id: "$text", type: "m.room.message", sender: ALICE!, content: {} }, "!text");
    assert.equal(readWord("12", { ...said([]), room_id: "!text" }, [], [message]), "room-without-create");
  });

  it("what is selected is no more than the event needs", () => {
    const keys = (event: Said): readonly string[] => [...authKeysOf(saidEvent(event), rulesOf("10"))].sort();
    const basic = [
      stateKeyOf("m.room.create", ""),
      stateKeyOf("m.room.power_levels", ""),
      stateKeyOf("m.room.member", ALICE!),
    ];
    const target = stateKeyOf("m.room.member", BOB!);
    const joinRules = stateKeyOf("m.room.join_rules", "");
    assert.deepEqual(keys({ type: "m.room.topic", state_key: "" }), [...basic].sort());
    assert.deepEqual(keys(member(ALICE!, BOB!, "ban")), [...basic, target].sort());
    assert.deepEqual(keys(member(ALICE!, BOB!, "invite")), [...basic, target, joinRules].sort());
    assert.deepEqual(
      keys(member(ALICE!, ALICE!, "join", { join_authorised_via_users_server: BOB })),
      [...basic, target, joinRules].sort(),
    );
    assert.deepEqual(
      keys(member(ALICE!, BOB!, "invite", { third_party_invite: { signed: { token: "t" } } })),
      [...basic, target, joinRules, stateKeyOf("m.room.third_party_invite", "t")].sort(),
    );
  });

  it("no type and state key is taken for another", () => {
    assert.notEqual(stateKeyOf("a", "b:c"), stateKeyOf("a:b", "c"));
    assert.notEqual(stateKeyOf("1:a", ""), stateKeyOf("1", "a"));
    assert.deepEqual(partsOfStateKey(stateKeyOf("3:x", "y:z")), { type: "3:x", stateKey: "y:z" });
  });
});

describe("attack 14: power levels that are no numbers", () => {
  const levelsEvent = (content: object): Said => ({ type: "m.room.power_levels", state_key: "", content });
  const said: readonly (readonly [says: string, value: unknown, before10: number | bigint | undefined])[] = [
    ["a text", "50", 50],
    ["one with spaces and zeros", "  +0050 ", 50],
    ["a negative one", "-7", -7],
    ["one beyond 2^53", "9007199254740993", 9007199254740993n],
    ["a number beyond 2^53", new JsonLexeme("9007199254740993"), 9007199254740993n],
    ["a fraction", new JsonLexeme("50.9"), 50],
    ["an exponent", new JsonLexeme("1e2"), 100],
    ["minus zero", new JsonLexeme("-0"), 0],
    ["no text of a number", "5O", undefined],
    ["two signs", "--5", undefined],
    ["an empty text", "", undefined],
    ["an endless text", "9".repeat(4_301), undefined],
    ["an exponent without end", new JsonLexeme("1e999"), undefined],
    ["null", null, undefined],
    ["true", true, undefined],
    ["a list", [50], undefined],
  ];
  for (const [says, value, expected] of said) {
    it(`${says}: ${expected} before version 10, refused from then on`, () => {
      const state = stateOf({ version: "9", levels: { users: { [BOB!]: value, [CAROL!]: 0 } } });
      assert.equal(new PowerLevels(state, rulesOf("9")).user(BOB!), expected ?? 0);
      const event = levelsEvent({ users: { [ALICE!]: 100, [BOB!]: value } });
      // Version 9 has what it can read; what alice gives has to be within her 100.
      const mayGive = expected === undefined ? "levels-malformed" : expected <= 100 ? "allowed" : "levels-too-high";
      assert.equal(verdict({ version: "9" }, event), mayGive);
      assert.equal(verdict({ version: "10" }, event), "levels-malformed");
    });
  }

  it("lists that are none, names that are none", () => {
    for (const version of ["1", "9", "12"]) {
      assert.equal(verdict({ version }, levelsEvent({ users: [] })), "levels-malformed");
      assert.equal(verdict({ version }, levelsEvent({ events: 7 })), "levels-malformed");
      assert.equal(verdict({ version }, levelsEvent({ ban: "high" })), "levels-malformed");
      assert.equal(verdict({ version }, levelsEvent({ users: { bob: 5 } })), "levels-of-no-user");
    }
  });

  it("users_default lowers nobody who stands higher", () => {
    const setting = { members: { [BOB!]: "join" }, levels: { users: { [ALICE!]: 100 }, users_default: 60 } };
    const lower = (users: object): Said => ({ ...levelsEvent({ users, users_default: 0 }), sender: BOB! });
    assert.equal(verdict(setting, lower({})), "levels-too-high");
    assert.equal(verdict(setting, lower({ [ALICE!]: 100 })), "allowed");
    assert.equal(verdict(setting, lower({ [ALICE!]: 100, [BOB!]: 61 })), "levels-too-high");
  });

  it("levels of notifications are looked at from version 6 on", () => {
    const levels = { users: { [ALICE!]: 100, [BOB!]: 50 }, notifications: { room: 80 } };
    const raise: Said = { ...levelsEvent({ users: levels.users, notifications: { room: 0 } }), sender: BOB! };
    assert.equal(verdict({ version: "5", members: { [BOB!]: "join" }, levels }, raise), "allowed");
    assert.equal(verdict({ version: "6", members: { [BOB!]: "join" }, levels }, raise), "levels-too-high");
  });

  it("a join is signed by the server of who let the user in", () => {
    const event = saidEvent(member(BOB!, BOB!, "join", { join_authorised_via_users_server: ALICE }));
    assert.equal(authorisingServer(event, rulesOf("8")), "a.example");
    assert.equal(authorisingServer(event, rulesOf("7")), undefined);
    assert.equal(checkAuthorisingServer(event, rulesOf("8"), new Set(["a.example"])), undefined);
    const refusal = checkAuthorisingServer(event, rulesOf("8"), new Set(["b.example"]));
    assert.equal(refusal?.word, "not-signed-by-authoriser");
  });
});

test("attack 14: an invitation by third party is signed by its key, for this user, and comes from who asked for it", () => {
  const key = { event_id: "$3pid", type: "m.room.third_party_invite", state_key: "t", sender: ALICE! };
  const more = [{ ...key, content: { public_key: "k1", public_keys: [{ public_key: "k2" }, 7, { public_key: 8 }] } }];
  const signed = { mxid: BOB, token: "t", signatures: {} };
  const invite = (sender: string, third: unknown): Said =>
    member(sender, BOB!, "invite", { third_party_invite: third });
  const asked: string[] = [];
  const checks = { ...CHECKS, isSignedBy: (_: unknown, each: string) => asked.push(each) > 0 && each === "k2" };
  assert.equal(verdict({ more }, invite(ALICE!, { signed }), checks), "allowed");
  assert.deepEqual(asked, ["k1", "k2"]);
  assert.equal(verdict({ more }, invite(ALICE!, { signed })), "invite-unsigned");
  assert.equal(verdict({ more }, invite(CAROL!, { signed }), checks), "invite-by-other");
  assert.equal(verdict({ more }, invite(ALICE!, { signed: { ...signed, token: "u" } }), checks), "invite-unknown");
  assert.equal(verdict({ more }, invite(ALICE!, { signed: { ...signed, mxid: CAROL } }), checks), "invite-malformed");
  for (const third of [7, {}, { signed: [] }, { signed: { mxid: BOB } }])
    assert.equal(verdict({ more }, invite(ALICE!, third), checks), "invite-malformed");
  const banned = { more, members: { [BOB!]: "ban" } };
  assert.equal(verdict(banned, invite(ALICE!, { signed }), checks), "invite-of-banned");
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { AuthChains, resolveState, resolving, type StateIds } from "@scop/matrix/state-res";
import fc from "fast-check";
import { sha1 } from "../src/state-res/sha1.ts";
import { randomRoom } from "./graphs/random-room.ts";
import { eventOf, keyOf, MemoryRoom, type PlainEvent, resolvedRoom, withEvent } from "./rooms.ts";

const VERSIONS = ["1", "2", "5", "8", "10", "11", "12"];
const roomsOf = fc.tuple(fc.nat(), fc.constantFrom(...VERSIONS)).map(([seed, version]) => randomRoom(seed, version));

function sorted(state: StateIds): readonly string[] {
  return [...state].map(([key, id]) => `${key} ${id}`).sort();
}

/** The list in an order that the seed decides. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const key = (at: number): string => createHash("sha256").update(`${seed} ${at}`).digest("hex");
  return list
    .map((each, at) => ({ each, key: key(at) }))
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ each }) => each);
}

/** The events in another order of arrival, each after what authorises it. */
function arrivals(plain: readonly PlainEvent[], seed: number): readonly PlainEvent[] {
  const open = shuffled(plain, seed);
  const come: PlainEvent[] = [];
  const isThere = new Set<string>();
  while (open.length > 0) {
    const at = open.findIndex(each => each.auth_events!.every(id => isThere.has(id)));
    const [next] = open.splice(at, 1);
    come.push(next!);
    isThere.add(next!.event_id);
  }
  return come;
}

test("property: states come to the same in every order of arrival and whatever is given first", () => {
  fc.assert(
    fc.property(roomsOf, fc.nat(), (made, seed) => {
      const other = new MemoryRoom();
      for (const plain of arrivals(made.plain, seed))
        other.add(eventOf(plain, made.room.roomId), made.rejected.has(plain.event_id));
      for (const sets of made.problems) {
        const turned = shuffled(sets, seed).map(set => new Map(shuffled([...set], seed)));
        const again = [...turned, turned[0]!];
        assert.deepEqual(
          sorted(resolveState(other, made.room, again)),
          sorted(resolveState(made.store, made.room, sets)),
        );
      }
    }),
    { numRuns: 60 },
  );
});

/** What an event reaches, by walking. */
function chainOf(made: ReturnType<typeof randomRoom>, ids: Iterable<string>): Set<string> {
  const chain = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (chain.has(id)) continue;
    chain.add(id);
    open.push(...made.store.get(id)!.event.authEvents);
  }
  return chain;
}

test("property: the index has the difference and the paths that walking finds", () => {
  fc.assert(
    fc.property(
      roomsOf,
      fc.array(fc.array(fc.nat(), { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
      (made, picks) => {
        const all = made.plain.map(each => each.event_id);
        const [agreed = [], ...sets] = picks.map(list => list.map(at => all[at % all.length]!));
        const chains = sets.map(set => chainOf(made, [...agreed, ...set]));
        const differing = all.filter(id => chains.some(e => e.has(id)) && !chains.every(e => e.has(id)));
        assert.deepEqual(made.store.authChains.difference(agreed, sets).sort(), differing.sort());
        const conflicted = new Set(sets.flat());
        const between = [...chainOf(made, conflicted)].filter(id =>
          [...chainOf(made, [id])].some(e => conflicted.has(e)),
        );
        assert.deepEqual(made.store.authChains.between(conflicted).sort(), between.sort());
      },
    ),
    { numRuns: 200 },
  );
});

test("attack 12: CVE-2024-31208, a long auth chain costs nothing but what differs", () => {
  const chains = new AuthChains();
  const length = 200_000;
  for (let at = 0; at < length; at += 1) chains.add(`$${at}`, at === 0 ? [] : [`$${at - 1}`]);
  assert.deepEqual(chains.difference([], [[`$${length - 1}`], [`$${length - 3}`]]), [
    `$${length - 2}`,
    `$${length - 1}`,
  ]);
  assert.deepEqual(chains.between(["$5", "$7"]), ["$5", "$6", "$7"]);
  chains.add("$7", ["$nothing"]);
  assert.ok(chains.has("$7") && !chains.has("$nothing"));
  assert.deepEqual(chains.difference(["$nothing"], [["$nothing"], ["$1"]]), ["$0", "$1"]);
});

const ALICE = "@alice:a.example";
const BOB = "@bob:b.example";

/** A room of alice's with bob in it, in which both go on for themselves. */
function forked(): { readonly store: MemoryRoom; readonly base: StateIds } {
  const rows: readonly PlainEvent[] = [
    {
      event_id: "$create",
      type: "m.room.create",
      state_key: "",
      sender: ALICE,
      content: { creator: ALICE },
      auth_events: [],
    },
    {
      event_id: "$alice",
      type: "m.room.member",
      state_key: ALICE,
      sender: ALICE,
      content: { membership: "join" },
      auth_events: ["$create"],
    },
    {
      event_id: "$levels",
      type: "m.room.power_levels",
      state_key: "",
      sender: ALICE,
      content: { users: { [ALICE]: 100, [BOB]: 50 } },
      auth_events: ["$create", "$alice"],
    },
    {
      event_id: "$rules",
      type: "m.room.join_rules",
      state_key: "",
      sender: ALICE,
      content: { join_rule: "public" },
      auth_events: ["$create", "$alice", "$levels"],
    },
    {
      event_id: "$bob",
      type: "m.room.member",
      state_key: BOB,
      sender: BOB,
      content: { membership: "join" },
      auth_events: ["$create", "$levels", "$rules"],
    },
  ];
  const events = rows.map((row, at) => eventOf({ ...row, depth: at, origin_server_ts: 1_000 + at }));
  return { store: new MemoryRoom(events), base: new Map(events.map(event => [keyOf(event), event.eventId])) };
}

test("attack 15: an event that claims to be old does not escape the ban of its sender, nor win by its time against power", () => {
  const { store, base } = forked();
  const add = (plain: PlainEvent): StateIds => {
    const event = eventOf(plain);
    store.add(event, false);
    return withEvent(base, event);
  };
  const auth = ["$create", "$levels"];
  const ban = add({
    event_id: "$ban",
    type: "m.room.member",
    state_key: BOB,
    sender: ALICE,
    content: { membership: "ban" },
    origin_server_ts: 2_000,
    auth_events: [...auth, "$alice", "$bob"],
  });
  for (const time of [0, -1, 1_999]) {
    const topic = add({
      event_id: `$topic${time}`,
      type: "m.room.topic",
      state_key: "",
      sender: BOB,
      content: { topic: "mine" },
      origin_server_ts: time,
      auth_events: [...auth, "$bob"],
    });
    const state = resolveState(store, resolvedRoom("10"), [topic, ban]);
    assert.deepEqual(sorted(state), sorted(ban));
  }
  const rise = add({
    event_id: "$rise",
    type: "m.room.power_levels",
    state_key: "",
    sender: BOB,
    content: { users: { [ALICE]: 100, [BOB]: 50 }, ban: 50, kick: 50 },
    origin_server_ts: 0,
    auth_events: [...auth, "$bob"],
  });
  assert.deepEqual(sorted(resolveState(store, resolvedRoom("10"), [rise, ban])), sorted(ban));
});

test("attack 15: of a hundred ends the same state comes as of their states one after the other", () => {
  const { store, base } = forked();
  const states = Array.from({ length: 100 }, (_, at) => {
    const event = eventOf({
      event_id: `$t${at}`,
      type: "m.room.topic",
      state_key: "",
      sender: ALICE,
      content: {},
      origin_server_ts: at % 7,
      auth_events: ["$create", "$levels", "$alice"],
    });
    store.add(event, false);
    return withEvent(base, event);
  });
  const state = resolveState(store, resolvedRoom("10"), states);
  const last = states.reduce((one, other) => resolveState(store, resolvedRoom("10"), [one, other]));
  assert.deepEqual(sorted(state), sorted(last));
  assert.equal(state.get(keyOf(store.get("$t0")!.event)), "$t97");
});

test("attack 10: CVE-2022-39374, what was rejected never comes into the state", () => {
  const { store, base } = forked();
  const event = eventOf({
    event_id: "$bad",
    type: "m.room.topic",
    state_key: "",
    sender: ALICE,
    content: {},
    auth_events: ["$create", "$levels", "$alice"],
  });
  store.add(event, true);
  assert.deepEqual(sorted(resolveState(store, resolvedRoom("10"), [base, withEvent(base, event)])), sorted(base));
  const twin = { ...event, roomId: "!other:b.example" };
  store.add(twin, false);
  assert.deepEqual(sorted(resolveState(store, resolvedRoom("10"), [base, withEvent(base, twin)])), sorted(base));
});

test("auth events in a circle, which ids that are no hashes allow, end", () => {
  const { store, base } = forked();
  const levels = (id: string, other: string): PlainEvent => ({
    event_id: id,
    type: "m.room.power_levels",
    state_key: "",
    sender: ALICE,
    content: { users: { [ALICE]: 100 } },
    auth_events: ["$create", "$alice", other],
  });
  for (const plain of [levels("$p", "$q"), levels("$q", "$p")]) store.add(eventOf(plain), false);
  const topic = eventOf({
    event_id: "$t",
    type: "m.room.topic",
    state_key: "",
    sender: ALICE,
    content: {},
    auth_events: ["$create", "$alice", "$q"],
  });
  store.add(topic, false);
  const sets = ["$p", "$q"].map(id => withEvent(withEvent(base, store.get(id)!.event), topic));
  assert.ok(resolveState(store, resolvedRoom("2"), [...sets, base]).size >= base.size);
});

test("no event is asked for twice, and one state is nothing to resolve", () => {
  const made = randomRoom(7, "11");
  const asked: string[] = [];
  for (const sets of made.problems) {
    asked.length = 0;
    const machine = resolving(made.room, sets);
    let step = machine.next();
    while (step.done !== true) {
      const question = step.value;
      if (question.do === "events") asked.push(...question.ids);
      const events = question.do === "events" ? question.ids.map(id => made.store.get(id)!) : [];
      const ids = question.do === "difference" ? made.store.authChains.difference(question.agreed, question.sets) : [];
      step = machine.next(question.do === "events" ? { on: "events", events } : { on: "ids", ids });
    }
    assert.equal(new Set(asked).size, asked.length);
  }
  assert.equal(sorted(resolveState(made.store, made.room, [made.problems[0]![0]!])).length, made.problems[0]![0]!.size);
});

test("SHA-1 is what others compute, over every length of a block and more", () => {
  for (let length = 0; length < 200; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7 + length) & 255);
    assert.equal(Buffer.from(sha1(bytes)).toString("hex"), createHash("sha1").update(bytes).digest("hex"));
  }
});

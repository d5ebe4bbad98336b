import type { Change } from "../changes.ts";
import type { Store } from "../port.ts";
import { EMPTY_STATE, type EventFate, type StateDraft, type StateId } from "../rooms.ts";
import { apply, type ContractHarness, outcome } from "./tools.ts";

const ROOM = "!room";
const ALICE = "@alice:scop.test";
const NOTHING: StateDraft = { base: EMPTY_STATE, put: [], remove: [] };

type Taken = Extract<Change, { readonly change: "take-event" }>;

/** An event of any type; its depth is its number. */
function taken(number: number, previous: readonly number[], rest: Partial<Taken> = {}): Taken {
  return {
    change: "take-event",
    room: ROOM,
    event: `$${number}`,
    type: "m.room.message",
    stateKey: undefined,
    depth: number,
    previous: previous.map(each => `$${each}`),
    json: `{"content":{},"number":${number}}`,
    sentBy: undefined,
    before: NOTHING,
    become: { fate: "backfilled", place: -number },
    ...rest,
  };
}

function latest(seen: readonly number[], next: readonly number[], state: StateDraft | "own" = "own"): EventFate {
  return { fate: "latest", seen: seen.map(each => `$${each}`), latest: next.map(each => `$${each}`), state };
}

function topic(number: number): Partial<Taken> {
  return { type: "m.room.topic", stateKey: "", json: `{"content":{},"number":${number}}` };
}

function member(user: string, membership: string): Partial<Taken> {
  return { type: "m.room.member", stateKey: user, json: JSON.stringify({ content: { membership } }) };
}

async function stateOf(store: Store, event: string): Promise<StateId> {
  return (await store.roomEvent(ROOM, event))!.state;
}

function over(base: StateId, put: StateDraft["put"] = [], remove: StateDraft["remove"] = []): StateDraft {
  return { base, put, remove };
}

/** A room with a create event and a topic. */
async function openRoom(store: Store): Promise<void> {
  await apply(store, { change: "add-room", room: ROOM, version: "12" });
  await apply(store, taken(1, [], { type: "m.room.create", stateKey: "", become: latest([], [1]) }));
  await apply(
    store,
    taken(2, [1], { ...topic(2), before: over(await stateOf(store, "$1")), become: latest([1], [2]) }),
  );
}

/** Two topics that do not know of each other; the first one counts. */
async function fork(store: Store): Promise<void> {
  await openRoom(store);
  const before = over(await stateOf(store, "$2"));
  await apply(store, taken(3, [2], { ...topic(3), before, become: latest([2], [3]) }));
  const both = over(await stateOf(store, "$3"));
  await apply(store, taken(4, [2], { ...topic(4), before, become: latest([3], [3, 4], both) }));
}

/** Rooms that other servers are in: branches, and events that have no place. */
export function forkContract({ test, open, reopen, equal }: ContractHarness): void {
  const range = { after: -99, upTo: 99, order: "rising", limit: 99 } as const;
  const shown = async (store: Store): Promise<unknown> =>
    (await store.roomEvents(ROOM, range)).map(each => [each.event, each.position]);

  test("branches have states of their own, and the room the one that was decided", async () => {
    const store = await open();
    await fork(store);
    const again = await reopen(store);
    const room = (await again.room(ROOM))!;
    equal([room.latest, room.position, room.depth], [["$3", "$4"], 4, 4], "both are the latest");
    equal((await again.stateEvent(room.state, "m.room.topic", ""))?.event, "$3", "what the room has");
    const other = (await again.roomEvent(ROOM, "$4"))!;
    equal((await again.stateEvent(other.state, "m.room.topic", ""))?.event, "$4", "what its branch has");
    equal(other.roomState, room.state, "what the room had then");
    equal([await again.roomOfEvent("$4"), await again.roomOfEvent("$5")], [ROOM, undefined], "whose event it is");
    await again.close();
  });

  test("a state is made of another one, with entries put in and taken out, and what differs is found", async () => {
    const store = await open();
    await fork(store);
    const base = await stateOf(store, "$3");
    const draft = over(base, [{ type: "m.room.topic", stateKey: "", event: "$4" }], []);
    await apply(store, taken(5, [3, 4], { before: draft, become: latest([3, 4], [5]) }));
    equal((await store.stateEvent(await stateOf(store, "$5"), "m.room.topic", ""))?.event, "$4", "put in");
    const bare = over(base, [], [{ type: "m.room.topic", stateKey: "" }]);
    await apply(store, taken(6, [5], { before: bare, become: latest([5], [6]) }));
    const left = await stateOf(store, "$6");
    const entry = { type: "m.room.create", stateKey: "", event: "$1" };
    equal(await store.stateEntries(left), [entry], "taken out");
    equal(await store.stateEvents(left, base), [], "nothing new");
    const unknown = over(EMPTY_STATE, [{ type: "x", stateKey: "", event: "$none" }]);
    equal(await outcome(store, taken(7, [6], { before: unknown })), "missing", "an event that is not here");
    equal(await store.roomEvent(ROOM, "$7"), undefined, "and nothing of it happened");
    await store.close();
  });

  test("who saw other latest events is refused, and an event twice", async () => {
    const store = await open();
    await fork(store);
    const before = over(await stateOf(store, "$3"));
    equal(await outcome(store, taken(5, [3], { before, become: latest([3], [5]) })), "in-use", "one of two");
    equal(await outcome(store, taken(4, [3], { before })), "exists", "twice");
    equal(await outcome(store, { ...taken(5, [3]), room: "!other" }), "missing", "no such room");
    await store.close();
  });

  test("outliers, softly failed and rejected events are here, have no place, and change nothing", async () => {
    const store = await open();
    await openRoom(store);
    const room = await store.room(ROOM);
    const before = over(room!.state);
    const outlier = { change: "add-outlier", room: ROOM, event: "$8", type: "m.x", stateKey: "k", json: "{}" } as const;
    await apply(store, { ...outlier, standing: "outlier" });
    await apply(store, { ...outlier, standing: "rejected" });
    await apply(store, { ...outlier, event: "$9", standing: "rejected" });
    await apply(store, taken(10, [2], { ...topic(10), before, become: { fate: "soft-failed" } }));
    await apply(store, taken(11, [2], { ...topic(11), before, become: { fate: "rejected" } }));
    equal(await outcome(store, { ...outlier, room: "!other", standing: "outlier" }), "missing", "no such room");
    const stood = await Promise.all(["$8", "$9", "$10", "$11"].map(each => store.roomEvent(ROOM, each)));
    equal(
      stood.map(each => [each?.standing, each?.position]),
      [
        ["outlier", 0],
        ["rejected", 0],
        ["soft-failed", 0],
        ["rejected", 0],
      ],
      "what became of them",
    );
    equal(await store.room(ROOM), room, "the room is what it was");
    equal(
      await shown(store),
      [
        ["$1", 1],
        ["$2", 2],
      ],
      "and shows what it showed",
    );
    equal((await store.stateEvent(stood[2]!.state, "m.room.topic", ""))?.event, "$10", "the state with one");
    equal(stood[3]!.state, room!.state, "a rejected one is not in its state");
    await store.close();
  });

  test("an outlier takes its place later, and the states that have it keep it", async () => {
    const store = await open();
    await openRoom(store);
    const topicAt = { type: "m.room.topic", stateKey: "", event: "$3" };
    await apply(store, { change: "add-outlier", room: ROOM, ...topicAt, json: "{}", standing: "outlier" });
    const before = over((await store.room(ROOM))!.state);
    await apply(store, taken(4, [2], { before: { ...before, put: [topicAt] }, become: latest([2], [4]) }));
    await apply(store, taken(3, [2], { ...topic(3), before, become: { fate: "backfilled", place: -1 } }));
    const kept = await store.stateEvent(await stateOf(store, "$4"), "m.room.topic", "");
    equal([kept?.event, kept?.position, kept?.standing], ["$3", -1, "accepted"], "the same event");
    await store.close();
  });

  test("older events come before all that was known, and the edge of history moves", async () => {
    const store = await open();
    await apply(store, { change: "add-room", room: ROOM, version: "12" });
    await apply(store, taken(9, [8, 7], { become: latest([], [9]) }));
    equal(
      (await store.roomEdges(ROOM, 9)).map(each => [each.event, each.depth]).sort(),
      [
        ["$7", 9],
        ["$8", 9],
      ],
      "what is missing",
    );
    equal([await store.isRoomEdge(ROOM, "$7"), await store.isRoomEdge(ROOM, "$6")], [true, false], "by one");
    await apply(store, taken(10, [3], { become: { fate: "rejected" } }));
    equal(await store.isRoomEdge(ROOM, "$3"), false, "what is rejected needs nothing");
    const stream = await store.streamPosition();
    await apply(store, taken(8, [6], { ...topic(8), become: { fate: "backfilled", place: -6 } }));
    await apply(store, taken(7, [6], { ...topic(7), before: over(EMPTY_STATE) }));
    equal(
      await shown(store),
      [
        ["$7", -7],
        ["$8", -6],
        ["$9", 1],
      ],
      "from old to new",
    );
    equal(await store.roomEdges(ROOM, 9), [{ event: "$6", depth: 8 }], "what is missing now");
    equal(await outcome(store, taken(6, [], { become: { fate: "backfilled", place: -7 } })), "in-use", "a place twice");
    equal((await store.room(ROOM))!.position <= stream, true, "nothing new happened in the room");
    await store.close();
  });

  test("members and servers are those of the state that was decided", async () => {
    const store = await open();
    await openRoom(store);
    const before = over((await store.room(ROOM))!.state);
    await apply(store, taken(3, [2], { ...member("@b:far.test", "join"), before, become: latest([2], [3]) }));
    await apply(
      store,
      taken(4, [3], { ...member(ALICE, "join"), before: over(await stateOf(store, "$3")), become: latest([3], [4]) }),
    );
    equal(await store.roomServers(ROOM), ["far.test", "scop.test"], "both are in");
    const heard: unknown[] = [];
    store.watch(each => heard.push(each));
    const without = over(await stateOf(store, "$4"), [], [{ type: "m.room.member", stateKey: "@b:far.test" }]);
    await apply(store, taken(5, [2], { ...topic(5), before, become: latest([4], [4, 5], without) }));
    equal(
      (await store.roomMembers(ROOM)).map(each => [each.user, each.membership, each.position]),
      [
        [ALICE, "join", 4],
        ["@b:far.test", "leave", 5],
      ],
      "one was decided against",
    );
    equal(await store.roomServers(ROOM), ["scop.test"], "whose server has nobody left");
    equal(heard, [{ on: "room", room: ROOM, users: ["@b:far.test"] }], "and watchers hear of it");
    await store.close();
  });

  test("somebody is asked into a room that is not here, and sees what was told of it until that changes", async () => {
    const store = await open();
    await apply(store, { change: "add-room", room: ROOM, version: "12" });
    const stripped = { event: "$i", json: '[{"type":"m.room.name"}]' };
    const put = { change: "put-member", room: ROOM, user: ALICE } as const;
    await apply(store, { ...put, membership: "invite", stripped });
    const [asked] = await store.roomsOf(ALICE);
    equal([asked?.membership, asked?.position], ["invite", await store.streamPosition()], "asked in");
    equal(await store.strippedState(ROOM, ALICE), stripped, "what was told");
    await apply(store, { ...put, membership: "leave", stripped: undefined });
    equal((await store.roomsOf(ALICE))[0]?.membership, "leave", "refused");
    equal(await store.strippedState(ROOM, ALICE), undefined, "and forgotten");
    equal(await outcome(store, { ...put, room: "!other", membership: "invite", stripped }), "missing", "no such room");
    await store.close();
  });
}

import type { Change } from "../changes.ts";
import type { Store } from "../port.ts";
import { EMPTY_STATE, type RoomEventRecord } from "../rooms.ts";
import { apply, type ContractHarness, outcome, settle } from "./tools.ts";

const ROOM = "!room";
const ALICE = "@alice:scop.test";

/** Events that follow each other; the number is the name. */
function event(number: number, rest: Partial<Extract<Change, { readonly change: "add-event" }>> = {}): Change {
  return {
    change: "add-event",
    room: ROOM,
    event: `$${number}`,
    type: "m.room.message",
    stateKey: undefined,
    membership: undefined,
    depth: number,
    previous: number === 1 ? [] : [`$${number - 1}`],
    json: `{"number":${number}}`,
    sentBy: undefined,
    ...rest,
  };
}

function state(number: number, type: string, stateKey = ""): Change {
  return event(number, { type, stateKey });
}

async function openRoom(store: Store): Promise<void> {
  await apply(store, { change: "add-room", room: ROOM, version: "12" });
}

function names(events: readonly RoomEventRecord[]): readonly string[] {
  return events.map(each => each.event);
}

/** What happens in rooms. */
export function roomContract({ test, open, reopen, equal }: ContractHarness): void {
  test("events follow each other, and are there after a restart", async () => {
    const store = await open();
    await openRoom(store);
    await store.transaction({ changes: [state(1, "m.room.create"), event(2, { depth: 9 })] });
    const again = await reopen(store);
    const room = await again.room(ROOM);
    equal(room, { room: ROOM, version: "12", state: room?.state, latest: ["$2"], depth: 9, position: 2 }, "the room");
    equal(await again.streamPosition(), 2, "the stream");
    const first = { position: 1, event: "$1", type: "m.room.create", stateKey: "", json: '{"number":1}' };
    const states = { standing: "accepted", state: room?.state, roomState: room?.state };
    equal(
      await again.roomEvent(ROOM, "$1"),
      { ...first, ...states, sentBy: undefined, redaction: undefined },
      "an event",
    );
    equal(await again.roomEvent("!other", "$1"), undefined, "of this room alone");
    equal(await again.room("!other"), undefined, "no such room");
    await again.close();
  });

  test("an event that does not follow the latest is refused, and one twice", async () => {
    const store = await open();
    equal(await outcome(store, event(1)), "missing", "no such room");
    await openRoom(store);
    await apply(store, { change: "add-room", room: ROOM, version: "11" });
    equal((await store.room(ROOM))?.version, "11", "a room of which nothing is known but its name");
    await apply(store, event(1));
    equal(await outcome(store, { change: "add-room", room: ROOM, version: "12" }), "exists", "a room twice");
    equal(await outcome(store, event(1)), "exists", "an event twice");
    equal(await outcome(store, event(3)), "in-use", "after one that is not there");
    equal(await outcome(store, event(2, { previous: [] })), "in-use", "after nothing");
    equal((await store.room(ROOM))?.latest, ["$1"], "nothing of it happened");
    await store.close();
  });

  test("events are read in both orders, between two positions", async () => {
    const store = await open();
    await openRoom(store);
    await store.transaction({ changes: [1, 2, 3, 4, 5].map(number => event(number)) });
    const read = async (after: number, upTo: number, order: "rising" | "falling", limit = 9): Promise<unknown> =>
      names(await store.roomEvents(ROOM, { after, upTo, order, limit }));
    equal(await read(0, 9, "rising"), ["$1", "$2", "$3", "$4", "$5"], "all");
    equal(await read(1, 4, "falling"), ["$4", "$3", "$2"], "some, backwards");
    equal(await read(1, 4, "falling", 2), ["$4", "$3"], "so many");
    await store.close();
  });

  test("each event has the state with it, and an older state stays as it was", async () => {
    const store = await open();
    await openRoom(store);
    const topics = [state(1, "m.room.create"), state(2, "m.room.topic"), event(3), state(4, "m.room.topic")];
    await store.transaction({ changes: topics });
    const before = (await store.roomEvent(ROOM, "$3"))!.state;
    const after = (await store.room(ROOM))!.state;
    equal((await store.stateEvent(before, "m.room.topic", ""))?.event, "$2", "the topic before");
    equal((await store.stateEvent(after, "m.room.topic", ""))?.event, "$4", "the topic after");
    equal(await store.stateEvent(after, "m.room.topic", "x"), undefined, "another key");
    equal(names(await store.stateEvents(after, EMPTY_STATE)), ["$1", "$4"], "all of it");
    equal(names(await store.stateEvents(after, before)), ["$4"], "what changed");
    equal(await store.stateEvents(before, before), [], "nothing changed");
    await store.close();
  });

  test("a state with very many members is whole, and says what changed", async () => {
    const store = await open();
    await openRoom(store);
    const count = 700;
    const changes = Array.from({ length: count }, (_none, index) =>
      state(index + 1, "m.room.member", `@${index}:a.test`),
    );
    await store.transaction({ changes });
    const whole = (await store.room(ROOM))!.state;
    const half = (await store.roomEvent(ROOM, "$350"))!.state;
    equal((await store.stateEvents(whole, EMPTY_STATE)).length, count, "all of them");
    equal((await store.stateEvents(half, EMPTY_STATE)).length, 350, "half of them");
    equal(
      names(await store.stateEvents(whole, half)),
      changes.slice(350).map((_each, index) => `$${index + 351}`),
      "the rest",
    );
    for (const at of [0, 349, 699])
      equal((await store.stateEvent(whole, "m.room.member", `@${at}:a.test`))?.event, `$${at + 1}`, `member ${at}`);
    await store.close();
  });

  test("members are known by room and by user, and watchers hear of them", async () => {
    const store = await open();
    await openRoom(store);
    const heard: unknown[] = [];
    store.watch(each => heard.push(each));
    const join = (number: number, membership: string): Change =>
      event(number, { type: "m.room.member", stateKey: ALICE, membership });
    await apply(store, join(1, "join"));
    const member = { room: ROOM, user: ALICE, membership: "join", position: 1 };
    equal(await store.roomMembers(ROOM), [member], "of the room");
    await store.transaction({ changes: [event(2), join(3, "leave")] });
    equal(await store.roomsOf(ALICE), [{ ...member, membership: "leave", position: 3 }], "of the user");
    equal(await store.roomsOf("@bob:scop.test"), [], "of nobody else");
    const told = { on: "room", room: ROOM, users: [ALICE] };
    equal(heard, [told, told], "once a transaction");
    await store.close();
  });

  test("who sent an event is known, and the same transaction twice is one event", async () => {
    const store = await open();
    const { account } = await settle(store);
    await openRoom(store);
    const sentBy = { account, device: "D", transaction: "t" };
    const first = await store.transaction({ changes: [event(1, { sentBy })], idempotencyKey: "k" });
    const second = await store.transaction({ changes: [event(2, { sentBy })], idempotencyKey: "k" });
    equal(first, { ok: true, results: [{ position: 1, event: "$1" }] }, "sent");
    equal(second, first, "the same answer");
    equal(await store.answered("k"), [{ position: 1, event: "$1" }], "it can be asked for");
    equal(await store.answered("other"), undefined, "another key");
    equal((await store.room(ROOM))?.latest, ["$1"], "nothing more");
    equal((await store.roomEvent(ROOM, "$1"))?.sentBy, sentBy, "who sent it");
    await store.close();
  });
}

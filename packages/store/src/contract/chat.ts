import type { Change } from "../changes.ts";
import type { AccountId } from "../ids.ts";
import type { Store } from "../port.ts";
import { apply, type ContractHarness, outcome, pattern, rejection, settle } from "./tools.ts";

const ROOM = "!room";
const ALICE = "@alice:scop.test";
const ALIAS = { change: "put-room-alias", alias: "#a:scop.test", room: ROOM, creator: ALICE } as const;
const HASH = new Uint8Array(32).fill(7);

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
    json: `{"content":{},"origin_server_ts":${number * 10}}`,
    sentBy: undefined,
    ...rest,
  };
}

function related(number: number, to: string, relation: string): Change {
  const content = { "m.relates_to": { event_id: to, rel_type: relation } };
  return event(number, { json: JSON.stringify({ content, origin_server_ts: 100 - number }) });
}

async function openRoom(store: Store): Promise<void> {
  await apply(store, { change: "add-room", room: ROOM, version: "12" });
}

/** What goes along with rooms. */
export function chatContract(harness: ContractHarness): void {
  redaction(harness);
  names(harness);
  reading(harness);
  files(harness);
}

function redaction({ test, open, reopen, equal }: ContractHarness): void {
  test("of a redacted event is there what is left, and by what it was redacted", async () => {
    const store = await open();
    await openRoom(store);
    await store.transaction({ changes: [event(1), related(2, "$1", "m.thread"), event(3), event(4)] });
    const redact = (name: string, by: string, json: string): Change => {
      return { change: "redact-event", room: ROOM, event: name, by, json };
    };
    const old = { type: "m.room.redaction", json: '{"redacts":"$2"}' };
    const young = { type: "m.room.redaction", json: '{"content":{"redacts":"$2"}}' };
    await store.transaction({
      changes: [event(5, { ...old, previous: ["$4"] }), event(6, young), event(7, { json: old.json })],
    });
    const redactions = await store.redactionsOf(ROOM, "$2", 9);
    equal(
      redactions.map(each => each.event),
      ["$5", "$6"],
      "which redact it",
    );
    equal(await outcome(store, redact("$9", "$3", "{}")), "missing", "no such event");
    equal(await outcome(store, redact("$2", "$9", "{}")), "missing", "by nothing");
    await apply(store, redact("$2", "$3", '{"content":{}}'));
    await apply(store, redact("$2", "$4", '{"other":1}'));
    const again = await reopen(store);
    const left = await again.roomEvent(ROOM, "$2");
    const by = { event: "$3", json: '{"content":{},"origin_server_ts":30}' };
    equal([left?.json, left?.redaction], ['{"content":{}}', by], "the first redaction counts");
    const range = { after: 0, upTo: 9, order: "rising", limit: 9 } as const;
    equal(await again.relatedEvents(ROOM, "$1", undefined, range), [], "it relates to nothing any more");
    await again.close();
  });

  test("a room that was left can be forgotten, until something happens to the user there", async () => {
    const store = await open();
    await openRoom(store);
    const member = (number: number, membership: string): Change =>
      event(number, { type: "m.room.member", stateKey: ALICE, membership });
    const forget: Change = { change: "forget-room", room: ROOM, user: ALICE };
    equal(await outcome(store, forget), "missing", "nobody there");
    await apply(store, member(1, "join"));
    equal(await outcome(store, forget), "in-use", "who is in it");
    await store.transaction({ changes: [member(2, "leave"), forget] });
    equal(await store.roomsOf(ALICE), [], "forgotten");
    equal((await store.roomMembers(ROOM)).length, 1, "the room remembers");
    await apply(store, member(3, "invite"));
    equal((await store.roomsOf(ALICE))[0]?.membership, "invite", "asked in again");
    await store.close();
  });
}

function names({ test, open, reopen, equal }: ContractHarness): void {
  test("an alias leads to one room, and rooms are published or not", async () => {
    const store = await open();
    equal(await outcome(store, ALIAS), "missing", "no such room");
    await openRoom(store);
    await apply(store, { change: "add-room", room: "!next", version: "12" });
    await apply(store, ALIAS);
    equal(await outcome(store, { ...ALIAS, room: "!next" }), "exists", "twice");
    await apply(store, { change: "publish-room", room: ROOM, isPublished: true });
    await apply(store, event(1, { type: "m.room.member", stateKey: ALICE, membership: "join" }));
    const again = await reopen(store);
    equal(await again.roomAlias(ALIAS.alias), { alias: ALIAS.alias, room: ROOM, creator: ALICE }, "whose it is");
    equal(await again.roomAliases(ROOM), [ALIAS.alias], "of the room");
    equal([await again.isRoomPublished(ROOM), await again.isRoomPublished("!next")], [true, false], "published");
    equal(await again.publishedRooms(), [{ room: ROOM, joined: 1 }], "all that are");
    await again.close();
  });

  test("a room that replaces another one gets its aliases and its place in the directory", async () => {
    const store = await open();
    await openRoom(store);
    await apply(store, { change: "add-room", room: "!next", version: "12" });
    const publish = { change: "publish-room", room: ROOM, isPublished: true } as const;
    await store.transaction({ changes: [ALIAS, publish, { change: "replace-room", room: ROOM, by: "!next" }] });
    equal((await store.roomAlias(ALIAS.alias))?.room, "!next", "the alias");
    equal(await store.publishedRooms(), [{ room: "!next", joined: 0 }], "the directory");
    await apply(store, { change: "remove-room-alias", alias: ALIAS.alias });
    equal(await outcome(store, { change: "remove-room-alias", alias: ALIAS.alias }), "missing", "removed twice");
    equal(await outcome(store, { change: "replace-room", room: ROOM, by: "!no" }), "missing", "by no room");
    await apply(store, { ...publish, room: "!next", isPublished: false });
    equal(await store.publishedRooms(), [], "none any more");
    await store.close();
  });
}

function reading({ test, open, equal }: ContractHarness): void {
  test("receipts are found by what was given since, and watchers hear of them", async () => {
    const store = await open();
    await openRoom(store);
    await apply(store, event(1));
    const heard: unknown[] = [];
    store.watch(each => heard.push(each));
    const receipt = (user: string, thread: string, name: string): Change => {
      return { change: "put-receipt", room: ROOM, user, type: "m.read", thread, event: name, at: 5 };
    };
    equal(await apply(store, receipt(ALICE, "", "$1")), { position: 2 }, "it has a place in the stream");
    await store.transaction({ changes: [receipt(ALICE, "$1", "$1"), receipt(ALICE, "", "$2")] });
    const given = (await store.receipts(ROOM, 2)).map(each => [each.thread, each.event, each.position]);
    const expected = [
      ["$1", "$1", 3],
      ["", "$2", 4],
    ];
    equal(given, expected, "the newest of each thread");
    const one = await store.receipt(ROOM, ALICE, "m.read", "$1");
    equal(one, { user: ALICE, type: "m.read", thread: "$1", event: "$1", at: 5, position: 3 }, "one");
    equal(await store.receipt(ROOM, ALICE, "m.read", "$2"), undefined, "none");
    equal(
      heard,
      [1, 2].map(() => ({ on: "room", room: ROOM, users: [] })),
      "once a transaction",
    );
    equal(await outcome(store, { ...receipt(ALICE, "", "$1"), room: "!no" } as Change), "missing", "no such room");
    await store.close();
  });

  test("events are found by what they relate to, and by when they were said", async () => {
    const store = await open();
    await openRoom(store);
    const deep = `${'{"content":'.repeat(1_500)}{}${"}".repeat(1_500)}`;
    const odd = event(5, { json: '{"content":{"m.relates_to":{"event_id":5,"rel_type":[]}},"origin_server_ts":"x"}' });
    const changes = [
      event(1),
      related(2, "$1", "m.thread"),
      related(3, "$1", "m.annotation"),
      related(4, "$1", "m.thread"),
    ];
    await store.transaction({ changes: [...changes, odd, event(6, { json: deep })] });
    const range = { after: 0, upTo: 9, limit: 9 } as const;
    const rising = await store.relatedEvents(ROOM, "$1", undefined, { ...range, order: "rising" });
    equal(
      rising.map(each => each.event),
      ["$2", "$3", "$4"],
      "rising",
    );
    const falling = await store.relatedEvents(ROOM, "$1", undefined, { ...range, order: "falling", limit: 1 });
    equal(
      falling.map(each => each.event),
      ["$4"],
      "falling",
    );
    const reactions = await store.relatedEvents(ROOM, "$1", "m.annotation", { ...range, order: "rising" });
    equal(
      reactions.map(each => each.event),
      ["$3"],
      "in one way",
    );
    const summary = await store.threadSummary(ROOM, "$1", ALICE, 3);
    equal(summary, { count: 1, isTakingPart: false }, "a thread up to a place");
    equal(await store.threadsOf(ROOM, 99, 9), [{ root: "$1", position: 4 }], "threads");
    equal(await store.threadsOf(ROOM, 4, 9), [], "threads before");
    const at = async (time: number, direction: "after" | "before"): Promise<string | undefined> =>
      (await store.eventByTime(ROOM, time, direction))?.event;
    equal([await at(97, "after"), await at(97, "before"), await at(9, "before")], ["$3", "$3", undefined], "by time");
    await store.close();
  });
}

function files({ test, open, equal }: ContractHarness): void {
  const add = async (
    store: Store,
    media: string,
    account: AccountId,
    hash = HASH,
    octetsMax = 100,
  ): Promise<string> => {
    const answer = await store.transaction({
      blobs: [{ bytes: [pattern(40)] }],
      changes: [
        { change: "put-media", media, account, blob: { new: 0 }, hash, contentType: "a/b", name: "n", octetsMax },
      ],
    });
    return answer.ok ? "ok" : answer.refusal;
  };

  test("a file is kept once, however often it was brought, and goes with the last account that has it", async () => {
    const store = await open();
    const { account } = await settle(store);
    const bob = (await settle(store, "bob@scop.test")).account;
    equal([await add(store, "m1", account), await add(store, "m2", bob)], ["ok", "ok"], "brought twice");
    const [one, other] = [await store.media("m1"), await store.media("m2")];
    equal(one?.file?.blob, other?.file?.blob, "one blob");
    equal(one?.file && { ...one.file, blob: 0 }, { blob: 0, octets: 40, contentType: "a/b", name: "n" }, "the file");
    equal(await add(store, "m1", account), "exists", "brought already");
    await apply(store, { change: "remove-account", account });
    equal([await store.media("m1"), (await store.readBlob(other!.file!.blob)).length], [undefined, 40], "bob's");
    await apply(store, { change: "remove-account", account: bob });
    equal(await rejection(store.readBlob(other!.file!.blob)), "StoreCorrupt", "nobody's");
    await store.close();
  });

  test("a file that is awaited is brought by its account alone, within what it may have", async () => {
    const store = await open();
    const { account } = await settle(store);
    const bob = (await settle(store, "bob@scop.test")).account;
    await apply(store, { change: "await-media", media: "m1", account, forgetBefore: 0 });
    equal(
      await outcome(store, { change: "await-media", media: "m1", account: bob, forgetBefore: 0 }),
      "exists",
      "awaited twice",
    );
    equal((await store.media("m1"))?.file, undefined, "not there yet");
    equal((await store.mediaUse(account)).awaited.length, 1, "one is awaited");
    equal(await add(store, "m1", bob), "missing", "another account");
    equal(await add(store, "m1", account, HASH, 39), "over-quota", "too much");
    equal(await add(store, "m1", account), "ok", "brought");
    equal(await add(store, "m2", account), "ok", "the same again");
    equal(await add(store, "m3", account, new Uint8Array(32), 119), "over-quota", "in all too much");
    equal(await store.mediaUse(account), { octets: 80, awaited: [] }, "what it takes");
    const late = (media: string, forgetBefore: number): Change => ({
      change: "await-media",
      media,
      account,
      forgetBefore,
    });
    await store.transaction({ changes: [late("m4", 0), late("m5", Number.MAX_SAFE_INTEGER)] });
    equal((await store.mediaUse(account)).awaited.length, 1, "an old one is forgotten");
    await store.close();
  });
}

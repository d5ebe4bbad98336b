import type { Change } from "../changes.ts";
import { PEER_EDUS_MAX, PEER_EVENTS_MAX, type Sending } from "../peers.ts";
import type { Store } from "../port.ts";
import { apply, type ContractHarness, outcome } from "./tools.ts";

const PEER = "far.test";
const ROOMS = ["!a", "!b"] as const;

/** Rooms with events that are queued for servers in the same transaction. */
async function say(
  store: Store,
  room: string,
  numbers: readonly number[],
  to: readonly string[] = [PEER],
): Promise<void> {
  for (const number of numbers) {
    const event = `${room}${number}`;
    const answer = await store.transaction({
      changes: [
        {
          ...{ change: "add-event", room, event, type: "m", stateKey: undefined, membership: undefined },
          ...{ depth: number, previous: number === 1 ? [] : [`${room}${number - 1}`] },
          ...{ json: JSON.stringify(event), sentBy: undefined },
        },
        { change: "queue-event", event, to },
      ],
    });
    if (!answer.ok) throw new Error(answer.refusal);
  }
}

async function rooms(store: Store): Promise<void> {
  for (const room of ROOMS) await apply(store, { change: "add-room", room, version: "12" });
}

async function begin(store: Store, transaction: string, eventsMax = 2, edusMax = 2): Promise<Sending | undefined> {
  return (await apply(store, { change: "begin-sending", peer: PEER, transaction, eventsMax, edusMax })).sending;
}

function end(transaction: string, due?: number): Change {
  const outcome = due === undefined ? ({ outcome: "sent" } as const) : ({ outcome: "retry", due } as const);
  return { change: "end-sending", peer: PEER, transaction, outcome };
}

function edu(json: string, rest: Partial<Extract<Change, { readonly change: "queue-edu" }>> = {}): Change {
  return { change: "queue-edu", to: [PEER], json, key: undefined, keep: "always", ...rest };
}

function numbers(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_none, at) => from + at);
}

/** What other servers are told. */
export function peerContract({ test, open, reopen, equal }: ContractHarness): void {
  test("a transaction to another server is the same until it has ended, also after a restart", async () => {
    const store = await open();
    await rooms(store);
    await say(store, "!a", [1, 2, 3]);
    await apply(store, edu("1"));
    const first = { transaction: "t1", attempts: 0, events: ['"!a1"', '"!a2"'], edus: ["1"] };
    equal(await begin(store, "t1"), first, "the first two");
    await say(store, "!a", [4]);
    await apply(store, edu("2"));
    const again = await reopen(store);
    equal(await begin(again, "t2"), first, "the same");
    equal(await outcome(again, end("t2")), "lost-lease", "another one was not begun");
    await apply(again, end("t1", 50));
    equal(await begin(again, "t3"), { ...first, attempts: 1 }, "after a failure");
    await apply(again, end("t1"));
    equal(
      await begin(again, "t4"),
      { transaction: "t4", attempts: 0, events: ['"!a3"', '"!a4"'], edus: ["2"] },
      "the rest",
    );
    await apply(again, end("t4"));
    equal(await begin(again, "t5"), undefined, "nothing waits");
    equal(await again.peerQueue(PEER), undefined, "nothing is kept");
    await again.close();
  });

  test("who is due is found, those that fail apart from the others", async () => {
    const store = await open();
    await rooms(store);
    await say(store, "!a", [1], ["x.test", "y.test", PEER]);
    const laterMs = 3_600_000;
    const now = (await store.peerQueue(PEER))?.due ?? 0;
    await begin(store, "t1");
    await apply(store, end("t1", now + laterMs));
    const due = (
      which: "failing" | "reachable",
      at: number,
      exclude: readonly string[] = [],
    ): Promise<readonly string[]> => store.duePeers(at, 9, which, new Set(exclude));
    equal(await due("reachable", now), ["x.test", "y.test"], "at once");
    equal(await due("reachable", now, ["x.test"]), ["y.test"], "without one");
    equal(await due("reachable", now - 1), [], "not before");
    equal(await due("failing", now + laterMs - 1), [], "it rests");
    equal(await due("failing", now + laterMs), [PEER], "until then");
    equal(await store.nextPeerDue(), now, "the next one");
    await apply(store, { change: "retry-peer", peer: PEER });
    equal((await due("failing", Number.MAX_SAFE_INTEGER)).length, 1, "it is known");
    equal(((await store.peerQueue(PEER))?.due ?? now + laterMs) < now + laterMs, true, "sooner");
    equal(await outcome(store, { change: "retry-peer", peer: "z.test" }), "missing", "nothing waits there");
    equal(await outcome(store, { change: "queue-event", event: "$none", to: [] }), "missing", "no such event");
    await store.close();
  });

  test("of what waits long for a server the last event of each room stays, and what was begun", async () => {
    const store = await open();
    await rooms(store);
    await say(store, "!a", [1, 2, 3]);
    await begin(store, "t1");
    await apply(store, end("t1", 0));
    await say(store, "!b", [1]);
    await say(store, "!a", numbers(4, PEER_EVENTS_MAX));
    equal((await store.peerQueue(PEER))?.events, 4, "the events");
    await apply(store, end("t1"));
    equal((await begin(store, "t2", 50))?.events, ['"!b1"', `"!a${PEER_EVENTS_MAX}"`], "the last of each");
    await store.close();
  });

  test("what is no event replaces what has its key, is bounded, and may be left for who is there", async () => {
    const store = await open();
    await apply(store, edu("1", { key: "k" }));
    await apply(store, edu("2"));
    await apply(store, edu("3", { key: "k" }));
    equal((await begin(store, "t1"))?.edus, ["2", "3"], "the newer one");
    await apply(store, edu("4", { key: "k" }));
    await apply(store, end("t1", 0));
    await apply(store, edu("5", { keep: "while-reachable" }));
    await apply(store, edu("6", { keep: "while-reachable", to: ["near.test"] }));
    equal((await store.peerQueue(PEER))?.edus, 3, "those of the transaction, and one");
    for (const number of numbers(7, 7 + PEER_EDUS_MAX)) await apply(store, edu(String(number)));
    equal((await store.peerQueue(PEER))?.edus, PEER_EDUS_MAX, "no more");
    await apply(store, end("t1"));
    equal((await begin(store, "t2"))?.edus, ["10", "11"], "the oldest went");
    equal((await store.peerQueue("near.test"))?.edus, 1, "another server");
    await store.close();
  });

  test("keys of a server are what was put last", async () => {
    const store = await open();
    equal(await store.serverKeys(PEER), undefined, "none");
    await apply(store, { change: "put-server-keys", server: PEER, json: "1" });
    await apply(store, { change: "put-server-keys", server: PEER, json: "2" });
    const again = await reopen(store);
    equal(await again.serverKeys(PEER), "2", "the last");
    await again.close();
  });
}

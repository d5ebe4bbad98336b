import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "@scop/store";
import { jsonAnswer, openNetwork, type Server } from "./network.ts";

const FAR = "far.test";
const SECOND_MS = 1_000;
const EVENTS = 120;
const PLACES_MAX = 20;

/** Where a run ends at once: at a transaction of the store, before or after it is kept, or at one that the other server took without our knowing it. */
interface Cut {
  readonly at: number;
  readonly how: "before" | "after" | "answer";
}

/** A store that ends, for whoever uses it, at the place of a cut; `hit` tells of it. */
function cutting(store: Store, { at, how }: Cut, hit: () => void): Store {
  let transactions = 0;
  let isOver = false;
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const value = target[name];
      if (name !== "transaction") return typeof value === "function" ? value.bind(target) : value;
      return async (work: Parameters<Store["transaction"]>[0]) => {
        if (isOver) throw new Error("it is over");
        const isHere = transactions === at && how !== "answer";
        transactions += 1;
        if (isHere) isOver = true;
        if (isHere && how === "before") {
          hit();
          throw new Error("it is over");
        }
        const answer = await target.transaction(work);
        if (isHere) hit();
        if (isOver) throw new Error("it is over");
        return answer;
      };
    },
  });
}

async function queueAll({ store }: Server): Promise<void> {
  await store.transaction({ changes: [{ change: "add-room", room: "!a", version: "12" }] });
  const changes = Array.from({ length: EVENTS }, (_none, number) => [
    {
      ...({ change: "add-event", room: "!a", event: `$${number}`, type: "m", stateKey: undefined } as const),
      ...{ membership: undefined, depth: number, previous: number === 0 ? [] : [`$${number - 1}`] },
      ...{ json: `{"number":${number}}`, sentBy: undefined },
    },
    { change: "queue-event", event: `$${number}`, to: [FAR] } as const,
  ]).flat();
  assert.ok((await store.transaction({ changes })).ok);
}

/** Sends all, cut once. Answers whether it came to the cut. */
async function isCutRun(cut: Cut): Promise<boolean> {
  const network = await openNetwork(["one.test"]);
  const one = network.servers.get("one.test")!;
  let wasHit = false;
  let answers = 0;
  const taken = new Map<string, string>();
  const numbers: number[] = [];
  network.others.set(FAR, ({ target, body }) => {
    const { pdus } = JSON.parse(new TextDecoder().decode(body));
    const text = JSON.stringify(pdus);
    // The same id is the same transaction, and is not taken twice.
    assert.equal(taken.get(target) ?? text, text, JSON.stringify(cut));
    if (!taken.has(target)) for (const { number } of pdus) numbers.push(number);
    taken.set(target, text);
    answers += 1;
    if (cut.how !== "answer" || answers !== cut.at + 1) return jsonAnswer(200, { pdus: {} });
    wasHit = true;
    return { got: "failure", detail: "the answer was lost" };
  });
  const hit = (): void => {
    wasHit = true;
  };
  await queueAll(one);
  const cutOff = one.behind(store => cutting(store, cut, hit));
  for (let second = 0; second < 5; second += 1) await network.sim.advance(SECOND_MS);
  const again = await cutOff.restart();
  for (let second = 0; second < 10; second += 1) await network.sim.advance(SECOND_MS);
  assert.deepEqual(
    numbers,
    Array.from({ length: EVENTS }, (_none, number) => number),
    JSON.stringify(cut),
  );
  assert.equal(await again.store.peerQueue(FAR), undefined);
  await network.close();
  return wasHit;
}

for (const how of ["before", "after", "answer"] as const) {
  test(`an end at any moment loses nothing, sends nothing twice under two ids, and keeps the order: ${how}`, async () => {
    let at = 0;
    while (at < PLACES_MAX && (await isCutRun({ at, how }))) at += 1;
    assert.ok(at >= 3 && at < PLACES_MAX, `${at} places`);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { withDevices } from "./devices.ts";
import type { Client, Json } from "./world.ts";

function send(from: Client, to: Client | "*", txn: string, content: object = { txn }, user = ""): Promise<Json> {
  const messages = to === "*" ? { [user]: { "*": content } } : { [to.user]: { [to.device]: content } };
  return from.ok("PUT", `/sendToDevice/m.test/${txn}`, { messages });
}

const told = (answer: Json): readonly string[] => answer.to_device.events.map((each: Json) => each.content.txn);

test("a message to a device wakes it, and is told until the next token says that it came", () =>
  withDevices(async (world, alice, bob) => {
    const { next_batch: since } = await bob.sync();
    const waiting = bob.ok("GET", `/sync?since=${since}&timeout=30000`);
    await world.sim.advance(10);
    await send(alice, bob, "1");
    const first = await waiting;
    assert.deepEqual(first.to_device.events, [{ type: "m.test", sender: alice.user, content: { txn: "1" } }]);
    assert.deepEqual(told(await bob.sync(`since=${since}`)), ["1"], "the answer may have been lost");
    const again = await world.restart();
    const bob2 = again.client(bob.user, "BD", bob.token);
    assert.deepEqual(told(await bob2.sync(`since=${since}`)), ["1"], "nor does a restart lose it");
    const next = await bob2.sync(`since=${first.next_batch}`);
    assert.deepEqual([told(next), told(await bob2.sync(`since=${since}`))], [[], []], "it is gone");
    await again.close();
  }));

test("attack 20: a transaction id is of one device: again it sends nothing, from another device it does", () =>
  withDevices(async (world, alice, bob) => {
    const other = await world.login("alice", "AE");
    await send(alice, bob, "1", { txn: "first" });
    await send(alice, bob, "1", { txn: "again" });
    await send(other, bob, "1", { txn: "other device" });
    await alice.ok("PUT", "/sendToDevice/m.other/1", { messages: { [bob.user]: { BD: { txn: "other type" } } } });
    assert.deepEqual(told(await bob.sync()), ["first", "other device", "other type"]);
  }));

test("a star is all devices, and who is not there is passed over", () =>
  withDevices(async (world, alice, bob) => {
    const second = await world.login("bob", "BE");
    await send(alice, "*", "1", { txn: "all" }, bob.user);
    const messages = { [bob.user]: { GONE: {}, BE: { txn: "one" } }, "@nobody:scop.test": { X: {} }, odd: { "*": {} } };
    await alice.ok("PUT", "/sendToDevice/m.test/2", { messages });
    assert.deepEqual([told(await bob.sync()), told(await second.sync())], [["all"], ["all", "one"]]);
    assert.deepEqual(told(await alice.sync()), []);
  }));

test("more than one answer holds comes in the next ones, and rooms are not told again", () =>
  withDevices(async (_world, alice, bob) => {
    const { room_id: room } = await bob.ok("POST", "/createRoom", {});
    const { next_batch: since } = await bob.sync();
    for (let at = 0; at < 150; at += 1) await send(alice, bob, String(at));
    await bob.ok("PUT", `/rooms/${room}/send/m.room.message/1`, { body: "x", msgtype: "m.text" });
    const first = await bob.sync(`since=${since}`);
    assert.deepEqual([told(first).length, told(first)[99], Object.keys(first.rooms.join)], [100, "99", [room]]);
    const second = await bob.sync(`since=${first.next_batch}`);
    assert.deepEqual([told(second).length, told(second)[49], second.rooms.join], [50, "149", {}]);
    const last = await bob.sync(`since=${second.next_batch}`);
    assert.deepEqual([told(last), last.rooms.join], [[], {}]);
    const { chunk } = await bob.ok("GET", `/rooms/${room}/messages?dir=b&from=${first.next_batch}&limit=1`);
    assert.equal(chunk[0].content.body, "x");
  }));

test("what is too large or no message is refused whole", () =>
  withDevices(async (_world, alice, bob) => {
    const put = async (content: unknown, type = "m.test"): Promise<string> => {
      const messages = { [bob.user]: { BD: content } };
      const { status, body } = await alice.ask("PUT", `/sendToDevice/${type}/1`, { messages });
      return `${status} ${body.errcode}`;
    };
    assert.equal(await put("text"), "400 M_BAD_JSON");
    assert.equal(await put({ n: 1.5 }), "400 M_BAD_JSON");
    assert.equal(await put({ n: "x".repeat(66_000) }), "413 M_TOO_LARGE");
    assert.equal(await put({}, "x".repeat(300)), "400 M_INVALID_PARAM");
    assert.deepEqual(told(await bob.sync()), []);
  }));

test("the messages of a device go with it", () =>
  withDevices(async (world, alice, bob) => {
    await send(alice, bob, "1");
    await bob.ok("POST", "/logout", {});
    const again = await world.login("bob", "BD");
    assert.deepEqual(told(await again.sync()), []);
  }));

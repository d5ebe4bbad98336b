import assert from "node:assert/strict";
import { test } from "node:test";
import { crossSigningOf, fallbackKey, newKey, oneTimeKeys, publishedDevice, signed } from "./devices.ts";
import { type Net, openNet, type Server } from "./servers.ts";
import type { Client, Json } from "./world.ts";

const ALGORITHM = "signed_curve25519";

interface Two {
  readonly net: Net;
  readonly a: Server;
  readonly b: Server;
  readonly alice: Client;
  readonly bob: Client;
}

/** Two servers, with alice and the device `AD` on the one, and bob and `BD` on the other. */
async function between(body: (two: Two) => Promise<void>): Promise<void> {
  const net = await openNet("a.test", "b.test");
  try {
    const [a, b] = [net.servers.get("a.test")!, net.servers.get("b.test")!];
    await body({ net, a, b, alice: await a.login("alice", "AD"), bob: await b.login("bob", "BD") });
  } finally {
    await net.close();
  }
}

async function together({ net, alice, bob }: Two): Promise<string> {
  const { room_id: room } = await alice.ok("POST", "/createRoom", { preset: "public_chat" });
  await bob.ok("POST", `/join/${room}?via=a.test`, {});
  await net.deliver();
  return room;
}

function query(asker: Client, ...users: readonly string[]): Promise<Json> {
  return asker.ok("POST", "/keys/query", { device_keys: Object.fromEntries(users.map(user => [user, []])) });
}

async function claimed(asker: Client, owner: Client): Promise<Json> {
  return asker.ok("POST", "/keys/claim", { one_time_keys: { [owner.user]: { [owner.device]: ALGORITHM } } });
}

test("keys of a user of another server are found and claimed there, each once", () =>
  between(async ({ net, a, alice, bob }) => {
    const device = await publishedDevice(alice);
    await alice.ok("PUT", "/devices/AD", { display_name: "secret phone" });
    const all = oneTimeKeys(device, 1);
    await alice.ok("POST", "/keys/upload", { one_time_keys: all, fallback_keys: fallbackKey(device, 9) });
    const { device_keys: found, failures } = await query(bob, alice.user, bob.user);
    assert.deepEqual(found, { [alice.user]: { AD: { ...device.keys, unsigned: {} } }, [bob.user]: {} });
    assert.deepEqual(failures, {});
    assert.deepEqual(await claimed(bob, alice), { one_time_keys: { [alice.user]: { AD: all } }, failures: {} });
    assert.deepEqual(Object.keys((await claimed(bob, alice)).one_time_keys[alice.user].AD), [`${ALGORITHM}:9`]);
    net.part(a);
    const gone = await query(bob, alice.user, bob.user);
    assert.deepEqual([gone.device_keys, Object.keys(gone.failures)], [{ [bob.user]: {} }, ["a.test"]]);
    assert.deepEqual(Object.keys((await claimed(bob, alice)).failures), ["a.test"]);
  }));

test("who shares a room with a user of another server hears of their devices, and asks again", () =>
  between(async two => {
    const { net, alice, bob, b } = two;
    const { next_batch: before } = await bob.sync();
    await together(two);
    const joined = await bob.sync(`since=${before}`);
    assert.deepEqual(joined.device_lists, { changed: [alice.user], left: [] });
    const waiting = bob.ok("GET", `/sync?since=${joined.next_batch}&timeout=60000`);
    await publishedDevice(alice);
    await net.deliver();
    const heard = await waiting;
    assert.deepEqual(heard.device_lists, { changed: [alice.user], left: [] });
    const carol = await b.login("carol", "CD");
    await alice.ok("POST", "/keys/device_signing/upload", crossSigningOf(alice.user).body);
    await net.deliver();
    const signing = await bob.sync(`since=${heard.next_batch}`);
    assert.deepEqual(signing.device_lists.changed, [alice.user]);
    assert.deepEqual(
      (await carol.sync(`since=${heard.next_batch}`)).device_lists.changed,
      [carol.user],
      "of alice not",
    );
    await alice.ok("POST", "/logout", {});
    await net.deliver();
    assert.deepEqual((await bob.sync(`since=${signing.next_batch}`)).device_lists.changed, [alice.user]);
    assert.deepEqual((await query(bob, alice.user)).device_keys, { [alice.user]: {} });
  }));

test("keys of another server are kept while its news come, and asked for again when there are some", () =>
  between(async two => {
    const { net, a, b, alice, bob } = two;
    const device = await publishedDevice(alice);
    const asks = (): number => net.asked.filter(each => each.includes("user/keys/query")).length;
    const devicesOf = async (asker: Client): Promise<readonly string[]> =>
      Object.keys((await query(asker, alice.user)).device_keys[alice.user]);
    await devicesOf(bob);
    await devicesOf(bob);
    assert.equal(asks(), 2, "of whom nobody here shares a room with nothing is heard");
    await together(two);
    for (let times = 0; times < 3; times += 1) assert.deepEqual(await devicesOf(bob), ["AD"]);
    assert.equal(asks(), 3, "now it is");
    const carol = await b.login("carol", "CD");
    await devicesOf(carol);
    assert.equal(asks(), 4, "carol would hear of no change");
    await devicesOf(bob);
    net.part(a);
    assert.deepEqual(await devicesOf(bob), ["AD"], "also when it can't be reached");
    const some = await bob.ok("POST", "/keys/query", { device_keys: { [alice.user]: ["XX"] } });
    assert.deepEqual(some.device_keys, { [alice.user]: {} });
    net.part();
    const before = asks();
    const second = await publishedDevice(await a.login("alice", "AE"));
    await net.deliver();
    assert.deepEqual(await devicesOf(bob), ["AD", "AE"]);
    assert.equal(asks(), before + 1);
    await second.client.ok("POST", "/logout", {});
    await net.deliver();
    assert.deepEqual(await devicesOf(bob), [device.client.device]);
  }));

test("who was out of all rooms with a user meanwhile asks again", () =>
  between(async two => {
    const { net, a, alice, bob } = two;
    await publishedDevice(alice);
    const room = await together(two);
    await query(bob, alice.user);
    await bob.ok("POST", `/rooms/${room}/leave`, {});
    await net.deliver();
    await publishedDevice(await a.login("alice", "AE"));
    await net.deliver();
    await bob.ok("POST", `/join/${room}?via=a.test`, {});
    await net.deliver();
    const { device_keys: found } = await query(bob, alice.user);
    assert.deepEqual(Object.keys(found[alice.user]), ["AD", "AE"]);
  }));

test("messages to devices go to another server, once, and wait for one that can't be reached", () =>
  between(async ({ net, a, alice, bob }) => {
    const send = (txn: string, device = "BD"): Promise<Json> =>
      alice.ok("PUT", `/sendToDevice/m.test/${txn}`, { messages: { [bob.user]: { [device]: { txn } } } });
    net.part(a);
    await send("1");
    await send("1");
    await send("2", "*");
    await send("3", "GONE");
    net.part();
    await net.sim.advance(60_000);
    await net.deliver();
    const { to_device: told } = await bob.sync();
    const expected = ["1", "2"].map(txn => ({ type: "m.test", sender: alice.user, content: { txn } }));
    assert.deepEqual(told.events, expected);
  }));

test("a user of another server is verified, and nobody there hears of it", () =>
  between(async ({ alice, bob }) => {
    const [own, theirs] = [crossSigningOf(alice.user), crossSigningOf(bob.user)];
    await alice.ok("POST", "/keys/device_signing/upload", own.body);
    await bob.ok("POST", "/keys/device_signing/upload", theirs.body);
    const { master_keys: before, user_signing_keys: hidden } = await query(alice, bob.user);
    assert.deepEqual(hidden, {});
    const userKeyId = `ed25519:${own.userSigning.text}`;
    const sign = (key: Json): Promise<Json> =>
      alice.ok("POST", "/keys/signatures/upload", { [bob.user]: { [theirs.master.text]: key } });
    const right = signed(before[bob.user], alice.user, userKeyId, own.userSigning);
    const { failures } = await sign(signed(before[bob.user], alice.user, userKeyId, newKey()));
    assert.equal(failures[bob.user][theirs.master.text].errcode, "M_INVALID_SIGNATURE");
    assert.deepEqual((await sign(right)).failures, {});
    assert.deepEqual((await query(alice, bob.user)).master_keys[bob.user].signatures, right.signatures);
    assert.deepEqual((await query(bob, bob.user)).master_keys[bob.user].signatures, {});
  }));

const FEDERATION = "/_matrix/federation/v1";
let count = 0;
async function transaction(to: Server, from: Server, ...edus: readonly Json[]): Promise<number> {
  count += 1;
  const body = { origin: from.name, origin_server_ts: 1, pdus: [], edus };
  return (await to.asPeer(from, "PUT", `${FEDERATION}/send/t${count}`, body)).status;
}

test("attack 16: another server is told of users of this one alone, and of no name of a device", () =>
  between(async two => {
    const { a, b, alice, bob } = two;
    await together(two);
    const device = await publishedDevice(alice);
    await alice.ok("PUT", "/devices/AD", { display_name: "secret phone" });
    const { body, master } = crossSigningOf(alice.user);
    await alice.ok("POST", "/keys/device_signing/upload", body);
    await publishedDevice(bob);
    await query(alice, bob.user);
    const path = (user: string): string => `${FEDERATION}/user/devices/${encodeURIComponent(user)}`;
    const { status, stream_id: stream, ...told } = await a.asPeer(b, "GET", path(alice.user));
    assert.deepEqual([status, typeof stream], [200, "number"]);
    assert.deepEqual(told.devices, [{ device_id: "AD", keys: { ...device.keys, unsigned: {} } }]);
    assert.deepEqual(Object.keys(told.master_key.keys), [`ed25519:${master.text}`]);
    assert.deepEqual(Object.keys(told).sort(), ["devices", "master_key", "self_signing_key", "user_id"]);
    assert.equal((await a.asPeer(b, "GET", path(bob.user))).status, 404);
    const asked = { device_keys: { [alice.user]: [], [bob.user]: [] } };
    const found = await a.asPeer(b, "POST", `${FEDERATION}/user/keys/query`, asked);
    assert.deepEqual(Object.keys(found.device_keys), [alice.user]);
    assert.equal(JSON.stringify([told, found]).includes("secret phone"), false);
    assert.deepEqual(Object.keys(found).sort(), ["device_keys", "master_keys", "self_signing_keys", "status"]);
  }));

test("attack 13: a server speaks for its own users alone", () =>
  between(async two => {
    const { a, b, alice, bob } = two;
    await together(two);
    const { next_batch: since } = await alice.sync();
    const message = { type: "m.test", message_id: "x", messages: { [alice.user]: { AD: { forged: true } } } };
    const update = { device_id: "X", stream_id: 1, prev_id: [] };
    const edus = [
      { edu_type: "m.direct_to_device", content: { ...message, sender: alice.user } },
      { edu_type: "m.direct_to_device", content: { ...message, sender: "@eve:far.test" } },
      { edu_type: "m.device_list_update", content: { ...update, user_id: alice.user } },
      { edu_type: "m.signing_key_update", content: { user_id: "@eve:far.test" } },
      { edu_type: "m.device_list_update", content: { ...update, user_id: "@stranger:b.test" } },
    ];
    assert.equal(await transaction(a, b, ...edus), 200);
    const after = await alice.sync(`since=${since}`);
    assert.deepEqual([after.to_device.events, after.device_lists], [[], { changed: [], left: [] }]);
    assert.deepEqual(
      (await alice.ok("GET", `/keys/changes?from=s0&to=${since}`)).changed,
      [alice.user, bob.user].sort(),
    );
  }));

test("attack 17: one bad item of another server keeps nothing else from being taken", () =>
  between(async two => {
    const { net, a, b, alice, bob } = two;
    await together(two);
    const message = { sender: bob.user, type: "m.test", message_id: "m" };
    const messages = {
      [alice.user]: { AD: { good: true }, XX: "text", YY: { n: 1.5 } },
      "no user": { X: {} },
      [bob.user]: 5,
      "@nobody:a.test": { X: {} },
    };
    const bad = [
      { edu_type: "m.direct_to_device", content: { ...message, messages: "none" } },
      { edu_type: "m.direct_to_device", content: { ...message, message_id: 7, messages } },
      { edu_type: "m.device_list_update", content: { user_id: 7 } },
      { edu_type: "m.direct_to_device", content: { ...message, message_id: "n", messages } },
      { edu_type: "m.direct_to_device", content: { ...message, message_id: "n", messages } },
    ];
    assert.equal(await transaction(a, b, ...bad), 200);
    const { to_device: told } = await alice.sync();
    assert.deepEqual(told.events, [{ type: "m.test", sender: bob.user, content: { good: true } }]);

    const device = await publishedDevice(alice);
    net.lies.set("a.test user", answer => ({
      ...answer,
      device_keys: {
        [alice.user]: {
          AD: { ...device.keys, signatures: { [alice.user]: null, other: 5 }, unsigned: 5 },
          XX: device.keys,
          YY: null,
        },
        [bob.user]: { BD: device.keys },
      },
      master_keys: { [alice.user]: { user_id: alice.user, keys: {}, signatures: { x: null } }, [bob.user]: {} },
      self_signing_keys: 5,
    }));
    const { device_keys: found, master_keys: masters } = await query(bob, alice.user, bob.user);
    assert.deepEqual([Object.keys(found[alice.user]), found[bob.user]], [["AD"], {}]);
    assert.deepEqual(Object.keys(masters), [alice.user]);
  }));

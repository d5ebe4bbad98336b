import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deviceOf,
  fallbackKey,
  newKey,
  oneTimeKeys,
  publishedDevice,
  sharedRoom,
  signed,
  somePublic,
  withDevices,
} from "./devices.ts";
import type { Client, Json } from "./world.ts";

const ALGORITHM = "signed_curve25519";
const claimOf = (client: Client): Json => ({ one_time_keys: { [client.user]: { [client.device]: ALGORITHM } } });

async function claimed(asker: Client, owner: Client): Promise<readonly string[]> {
  const { one_time_keys: keys } = await asker.ok("POST", "/keys/claim", claimOf(owner));
  return Object.keys(keys[owner.user]?.[owner.device] ?? {});
}

async function refused(client: Client, body: object): Promise<string> {
  const { status, body: answer } = await client.ask("POST", "/keys/upload", body);
  return `${status} ${answer.errcode}`;
}

test("a device publishes its keys, and everybody finds them with its name", () =>
  withDevices(async (_world, alice, bob) => {
    const { keys } = await publishedDevice(alice);
    await alice.ok("PUT", "/devices/AD", { display_name: "phone" });
    const { device_keys: found, failures } = await bob.ok("POST", "/keys/query", {
      device_keys: { [alice.user]: [], "@nobody:scop.test": [], "@far:far.test": [] },
    });
    assert.deepEqual(found, { [alice.user]: { AD: { ...keys, unsigned: { device_display_name: "phone" } } } });
    assert.deepEqual(failures, {});
    const some = await bob.ok("POST", "/keys/query", { device_keys: { [alice.user]: ["OTHER"] } });
    assert.deepEqual(some.device_keys, { [alice.user]: {} });
  }));

test("keys that are not the device's own, or that it did not sign, are refused", () =>
  withDevices(async (_world, alice) => {
    const { keys } = deviceOf(alice);
    const foreign = newKey();
    const resigned = (change: object, key = foreign, device = "AD"): Json =>
      signed({ ...keys, ...change, signatures: {} }, alice.user, `ed25519:${device}`, key);
    const named = { "ed25519:AD": foreign.text, "curve25519:AD": somePublic(1) };
    const cases: readonly (readonly [what: string, device_keys: Json, answer: string])[] = [
      ["of another user", resigned({ user_id: "@bob:scop.test" }), "400 M_INVALID_PARAM"],
      ["of another device", resigned({ device_id: "XX" }), "400 M_INVALID_PARAM"],
      ["named by another device", resigned({ keys: { ...named, "ed25519:XX": foreign.text } }), "400 M_INVALID_PARAM"],
      ["without the key that signs", resigned({ keys: { "curve25519:AD": somePublic(1) } }), "400 M_INVALID_PARAM"],
      ["with a short key", resigned({ keys: { ...named, "curve25519:AD": "AAAA" } }), "400 M_INVALID_PARAM"],
      ["not signed", { ...keys, signatures: {} }, "400 M_INVALID_SIGNATURE"],
      ["changed after it was signed", { ...keys, algorithms: [] }, "400 M_INVALID_SIGNATURE"],
      ["signed by a foreign key", resigned({}), "400 M_INVALID_SIGNATURE"],
      ["of a small order", resigned({ keys: { ...named, "ed25519:AD": somePublic(0) } }), "400 M_INVALID_SIGNATURE"],
      ["with a fraction", { ...keys, more: 1.5 }, "400 M_BAD_JSON"],
      ["too large", { ...keys, more: "x".repeat(20_000) }, "413 M_TOO_LARGE"],
    ];
    for (const [what, device_keys, answer] of cases) assert.equal(await refused(alice, { device_keys }), answer, what);
    const { device_keys: found } = await alice.ok("POST", "/keys/query", { device_keys: { [alice.user]: [] } });
    assert.deepEqual(found, { [alice.user]: {} });
  }));

test("a device never gets another identity", () =>
  withDevices(async (_world, alice) => {
    const { keys } = await publishedDevice(alice);
    assert.equal(await refused(alice, { device_keys: deviceOf(alice).keys }), "400 M_INVALID_PARAM");
    await alice.ok("POST", "/keys/upload", { device_keys: keys });
  }));

test("attack 20: a one-time key is given out once, to whoever asks at the same time and after a restart", () =>
  withDevices(async (world, alice, bob) => {
    const device = await publishedDevice(alice);
    const all = oneTimeKeys(device, 1, 2, 3, 4);
    const { one_time_key_counts: counts } = await alice.ok("POST", "/keys/upload", { one_time_keys: all });
    assert.deepEqual(counts, { [ALGORITHM]: 4 });
    const { one_time_keys: first } = await bob.ok("POST", "/keys/claim", claimOf(alice));
    const name = `${ALGORITHM}:1`;
    assert.deepEqual(first, { [alice.user]: { AD: { [name]: all[name] } } });
    const both = await Promise.all([claimed(bob, alice), claimed(alice, alice)]);
    assert.deepEqual(both.flat().sort(), [`${ALGORITHM}:2`, `${ALGORITHM}:3`]);
    const again = await world.restart();
    const [alice2, bob2] = [again.client(alice.user, "AD", alice.token), again.client(bob.user, "BD", bob.token)];
    assert.deepEqual(await claimed(bob2, alice2), [`${ALGORITHM}:4`]);
    // A client that never heard the answer to its upload sends it again.
    const { one_time_key_counts: none } = await alice2.ok("POST", "/keys/upload", { one_time_keys: all });
    assert.deepEqual([none, await claimed(bob2, alice2)], [{ [ALGORITHM]: 0 }, []]);
    await again.close();
  }));

test("one-time keys have to be signed by the device, and an id has one key", () =>
  withDevices(async (_world, alice, bob) => {
    const device = deviceOf(alice);
    const upload = (one_time_keys: object): Promise<string> => refused(alice, { one_time_keys });
    assert.equal(await upload(oneTimeKeys(device, 1)), "400 M_INVALID_SIGNATURE", "before the device is known");
    await alice.ok("POST", "/keys/upload", { device_keys: device.keys, one_time_keys: oneTimeKeys(device, 1) });
    const [own] = Object.values(oneTimeKeys(device, 2));
    const [foreign] = Object.values(oneTimeKeys(deviceOf(bob), 2));
    const cases: readonly (readonly [what: string, keys: object, answer: string])[] = [
      ["another key of this id", { [`${ALGORITHM}:1`]: own }, "400 M_INVALID_PARAM"],
      ["signed by nobody", { [`${ALGORITHM}:2`]: { key: somePublic(2), signatures: {} } }, "400 M_INVALID_SIGNATURE"],
      ["signed by somebody else", { [`${ALGORITHM}:2`]: foreign }, "400 M_INVALID_SIGNATURE"],
      ["without a signature", { "curve25519:2": somePublic(2) }, "400 M_INVALID_PARAM"],
      ["without an id", { [ALGORITHM]: own }, "400 M_INVALID_PARAM"],
      ["no key", { [`${ALGORITHM}:2`]: { key: "AAAA", signatures: {} } }, "400 M_INVALID_PARAM"],
    ];
    for (const [what, keys, answer] of cases) assert.equal(await upload(keys), answer, what);
    assert.deepEqual([await claimed(bob, alice), await claimed(bob, alice)], [[`${ALGORITHM}:1`], []]);
  }));

test("a key to fall back to is told to have been used, and one-time keys how many are left", () =>
  withDevices(async (_world, alice, bob) => {
    const device = await publishedDevice(alice);
    const body = { one_time_keys: oneTimeKeys(device, 1), fallback_keys: fallbackKey(device, 9) };
    await alice.ok("POST", "/keys/upload", body);
    const told = async (): Promise<Json> => {
      const answer = await alice.sync();
      return [answer.device_one_time_keys_count, answer.device_unused_fallback_key_types];
    };
    assert.deepEqual(await told(), [{ [ALGORITHM]: 1 }, [ALGORITHM]]);
    await claimed(bob, alice);
    assert.deepEqual(await told(), [{ [ALGORITHM]: 0 }, [ALGORITHM]]);
    assert.deepEqual(await claimed(bob, alice), [`${ALGORITHM}:9`]);
    assert.deepEqual(await told(), [{ [ALGORITHM]: 0 }, []]);
    assert.deepEqual(await claimed(bob, alice), [`${ALGORITHM}:9`]);
  }));

test("one bad item keeps nothing else from being claimed or found", () =>
  withDevices(async (_world, alice, bob) => {
    const device = await publishedDevice(alice);
    await alice.ok("POST", "/keys/upload", { one_time_keys: oneTimeKeys(device, 1) });
    const one_time_keys = {
      [alice.user]: { AD: ALGORITHM, GONE: ALGORITHM, ODD: 5 },
      "no user": { X: ALGORITHM },
      "@far:far.test": { X: ALGORITHM },
      [bob.user]: "nothing",
      __proto__: { X: ALGORITHM },
    };
    const { one_time_keys: found } = await bob.ok("POST", "/keys/claim", { one_time_keys });
    assert.deepEqual(Object.keys(found), [alice.user]);
    assert.deepEqual(Object.keys(found[alice.user]), ["AD"]);
    const asked = '{"device_keys":{"__proto__":[],"no user":[],"@alice:scop.test":[5]}}';
    assert.deepEqual((await bob.ok("POST", "/keys/query", asked)).device_keys, { [alice.user]: {} });
  }));

test("who shares a room hears of new keys at once, and nobody else does", () =>
  withDevices(async (world, alice, bob) => {
    const carol = await world.login("carol", "CD");
    await sharedRoom(alice, bob);
    const [{ next_batch: bobs }, { next_batch: carols }] = [await bob.sync(), await carol.sync()];
    const waiting = bob.ok("GET", `/sync?since=${bobs}&timeout=30000`);
    await world.sim.advance(10);
    await publishedDevice(alice);
    assert.deepEqual((await waiting).device_lists, { changed: [alice.user], left: [] });
    assert.deepEqual((await carol.sync(`since=${carols}`)).device_lists, { changed: [], left: [] });
    const changes = await bob.ok("GET", `/keys/changes?from=${bobs}&to=${(await bob.sync()).next_batch}`);
    assert.deepEqual(changes, { changed: [alice.user], left: [] });
  }));

test("who comes into a room and who leaves the last one are told", () =>
  withDevices(async (world, alice, bob) => {
    const carol = await world.login("carol", "CD");
    const listsAfter = async (client: Client, since: string): Promise<Json> =>
      (await client.sync(`since=${since}`)).device_lists;
    const room = await sharedRoom(alice);
    const { next_batch: before } = await alice.sync();
    const { next_batch: bobs } = await bob.sync();
    await bob.ok("POST", `/join/${room}`, {});
    assert.deepEqual(await listsAfter(alice, before), { changed: [bob.user], left: [] });
    assert.deepEqual(await listsAfter(bob, bobs), { changed: [alice.user], left: [] });
    await bob.ok("PUT", `/profile/${bob.user}/displayname`, { displayname: "Bob" });
    const { next_batch: joined } = await alice.sync();
    await bob.ok("PUT", `/profile/${bob.user}/displayname`, { displayname: "Robert" });
    assert.deepEqual(await listsAfter(alice, joined), { changed: [], left: [] }, "a name is no move");
    const second = await sharedRoom(alice, bob);
    const { next_batch: both } = await alice.sync();
    await bob.ok("POST", `/rooms/${second}/leave`, {});
    assert.deepEqual(await listsAfter(alice, both), { changed: [], left: [] }, "one room is left");
    const { next_batch: bobsLast } = await bob.sync();
    await bob.ok("POST", `/rooms/${room}/leave`, {});
    await carol.ok("POST", `/join/${room}`, {});
    assert.deepEqual(await listsAfter(alice, both), { changed: [carol.user], left: [bob.user] });
    assert.deepEqual(await listsAfter(bob, bobsLast), { changed: [], left: [alice.user] }, "nobody who came later");
  }));

test("attack 17: what else stands among the signatures of a key is not kept, and breaks nobody's question", () =>
  withDevices(async (_world, alice, bob) => {
    const { keys } = deviceOf(alice);
    const own = { ...keys.signatures[alice.user], odd: 5 };
    const signatures = { [alice.user]: own, [bob.user]: { "ed25519:BD": "AAAA" }, none: null, text: "x" };
    await alice.ok("POST", "/keys/upload", { device_keys: { ...keys, signatures } });
    const { device_keys: found } = await bob.ok("POST", "/keys/query", { device_keys: { [alice.user]: [] } });
    assert.deepEqual(found[alice.user].AD.signatures, keys.signatures);
  }));

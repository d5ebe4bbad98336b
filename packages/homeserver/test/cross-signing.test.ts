import assert from "node:assert/strict";
import { test } from "node:test";
import { crossSigningOf, newKey, passwordOf, publishedDevice, sharedRoom, signed, withDevices } from "./devices.ts";
import { type Client, type Json, PASSWORD, refusal } from "./world.ts";

const UPLOAD = "/keys/device_signing/upload";
const SIGN = "/keys/signatures/upload";

async function keysOf(asker: Client, user: string): Promise<Json> {
  return asker.ok("POST", "/keys/query", { device_keys: { [user]: [] } });
}

/** Alice and bob with a device and keys for cross-signing each. */
async function settled(alice: Client, bob: Client): Promise<Json> {
  const [device, others] = [await publishedDevice(alice), await publishedDevice(bob)];
  const [own, theirs] = [crossSigningOf(alice.user), crossSigningOf(bob.user)];
  await alice.ok("POST", UPLOAD, own.body);
  await bob.ok("POST", UPLOAD, theirs.body);
  return { device, others, own, theirs };
}

test("the first keys are taken, the same again too, and everybody finds those that are theirs to see", () =>
  withDevices(async (_world, alice, bob) => {
    const { body } = crossSigningOf(alice.user);
    await alice.ok("POST", UPLOAD, body);
    await alice.ok("POST", UPLOAD, body);
    const [own, seen] = [await keysOf(alice, alice.user), await keysOf(bob, alice.user)];
    const { master_key: master, self_signing_key: selfSigning, user_signing_key: userSigning } = body;
    assert.deepEqual(own.master_keys[alice.user].keys, master.keys);
    assert.deepEqual(own.self_signing_keys[alice.user], selfSigning);
    assert.deepEqual(own.user_signing_keys[alice.user], userSigning);
    assert.deepEqual(seen.self_signing_keys[alice.user], selfSigning);
    assert.deepEqual(seen.user_signing_keys, {}, "whom alice knows is nobody's business");
  }));

test("attack 20: other keys need the password, and take nothing of the old ones along", () =>
  withDevices(async (world, alice, bob) => {
    const { own, device } = await settled(alice, bob);
    const { keys: deviceKeys } = device;
    const bySelf = signed(deviceKeys, alice.user, `ed25519:${own.selfSigning.text}`, own.selfSigning);
    await alice.ok("POST", SIGN, { [alice.user]: { AD: bySelf } });
    const other = crossSigningOf(alice.user);
    const first = await alice.ask("POST", UPLOAD, other.body);
    assert.deepEqual([first.status, Object.keys((await keysOf(alice, alice.user)).master_keys).length], [401, 1]);
    const userKey = crossSigningOf(alice.user).userSigning;
    const alone = { user_id: alice.user, usage: ["user_signing"], keys: { [`ed25519:${userKey.text}`]: userKey.text } };
    const byOld = signed(alone, alice.user, `ed25519:${own.master.text}`, own.master);
    assert.equal((await alice.ask("POST", UPLOAD, { user_signing_key: byOld })).status, 401, "one of them");
    const auth = passwordOf("alice", PASSWORD, first.body.session);
    const replaced = { master_key: other.body.master_key, auth };
    assert.equal((await world.sim.until(alice.ask("POST", UPLOAD, replaced))).status, 401, "of another request");
    const proved = { ...replaced, auth: passwordOf("alice", PASSWORD) };
    await world.sim.until(alice.ok("POST", UPLOAD, proved));
    const now = await keysOf(alice, alice.user);
    assert.deepEqual(now.master_keys[alice.user].keys, other.body.master_key.keys);
    assert.deepEqual([now.self_signing_keys, now.user_signing_keys], [{}, {}], "they were signed by the old one");
    assert.deepEqual(Object.keys(now.device_keys[alice.user].AD.signatures[alice.user]), ["ed25519:AD"]);
  }));

test("keys that are not what they have to be are refused", () =>
  withDevices(async (world, alice) => {
    const { body, master } = crossSigningOf(alice.user);
    const { body: foreign } = crossSigningOf("@bob:scop.test");
    const strange = newKey();
    await world.login("alice", master.text);
    const keys = { [`ed25519:${strange.text}`]: strange.text };
    const cases: readonly (readonly [what: string, body: Json, errcode: string])[] = [
      ["nothing", {}, "M_MISSING_PARAM"],
      ["no master key", { self_signing_key: body.self_signing_key }, "M_MISSING_PARAM"],
      ["of another user", foreign, "M_INVALID_PARAM"],
      ["of another use", { master_key: body.self_signing_key }, "M_INVALID_PARAM"],
      [
        "named otherwise",
        { master_key: { ...body.master_key, keys: { "ed25519:x": master.text } } },
        "M_INVALID_PARAM",
      ],
      [
        "two keys",
        { master_key: { ...body.master_key, keys: { ...body.master_key.keys, ...keys } } },
        "M_INVALID_PARAM",
      ],
      ["named as a device", body, "M_INVALID_PARAM"],
      [
        "signed by another master key",
        { master_key: { ...body.master_key, keys }, self_signing_key: body.self_signing_key },
        "M_INVALID_SIGNATURE",
      ],
      [
        "changed after it was signed",
        { master_key: { ...body.master_key, keys }, self_signing_key: { ...body.self_signing_key, keys } },
        "M_INVALID_SIGNATURE",
      ],
    ];
    for (const [what, sent, errcode] of cases) {
      assert.deepEqual(await refusal(alice.ask("POST", UPLOAD, sent)), [400, errcode], what);
    }
    assert.deepEqual((await keysOf(alice, alice.user)).master_keys, {});
  }));

test("a signature is seen by its user and by whom it is about, and by nobody else", () =>
  withDevices(async (world, alice, bob) => {
    const carol = await world.login("carol", "CD");
    await sharedRoom(alice, bob, carol);
    const { own, theirs, device } = await settled(alice, bob);
    const since = await Promise.all([alice, bob, carol].map(async each => (await each.sync()).next_batch));
    const masterOf = async (asker: Client, user: string): Promise<Json> =>
      (await keysOf(asker, user)).master_keys[user];
    const userKeyId = `ed25519:${own.userSigning.text}`;
    const ofBob = signed(await masterOf(alice, bob.user), alice.user, userKeyId, own.userSigning);
    const byDevice = signed(await masterOf(alice, alice.user), alice.user, "ed25519:AD", device.key);
    const bySelf = signed(device.keys, alice.user, `ed25519:${own.selfSigning.text}`, own.selfSigning);
    const { failures } = await alice.ok("POST", SIGN, {
      [bob.user]: { [theirs.master.text]: ofBob },
      [alice.user]: { [own.master.text]: byDevice, AD: bySelf },
    });
    assert.deepEqual(failures, {});
    assert.deepEqual((await masterOf(alice, bob.user)).signatures, ofBob.signatures);
    assert.deepEqual((await masterOf(bob, bob.user)).signatures, {}, "bob does not hear who verified him");
    assert.deepEqual((await masterOf(carol, bob.user)).signatures, {});
    assert.deepEqual((await masterOf(carol, alice.user)).signatures, byDevice.signatures);
    const devices = (await keysOf(carol, alice.user)).device_keys;
    assert.equal(Object.keys(devices[alice.user].AD.signatures[alice.user]).length, 2);
    const lists = await Promise.all(
      [alice, bob, carol].map(async (each, at) => (await each.sync(`since=${since[at]}`)).device_lists.changed),
    );
    assert.deepEqual(lists, [[alice.user, bob.user], [alice.user], [alice.user]]);
  }));

test("one bad signature is named and keeps no other from being taken", () =>
  withDevices(async (_world, alice, bob) => {
    const { own, theirs, device } = await settled(alice, bob);
    const bobs = (await keysOf(alice, bob.user)).master_keys[bob.user];
    const userKeyId = `ed25519:${own.userSigning.text}`;
    const right = signed(bobs, alice.user, userKeyId, own.userSigning);
    const bySelf = signed(device.keys, alice.user, `ed25519:${own.selfSigning.text}`, newKey());
    const { failures } = await alice.ok("POST", SIGN, {
      [bob.user]: { [theirs.master.text]: right, BD: right, OTHER: right },
      [alice.user]: { AD: bySelf, [own.master.text]: { ...right, user_id: alice.user }, odd: 5 },
      "@far:far.test": { x: right },
    });
    const codes = Object.entries<Json>(failures).map(([user, each]) => [
      user,
      Object.fromEntries(Object.entries<Json>(each).map(([target, fault]) => [target, fault.errcode])),
    ]);
    assert.deepEqual(Object.fromEntries(codes), {
      [bob.user]: { BD: "M_NOT_FOUND", OTHER: "M_NOT_FOUND" },
      [alice.user]: { AD: "M_INVALID_SIGNATURE", [own.master.text]: "M_NOT_FOUND", odd: "M_BAD_JSON" },
      "@far:far.test": { x: "M_NOT_FOUND" },
    });
    const { master_keys: seen } = await keysOf(alice, bob.user);
    assert.deepEqual(seen[bob.user].signatures, right.signatures);
  }));

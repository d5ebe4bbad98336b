import assert from "node:assert/strict";
import { test } from "node:test";
import { withDevices } from "./devices.ts";
import { type Client, type Json, refusal } from "./world.ts";

const ALGORITHM = "m.megolm_backup.v1.curve25519-aes-sha2";

function keyOf(text: string, rest: object = {}): Json {
  return { first_message_index: 5, forwarded_count: 0, is_verified: false, session_data: { text }, ...rest };
}

async function newBackup(client: Client): Promise<string> {
  const body = { algorithm: ALGORITHM, auth_data: { public_key: "k", weight: 1.5 } };
  return (await client.ok("POST", "/room_keys/version", body)).version;
}

test("a backup is made, told, changed and removed", () =>
  withDevices(async (_world, alice, bob) => {
    assert.deepEqual(await refusal(alice.ask("GET", "/room_keys/version")), [404, "M_NOT_FOUND"]);
    const version = await newBackup(alice);
    const expected = {
      algorithm: ALGORITHM,
      auth_data: { public_key: "k", weight: 1.5 },
      version,
      etag: "0",
      count: 0,
    };
    assert.deepEqual(await alice.ok("GET", "/room_keys/version"), expected);
    const changed = { algorithm: ALGORITHM, auth_data: { public_key: "l" }, version };
    await alice.ok("PUT", `/room_keys/version/${version}`, changed);
    assert.deepEqual((await alice.ok("GET", `/room_keys/version/${version}`)).auth_data, { public_key: "l" });
    const other = alice.ask("PUT", `/room_keys/version/${version}`, { ...changed, version: "1" });
    assert.deepEqual(await refusal(other), [400, "M_INVALID_PARAM"]);
    assert.deepEqual(await refusal(bob.ask("GET", `/room_keys/version/${version}`)), [404, "M_NOT_FOUND"]);
    await alice.ok("DELETE", `/room_keys/version/${version}`);
    for (const path of ["/room_keys/version", `/room_keys/version/${version}`, `/room_keys/keys?version=${version}`]) {
      assert.deepEqual(await refusal(alice.ask("GET", path)), [404, "M_NOT_FOUND"], path);
    }
  }));

test("keys are put and read as a whole, by room and by session, also after a restart", () =>
  withDevices(async (world, alice) => {
    const version = await newBackup(alice);
    const at = (path: string): string => `/room_keys/keys${path}?version=${version}`;
    const all = { rooms: { "!a": { sessions: { s: keyOf("as"), t: keyOf("at") } } } };
    assert.deepEqual(await alice.ok("PUT", at(""), all), { etag: "1", count: 2 });
    assert.deepEqual(await alice.ok("PUT", at("/!b"), { sessions: { s: keyOf("bs") } }), { etag: "2", count: 3 });
    assert.deepEqual(await alice.ok("PUT", at("/!c/x%2Fy"), keyOf("cx")), { etag: "3", count: 4 });
    const again = await world.restart();
    const alice2 = again.client(alice.user, "AD", alice.token);
    const { rooms } = await alice2.ok("GET", at(""));
    assert.deepEqual(rooms, {
      ...all.rooms,
      "!b": { sessions: { s: keyOf("bs") } },
      "!c": { sessions: { "x/y": keyOf("cx") } },
    });
    assert.deepEqual(await alice2.ok("GET", at("/!a")), all.rooms["!a"]);
    assert.deepEqual(await alice2.ok("GET", at("/!a/s")), keyOf("as"));
    assert.deepEqual(await alice2.ok("GET", at("/!none")), { sessions: {} });
    assert.deepEqual(await refusal(alice2.ask("GET", at("/!a/none"))), [404, "M_NOT_FOUND"]);
    assert.deepEqual(await alice2.ok("DELETE", at("/!a/s")), { etag: "4", count: 3 });
    assert.deepEqual(await alice2.ok("DELETE", at("")), { etag: "5", count: 0 });
    await again.close();
  }));

test("the better of two keys stays", () =>
  withDevices(async (_world, alice) => {
    const version = await newBackup(alice);
    const path = `/room_keys/keys/!a/s?version=${version}`;
    const kept = async (key: Json): Promise<string> => {
      await alice.ok("PUT", path, key);
      return (await alice.ok("GET", path)).session_data.text;
    };
    assert.equal(await kept(keyOf("first")), "first");
    assert.equal(await kept(keyOf("later", { first_message_index: 6 })), "first");
    assert.equal(await kept(keyOf("earlier", { first_message_index: 2, forwarded_count: 9 })), "earlier");
    assert.equal(await kept(keyOf("less forwarded", { first_message_index: 2, forwarded_count: 3 })), "less forwarded");
    assert.equal(await kept(keyOf("verified", { is_verified: true, first_message_index: 8 })), "verified");
    assert.equal(await kept(keyOf("unverified", { first_message_index: 0 })), "verified");
  }));

test("attack 20: of backups that are made at the same time the newest takes keys, and a version never comes back", () =>
  withDevices(async (_world, alice) => {
    const [one, other] = (await Promise.all([newBackup(alice), newBackup(alice)])).map(Number).sort((a, b) => a - b);
    const put = (version: number): ReturnType<Client["ask"]> =>
      alice.ask("PUT", `/room_keys/keys/!a/s?version=${version}`, keyOf("x"));
    const late = await put(one!);
    assert.deepEqual(
      [late.status, late.body.errcode, late.body.current_version],
      [403, "M_WRONG_ROOM_KEYS_VERSION", String(other)],
    );
    assert.equal((await put(other!)).status, 200);
    await alice.ok("DELETE", `/room_keys/version/${other}`);
    const next = Number(await newBackup(alice));
    assert.ok(next > other!);
    assert.deepEqual(await refusal(put(other!)), [404, "M_NOT_FOUND"]);
  }));

test("what is no key is refused, and nothing of it is kept", () =>
  withDevices(async (_world, alice) => {
    const version = await newBackup(alice);
    const bad: readonly (readonly [what: string, key: Json, status: number])[] = [
      ["no data", keyOf("x", { session_data: "text" }), 400],
      ["below zero", keyOf("x", { first_message_index: -1 }), 400],
      ["not whole", keyOf("x", { forwarded_count: 1.5 }), 400],
      ["too large", keyOf("x".repeat(20_000)), 413],
    ];
    for (const [what, key, status] of bad) {
      const rooms = { "!a": { sessions: { good: keyOf("x"), bad: key } } };
      assert.equal((await alice.ask("PUT", `/room_keys/keys?version=${version}`, { rooms })).status, status, what);
    }
    assert.deepEqual(await alice.ok("GET", `/room_keys/keys?version=${version}`), { rooms: {} });
    for (const none of ["0", "-1", "x", "99999999999999999999"]) {
      const path = `/room_keys/keys?version=${none}`;
      assert.deepEqual(await refusal(alice.ask("PUT", path, { rooms: {} })), [404, "M_NOT_FOUND"], none);
    }
  }));

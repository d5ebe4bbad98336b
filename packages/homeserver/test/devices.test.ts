import assert from "node:assert/strict";
import { test } from "node:test";
import { DEVICES_MAX } from "../src/devices.ts";
import { passwordOf, publishedDevice, sharedRoom, withDevices } from "./devices.ts";
import { type Client, type Json, PASSWORD } from "./world.ts";

async function names(client: Client): Promise<readonly string[]> {
  return (await client.ok("GET", "/devices")).devices.map((each: Json) => each.device_id);
}

test("devices are listed, read and named by their owner alone", () =>
  withDevices(async (world, alice, bob) => {
    await world.login("alice", "AE");
    await alice.ok("PUT", "/devices/AE", { display_name: "tablet" });
    assert.deepEqual(await alice.ok("GET", "/devices/AE"), { device_id: "AE", display_name: "tablet" });
    const { last_seen_ip: from, last_seen_ts: at } = await alice.ok("GET", "/devices/AD");
    assert.deepEqual([from, typeof at], ["192.0.2.9", "number"], "it was used");
    assert.deepEqual([await names(alice), await names(bob)], [["AD", "AE"], ["BD"]]);
    const tried = [
      await bob.ask("GET", "/devices/AE"),
      await bob.ask("PUT", "/devices/AE", { display_name: "mine" }),
      await alice.ask("PUT", "/devices/AE", { display_name: "x".repeat(256) }),
    ];
    assert.deepEqual(
      tried.map(each => [each.status, each.body.errcode]),
      [
        [404, "M_NOT_FOUND"],
        [404, "M_NOT_FOUND"],
        [400, "M_TOO_LARGE"],
      ],
    );
  }));

test("a device is deleted by the password, and its token ends", () =>
  withDevices(async (world, alice, bob) => {
    const other = await world.login("alice", "AE");
    await sharedRoom(alice, bob);
    const { next_batch: since } = await bob.sync();
    const first = await alice.ask("DELETE", "/devices/AE", {});
    assert.deepEqual([first.status, first.body.flows], [401, [{ stages: ["m.login.password"] }]]);
    const { session } = first.body;
    const wrong = await world.sim.until(
      alice.ask("DELETE", "/devices/AE", { auth: passwordOf("alice", "wrong", session) }),
    );
    assert.deepEqual([wrong.status, wrong.body.errcode, wrong.body.session], [401, "M_FORBIDDEN", session]);
    assert.equal((await other.ask("GET", "/account/whoami")).status, 200);
    await world.sim.until(alice.ok("DELETE", "/devices/AE", { auth: passwordOf("alice", PASSWORD, session) }));
    assert.equal((await other.ask("GET", "/account/whoami")).body.errcode, "M_UNKNOWN_TOKEN");
    assert.deepEqual((await bob.sync(`since=${since}`)).device_lists.changed, [alice.user]);
    const more = { devices: ["AD", "GONE"], auth: passwordOf(alice.user, PASSWORD) };
    await world.sim.until(alice.ok("POST", "/delete_devices", more));
    assert.equal((await alice.ask("GET", "/devices")).body.errcode, "M_UNKNOWN_TOKEN");
  }));

test("attack 20: a session is of one request, of one device of one user, and the password is the owner's", () =>
  withDevices(async (world, alice, bob) => {
    await world.login("alice", "AE");
    const other = await world.login("alice", "AF");
    const { session } = (await alice.ask("DELETE", "/devices/AE", {})).body;
    const auth = passwordOf("alice", PASSWORD, session);
    const tried = [
      await world.sim.until(alice.ask("DELETE", "/devices/AF", { auth })),
      await world.sim.until(other.ask("DELETE", "/devices/AE", { auth })),
      await world.sim.until(alice.ask("POST", "/delete_devices", { devices: ["AE"], auth })),
      await world.sim.until(alice.ask("DELETE", "/devices/AE", { auth: passwordOf("bob", PASSWORD, session) })),
      await world.sim.until(bob.ask("DELETE", "/devices/BD", { auth: passwordOf("alice", PASSWORD) })),
      await alice.ask("DELETE", "/devices/AE", { auth: { session } }),
      await alice.ask("DELETE", "/devices/AE", { auth: { ...auth, type: "m.login.dummy" } }),
    ];
    assert.deepEqual(
      tried.map(each => each.status),
      tried.map(() => 401),
    );
    assert.deepEqual([await names(alice), await names(bob)], [["AD", "AE", "AF"], ["BD"]]);
  }));

test("an account has so many devices: the one that was used the longest time ago goes", () =>
  withDevices(async (world, alice) => {
    const { id: account } = (await world.store.accountByAddress("alice@scop.test"))!;
    const added = Array.from({ length: DEVICES_MAX - 1 }, (_none, at) => {
      const token = new Uint8Array(32).fill(at);
      return { change: "add-login", account, device: `D${at}`, displayName: undefined, token } as const;
    });
    await world.sim.advance(1_000);
    await world.store.transaction({ changes: added });
    await world.sim.advance(1_000);
    const last = await world.login("alice", "LAST");
    const known = await names(last);
    assert.deepEqual([known.length, known.includes("LAST"), known.includes("AD")], [DEVICES_MAX, true, false]);
    assert.equal((await alice.ask("GET", "/devices")).body.errcode, "M_UNKNOWN_TOKEN");
  }));

test("keys of a device that logs out are found no more", () =>
  withDevices(async (_world, alice, bob) => {
    await publishedDevice(alice);
    await alice.ok("POST", "/logout", {});
    const { device_keys: found } = await bob.ok("POST", "/keys/query", { device_keys: { [alice.user]: [] } });
    assert.deepEqual(found, { [alice.user]: {} });
  }));

test("a device that is deleted while it waits hears nothing more", () =>
  withDevices(async (world, alice) => {
    const other = await world.login("alice", "AE");
    const { next_batch: since } = await other.sync();
    const waiting = other.ask("GET", `/sync?since=${since}&timeout=60000`);
    await world.sim.advance(10);
    await world.sim.until(alice.ok("DELETE", "/devices/AE", { auth: passwordOf("alice", PASSWORD) }));
    const { status, body } = await waiting;
    assert.deepEqual([status, body.errcode, body.rooms], [401, "M_UNKNOWN_TOKEN", undefined]);
  }));

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePorts, type ServerProcess, startReady, stopServer } from "../../crash/server-process.ts";
import { logIn, sdk, textsOf, until } from "./matrix-sdk.ts";
import { type CryptoDevice, type Recovery, setUp, startDevice, verify } from "./matrix-sdk-crypto.ts";
import { BENCH_MISSING } from "./program.ts";

describe("matrix-js-sdk with its crypto", { skip: sdk === undefined ? BENCH_MISSING : false }, () => {
  let folder: string;
  let server: ServerProcess;
  const devices: CryptoDevice[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "scop-crypto-"));
    server = await startReady({ data: join(folder, "data"), ports: await freePorts() });
  });
  after(async () => {
    for (const { client } of devices) client.stopClient();
    await stopServer(server);
    await rm(folder, { recursive: true, force: true });
  });

  const bobs: Recovery = { key: undefined };
  const device = async (user: string, recovery: Recovery = { key: undefined }): Promise<CryptoDevice> => {
    const started = await startDevice(server.ports.http, await logIn(server.ports.http, user), recovery);
    devices.push(started);
    return started;
  };
  const restart = async (): Promise<void> => {
    const { ports } = server;
    assert.equal(await stopServer(server), true, server.output());
    server = await startReady({ data: join(folder, "data"), ports });
  };
  const reads = (who: CryptoDevice, room: string, text: string): Promise<void> =>
    until(`${who.login.user_id} ${who.login.device_id} reads ${text}`, () => textsOf(who.client, room).includes(text));

  it("talks encrypted, over a restart, to devices that come later, and restores from the backup", async () => {
    const recovery: Recovery = { key: undefined };
    const [alice, bob] = [await device("alice", recovery), await device("bob", bobs)];
    assert.equal(await setUp(alice, false), 0, "the first keys need no password");
    await setUp(bob, false);
    const { room_id: room } = await alice.client.createRoom({
      preset: "trusted_private_chat",
      is_direct: true,
      invite: [bob.login.user_id],
      initial_state: [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }],
    });
    await until("bob is asked in", () => bob.client.getRoom(room)?.getMyMembership() === "invite");
    await bob.client.joinRoom(room);
    await until("both are in", () => alice.client.getRoom(room)?.getJoinedMemberCount() === 2);
    await alice.client.sendTextMessage(room, "only for bob");
    await reads(bob, room, "only for bob");
    const events = bob.client.getRoom(room)!.getLiveTimeline().getEvents();
    assert.equal(events.find(each => each.getContent().body === "only for bob")?.getWireType(), "m.room.encrypted");
    await bob.client.sendTextMessage(room, "only for alice");
    await reads(alice, room, "only for alice");

    await restart();
    await alice.client.sendTextMessage(room, "after the restart");
    await reads(bob, room, "after the restart");

    const second = await device("alice");
    const shown = await verify(second, alice);
    assert.deepEqual([shown.length, shown[0]], [2, shown[1]]);
    const isVerified = async (by: CryptoDevice, of: CryptoDevice): Promise<boolean> =>
      (await by.crypto.getDeviceVerificationStatus(of.login.user_id, of.login.device_id))?.crossSigningVerified ===
      true;
    await until(
      "each knows the other",
      async () => (await isVerified(alice, second)) && (await isVerified(second, alice)),
    );
    await bob.client.sendTextMessage(room, "for both devices");
    await Promise.all([reads(alice, room, "for both devices"), reads(second, room, "for both devices")]);

    await until("all keys are backed up", async () => (await alice.crypto.getActiveSessionBackupVersion()) !== null);
    await restart();
    const third = await device("alice", recovery);
    await third.crypto.checkKeyBackupAndEnable();
    await third.crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await until("the keys of both rooms are there", async () => (await third.crypto.restoreKeyBackup()).total >= 2);
    for (const text of ["only for bob", "only for alice", "after the restart", "for both devices"]) {
      await reads(third, room, text);
    }
  });

  it("replaces its keys for cross-signing by the password", async () => {
    // Not a new device: the client forgets new keys when it still waits for the answer to a question about the old ones.
    const bob = devices.find(({ login }) => login.user_id === "@bob:scop.test")!;
    assert.equal(await setUp(bob, true), 1);
    await until("they are there", () => bob.crypto.isCrossSigningReady());
  });
});

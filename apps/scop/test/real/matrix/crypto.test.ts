import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { logIn, sdk, textsOf, until } from "../matrix-sdk.ts";
import { type CryptoDevice, setUp, startDevice, verifyUser } from "../matrix-sdk-crypto.ts";
import { BENCH_MISSING } from "../program.ts";
import { type MatrixServer, startTwoOfOurs, startTwoServers, synapseMissing } from "./servers.ts";

interface Pair {
  /** Ours, with alice. */
  readonly own: MatrixServer;
  /** With bob. */
  readonly other: MatrixServer;
  close(): Promise<void>;
}

async function twoOfOurs(): Promise<Pair> {
  const { servers, close } = await startTwoOfOurs();
  return { own: servers[0], other: servers[1], close };
}

async function withSynapse(): Promise<Pair> {
  const { scop, synapse, close } = await startTwoServers();
  await synapse.user("bob");
  return { own: scop, other: synapse, close };
}

const PAIRS: readonly (readonly [what: string, start: () => Promise<Pair>, skip: string | false])[] = [
  ["two of our servers", twoOfOurs, false],
  ["our server and a current Synapse", withSynapse, synapseMissing()],
];

for (const [what, start, missing] of PAIRS) {
  describe(`matrix-js-sdk with its crypto on ${what}`, { skip: sdk === undefined ? BENCH_MISSING : missing }, () => {
    let pair: Pair;
    const devices: CryptoDevice[] = [];
    before(async () => {
      pair = await start();
    });
    after(async () => {
      for (const { client } of devices) client.stopClient();
      await pair.close();
    });
    const device = async ({ clientPort }: MatrixServer, user: string): Promise<CryptoDevice> => {
      const started = await startDevice(clientPort, await logIn(clientPort, user), { key: undefined });
      devices.push(started);
      return started;
    };
    const told = async (
      room: string,
      text: string,
      from: CryptoDevice,
      ...to: readonly CryptoDevice[]
    ): Promise<void> => {
      await from.client.sendTextMessage(room, text);
      for (const { client, login } of to) {
        await until(`${login.user_id} ${login.device_id} reads ${text}`, () => textsOf(client, room).includes(text));
      }
    };

    it("talks encrypted both ways, between users who verify each other, to devices that come later, and after ours was killed", async () => {
      const [alice, bob] = [await device(pair.own, "alice"), await device(pair.other, "bob")];
      for (const each of [alice, bob]) await setUp(each, false);
      const { room_id: room } = await alice.client.createRoom({
        preset: "trusted_private_chat",
        is_direct: true,
        invite: [bob.login.user_id],
        room_version: "11",
        initial_state: [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }],
      });
      await until("bob is asked in", () => bob.client.getRoom(room)?.getMyMembership() === "invite");
      await bob.client.joinRoom(room);
      await until("both are in", () => alice.client.getRoom(room)?.getJoinedMemberCount() === 2);
      await told(room, "only for bob", alice, bob);
      await told(room, "only for alice", bob, alice);
      const events = bob.client.getRoom(room)!.getLiveTimeline().getEvents();
      assert.equal(events.find(each => each.getContent().body === "only for bob")?.getWireType(), "m.room.encrypted");

      const shown = await verifyUser(alice, bob, room);
      assert.deepEqual([shown.length, shown[0]], [2, shown[1]]);
      const verified = async (by: CryptoDevice, of: CryptoDevice): Promise<boolean> =>
        (await by.crypto.getUserVerificationStatus(of.login.user_id)).isCrossSigningVerified();
      await until(
        "each has verified the other",
        async () => (await verified(alice, bob)) && (await verified(bob, alice)),
      );

      const second = await device(pair.other, "bob");
      const knows = async (): Promise<boolean> =>
        (await alice.crypto.getDeviceVerificationStatus(second.login.user_id, second.login.device_id)) !== null;
      await until("alice hears of the second device of bob", knows);
      await told(room, "for both devices of bob", alice, bob, second);
      const other = await device(pair.own, "alice");
      const hears = async (): Promise<boolean> =>
        (await bob.crypto.getDeviceVerificationStatus(other.login.user_id, other.login.device_id)) !== null;
      await until("bob hears of the second device of alice", hears);
      await told(room, "for both devices of alice", bob, alice, other);

      await pair.own.kill();
      await pair.own.start();
      await told(room, "after the restart", alice, bob, second);
      await told(room, "and back", bob, alice, other);
    });
  });
}

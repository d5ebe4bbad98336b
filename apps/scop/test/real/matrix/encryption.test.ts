import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { logIn, sdk, textsOf, until } from "../matrix-sdk.ts";
import { type CryptoDevice, startDevice } from "../matrix-sdk-crypto.ts";
import { BENCH_MISSING } from "../program.ts";
import { startTwoServers, synapseMissing, type TwoServers } from "./servers.ts";

const ENCRYPTED = [{ type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } }];

describe("encrypted rooms with a current Synapse", { skip: synapseMissing() || (sdk ? false : BENCH_MISSING) }, () => {
  let two: TwoServers;
  let alice: CryptoDevice;
  let carol: CryptoDevice;
  before(async () => {
    two = await startTwoServers();
    await two.synapse.user("carol");
    const device = async (port: number, user: string): Promise<CryptoDevice> =>
      startDevice(port, await logIn(port, user), { key: undefined });
    alice = await device(two.scop.clientPort, "alice");
    carol = await device(two.synapse.clientPort, "carol");
  });
  after(async () => {
    for (const device of [alice, carol]) device?.client.stopClient();
    await two.close();
  });

  /** Both can read what is last said in a room, and nobody else can: it went over the wire as something else. */
  const read = async (room: string, text: string): Promise<void> => {
    for (const { client, login } of [alice, carol]) {
      await until(`${login.user_id} reads ${text}`, () => textsOf(client, room).includes(text));
      const events = client.getRoom(room)?.getLiveTimeline().getEvents() ?? [];
      const types = events.filter(each => each.getContent().body === text).map(each => each.getWireType());
      assert.deepEqual(types, ["m.room.encrypted"]);
    }
  };

  const talk = async (host: CryptoDevice, guest: CryptoDevice, version: string): Promise<void> => {
    const options = { preset: "trusted_private_chat", invite: [guest.login.user_id], initial_state: ENCRYPTED };
    const { room_id: room } = await host.client.createRoom({ ...options, room_version: version });
    await until("the guest is asked in", () => guest.client.getRoom(room)?.getMyMembership() === "invite");
    await guest.client.joinRoom(room);
    await until("both are in", () => host.client.getRoom(room)?.getJoinedMemberCount() === 2);
    await host.client.sendTextMessage(room, `hello ${version}`);
    await read(room, `hello ${version}`);
    await guest.client.sendTextMessage(room, `back ${version}`);
    await read(room, `back ${version}`);
  };

  for (const version of ["10", "11", "12"]) {
    it(`version ${version}: a room of ours`, () => talk(alice, carol, version));
    it(`version ${version}: a room of Synapse`, () => talk(carol, alice, version));
  }
});

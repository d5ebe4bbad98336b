import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePorts, type ServerProcess, startReady, stopServer } from "../../crash/server-process.ts";
import {
  type Login,
  logIn as logInAt,
  newClient,
  optionsOf,
  type SdkClient,
  sdk,
  start,
  textsOf,
  until,
} from "./matrix-sdk.ts";
import { BENCH_MISSING } from "./program.ts";

describe("matrix-js-sdk", { skip: sdk === undefined ? BENCH_MISSING : false }, () => {
  let folder: string;
  let server: ServerProcess;
  const clients: SdkClient[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "scop-matrix-"));
    server = await startReady({ data: join(folder, "data"), ports: await freePorts() });
  });
  after(async () => {
    for (const client of clients) client.stopClient();
    await stopServer(server);
    await rm(folder, { recursive: true, force: true });
  });

  const logIn = async (user: string): Promise<{ readonly client: SdkClient; readonly login: Login }> => {
    const login = await logInAt(server.ports.http, user);
    return { client: await started(login), login };
  };
  const started = async (login: Login): Promise<SdkClient> => {
    const client = newClient(server.ports.http, optionsOf(login));
    clients.push(client);
    await start(client);
    return client;
  };

  it("logs in two mail accounts, who make a room, are asked in, talk, and go on after a restart", async () => {
    const { client: alice, login: aliceLogin } = await logIn("alice");
    const { client: bob, login: bobLogin } = await logIn("@bob:scop.test");
    assert.equal((await bob.whoami()).user_id, "@bob:scop.test");
    await alice.setDisplayName("Alice");
    const { room_id: room } = await alice.createRoom({
      name: "Plans",
      preset: "private_chat",
      invite: [bobLogin.user_id],
    });
    await until("bob is asked in", () => bob.getRoom(room)?.getMyMembership() === "invite");
    assert.equal(bob.getRoom(room)?.name, "Plans");
    await bob.joinRoom(room);
    await until("both are in", () => alice.getRoom(room)?.getJoinedMemberCount() === 2);
    assert.equal(alice.getRoom(room)?.getVersion(), "12");
    await alice.sendTextMessage(room, "hello bob");
    await until("bob reads it", () => textsOf(bob, room).includes("hello bob"));
    await bob.sendTextMessage(room, "hello alice");
    await bob.setAccountData("test.scop.kept", { yes: true });
    await until("alice reads it", () => textsOf(alice, room).includes("hello alice"));
    assert.deepEqual(textsOf(alice, room), ["hello bob", "hello alice"]);
    await assert.rejects(bob.setRoomTopic(room, "not mine"), { errcode: "M_FORBIDDEN", httpStatus: 403 });

    const { ports } = server;
    assert.equal(await stopServer(server), true, server.output());
    server = await startReady({ data: join(folder, "data"), ports });
    await alice.sendTextMessage(room, "after the restart");
    await until("who was waiting goes on", () => textsOf(bob, room).includes("after the restart"));
    const again = await started(bobLogin);
    await until("everything is there", () => textsOf(again, room).length === 3);
    assert.deepEqual(textsOf(again, room), ["hello bob", "hello alice", "after the restart"]);

    await alice.kick(room, bobLogin.user_id, "enough");
    await until("bob is out", () => bob.getRoom(room)?.getMyMembership() === "leave");
    await assert.rejects(bob.sendTextMessage(room, "still here"));
    await alice.logout(true);
    const gone = newClient(ports.http, { accessToken: aliceLogin.access_token });
    await assert.rejects(gone.whoami(), { errcode: "M_UNKNOWN_TOKEN" });
  });

  it("reads a long room backwards to its beginning", async () => {
    const { client: alice } = await logIn("alice");
    const { room_id: room } = await alice.createRoom({});
    for (let at = 0; at < 60; at += 1) await alice.sendTextMessage(room, `m${at}`);
    const { client: bob } = await logIn("alice");
    await until("the room is there", () => textsOf(bob, room).length > 0);
    assert.equal(textsOf(bob, room).length, 20);
    for (let turn = 0; turn < 5; turn += 1) await bob.scrollback(bob.getRoom(room)!, 30);
    assert.deepEqual(
      textsOf(bob, room),
      Array.from({ length: 60 }, (_none, at) => `m${at}`),
    );
  });
});

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts, type ServerProcess, startReady, stopServer } from "../../crash/server-process.ts";
import { BENCH_MISSING, fromBench } from "./program.ts";
import { PASSWORD } from "./server.ts";

interface Login {
  readonly user_id: string;
  readonly access_token: string;
  readonly device_id: string;
}
interface SdkEvent {
  getType(): string;
  getContent(): { readonly body?: string };
  getSender(): string;
  getId(): string;
}
interface Room {
  readonly roomId: string;
  readonly name: string;
  getMyMembership(): string;
  getJoinedMemberCount(): number;
  getLiveTimeline(): { getEvents(): readonly SdkEvent[] };
  getVersion(): string;
}
interface SdkClient {
  loginRequest(data: object): Promise<Login>;
  startClient(options: object): Promise<void>;
  stopClient(): void;
  on(event: string, listener: (state: string) => void): void;
  getRoom(room: string): Room | null;
  getRooms(): readonly Room[];
  createRoom(options: object): Promise<{ readonly room_id: string }>;
  invite(room: string, user: string): Promise<object>;
  joinRoom(room: string): Promise<Room>;
  leave(room: string): Promise<object>;
  kick(room: string, user: string, reason: string): Promise<object>;
  setRoomTopic(room: string, topic: string): Promise<object>;
  setDisplayName(name: string): Promise<object>;
  setAccountData(type: string, content: object): Promise<object>;
  sendTextMessage(room: string, text: string): Promise<{ readonly event_id: string }>;
  scrollback(room: Room, limit: number): Promise<Room>;
  whoami(): Promise<{ readonly user_id: string }>;
  logout(stop: boolean): Promise<object>;
}
interface Sdk {
  createClient(options: object): SdkClient;
}

const WAIT_MS_MAX = 20_000;
const LOOK_MS = 25;
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, getChild: () => quiet };
// Its rooms and sessions tell the console everything, whatever logger a client has.
for (const level of ["debug", "info", "log", "warn", "error"] as const) console[level] = () => undefined;
// Nor does it clear what it sets against hanging requests: nobody waits for that.
const setTimer = globalThis.setTimeout;
globalThis.setTimeout = ((...given: Parameters<typeof setTimer>) => setTimer(...given).unref()) as typeof setTimeout;
const sdk = fromBench<Sdk>("matrix-js-sdk");

/** Waits until something is so. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; waited < WAIT_MS_MAX; waited += LOOK_MS) {
    if (isSo()) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`it did not come to this: ${what}`);
}

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
    const baseUrl = `http://127.0.0.1:${server.ports.http}`;
    const identifier = { type: "m.id.user", user };
    const asked = { type: "m.login.password", identifier, password: PASSWORD };
    const login = await sdk!.createClient({ baseUrl, logger: quiet }).loginRequest(asked);
    return { client: await started(login), login };
  };
  const started = async (login: Login): Promise<SdkClient> => {
    const client = sdk!.createClient({
      baseUrl: `http://127.0.0.1:${server.ports.http}`,
      accessToken: login.access_token,
      userId: login.user_id,
      deviceId: login.device_id,
      logger: quiet,
    });
    clients.push(client);
    let state = "";
    client.on("sync", now => {
      state = now;
    });
    await client.startClient({ initialSyncLimit: 20, lazyLoadMembers: true });
    await until("the first sync", () => state === "PREPARED" || state === "SYNCING");
    return client;
  };
  const textsOf = (client: SdkClient, room: string): readonly string[] =>
    (client.getRoom(room)?.getLiveTimeline().getEvents() ?? [])
      .filter(each => each.getType() === "m.room.message")
      .map(each => each.getContent().body ?? "");

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
    const token = { baseUrl: `http://127.0.0.1:${ports.http}`, accessToken: aliceLogin.access_token, logger: quiet };
    await assert.rejects(sdk!.createClient(token).whoami(), { errcode: "M_UNKNOWN_TOKEN" });
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

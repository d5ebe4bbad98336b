import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePorts, type ServerProcess, startReady, stopServer } from "../../crash/server-process.ts";
import { logIn, newClient, optionsOf, type SdkClient, sdk, start, textsOf, until } from "./matrix-sdk.ts";
import { BENCH_MISSING, fromBench } from "./program.ts";

/** An event, as far as these tests look at it. */
interface TalkEvent {
  getId(): string;
  isRedacted(): boolean;
  getContent(): object;
}

/** A room, as far as these tests look at it. */
interface TalkRoom {
  findEventById(event: string): TalkEvent | undefined;
  hasUserReadEvent(user: string, event: string): boolean;
  getUnreadNotificationCount(kind: "total" | "highlight"): number;
  getMember(user: string): { readonly typing: boolean } | null;
  getThread(root: string): { readonly length: number; readonly replyToEvent: TalkEvent | null } | null;
}

/** What clients do beside sending texts. */
interface TalkClient extends Omit<SdkClient, "getRoom"> {
  getRoom(room: string): (TalkRoom & ReturnType<SdkClient["getRoom"]>) | null;
  redactEvent(
    room: string,
    event: string,
    transaction?: string,
    options?: object,
  ): Promise<{ readonly event_id: string }>;
  createAlias(alias: string, room: string): Promise<object>;
  getRoomIdForAlias(alias: string): Promise<{ readonly room_id: string }>;
  deleteAlias(alias: string): Promise<object>;
  publicRooms(options: object): Promise<{ readonly chunk: readonly { readonly room_id: string }[] }>;
  sendReadReceipt(event: TalkEvent): Promise<object>;
  sendTyping(room: string, isTyping: boolean, timeoutMs: number): Promise<object>;
  sendEvent(room: string, type: string, content: object): Promise<{ readonly event_id: string }>;
  uploadContent(file: Blob, options: object): Promise<{ readonly content_uri: string }>;
  mxcUrlToHttp(
    uri: string,
    width: number | undefined,
    height: number | undefined,
    method: string | undefined,
    direct: boolean,
    redirects: boolean,
    authenticated: boolean,
  ): string;
  searchMessageText(options: object): Promise<{
    readonly search_categories: { readonly room_events: { readonly results: readonly object[] } };
  }>;
}

/** The part of the client that slides. */
interface Sliding {
  readonly SlidingSync: new (
    baseUrl: string,
    lists: ReadonlyMap<string, object>,
    rooms: object,
    client: SdkClient,
    timeoutMs: number,
  ) => object;
}

const sliding = fromBench<Sliding>("matrix-js-sdk/lib/sliding-sync.js");
const ALICE = "@alice:scop.test";
const BOB = "@bob:scop.test";

describe("matrix-js-sdk, beside messages", { skip: sdk === undefined ? BENCH_MISSING : false }, () => {
  let folder: string;
  let server: ServerProcess;
  let alice: TalkClient;
  let bob: TalkClient;
  let aliceToken: string;
  const clients: SdkClient[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "scop-matrix-"));
    server = await startReady({ data: join(folder, "data"), ports: await freePorts() });
    const begun = async (user: string): Promise<readonly [TalkClient, string]> => {
      const login = await logIn(server.ports.http, user);
      const client = newClient(server.ports.http, optionsOf(login));
      clients.push(client);
      await start(client, { threadSupport: true });
      return [client as unknown as TalkClient, login.access_token];
    };
    [alice, aliceToken] = await begun("alice");
    [bob] = await begun("bob");
  });
  after(async () => {
    for (const client of clients) client.stopClient();
    await stopServer(server);
    await rm(folder, { recursive: true, force: true });
  });

  /** A room with both in it. */
  const shared = async (options: object = {}): Promise<string> => {
    const { room_id: room } = await alice.createRoom({ preset: "public_chat", ...options });
    await bob.joinRoom(room);
    await until("both are in", () => bob.getRoom(room)?.getMyMembership() === "join" && alice.getRoom(room) !== null);
    return room;
  };
  const texts = (client: TalkClient, room: string): readonly string[] => textsOf(client as unknown as SdkClient, room);
  const seen = async (client: TalkClient, room: string, event: string): Promise<TalkEvent> => {
    await until("the event is there", () => client.getRoom(room)?.findEventById(event) !== undefined);
    return client.getRoom(room)!.findEventById(event)!;
  };

  it("redacts a message, which is gone for all", async () => {
    const room = await shared();
    const { event_id: event } = await bob.sendTextMessage(room, "not for long");
    await seen(alice, room, event);
    await assert.rejects(bob.redactEvent(room, `$${room.slice(1)}`), { errcode: "M_FORBIDDEN" });
    await alice.redactEvent(room, event, undefined, { reason: "gone" });
    await until("bob sees it redacted", () => bob.getRoom(room)!.findEventById(event)!.isRedacted());
    assert.deepEqual(bob.getRoom(room)!.findEventById(event)!.getContent(), {});
    const again = newClient(server.ports.http, optionsOf(await logIn(server.ports.http, "bob")));
    clients.push(again);
    await start(again);
    assert.deepEqual(texts(again as unknown as TalkClient, room), [""]);
  });

  it("finds a room by its alias and in the directory", async () => {
    const { room_id: room } = await alice.createRoom({ visibility: "public", name: "Found", room_alias_name: "found" });
    await alice.createAlias("#second:scop.test", room);
    assert.equal((await bob.getRoomIdForAlias("#second:scop.test")).room_id, room);
    assert.equal((await bob.publicRooms({ filter: { generic_search_term: "foun" } })).chunk[0]?.room_id, room);
    assert.equal((await bob.joinRoom("#found:scop.test")).roomId, room);
    await alice.deleteAlias("#second:scop.test");
    await assert.rejects(bob.getRoomIdForAlias("#second:scop.test"), { errcode: "M_NOT_FOUND" });
  });

  it("tells who has read what, and what is unread", async () => {
    const room = await shared();
    const { event_id: event } = await alice.sendTextMessage(room, "read me");
    await seen(bob, room, event);
    await until("it counts", () => bob.getRoom(room)!.getUnreadNotificationCount("total") === 1);
    assert.equal(alice.getRoom(room)!.hasUserReadEvent(BOB, event), false);
    await bob.sendReadReceipt(bob.getRoom(room)!.findEventById(event)!);
    await until("alice knows it", () => alice.getRoom(room)!.hasUserReadEvent(BOB, event));
    await until("nothing is left", () => bob.getRoom(room)!.getUnreadNotificationCount("total") === 0);
  });

  it("tells who types", async () => {
    const room = await shared();
    await bob.sendTyping(room, true, 20_000);
    await until("alice sees it", () => alice.getRoom(room)!.getMember(BOB)?.typing === true);
    await bob.sendTyping(room, false, 0);
    await until("and its end", () => alice.getRoom(room)!.getMember(BOB)?.typing === false);
  });

  it("brings a file and gives it out", async () => {
    const octets = new Uint8Array(400_000).map((_none, at) => (at * 31) & 0xff);
    const file = new Blob([octets], { type: "image/png" });
    const { content_uri: uri } = await alice.uploadContent(file, { name: "a picture.png", type: "image/png" });
    const url = bob.mxcUrlToHttp(uri, undefined, undefined, undefined, false, true, true);
    const got = await fetch(url, { headers: { authorization: `Bearer ${aliceToken}` } });
    assert.deepEqual([got.status, got.headers.get("content-type")], [200, "image/png"]);
    assert.match(got.headers.get("content-disposition") ?? "", /^inline; filename\*=utf-8''a%20picture\.png$/);
    assert.deepEqual(new Uint8Array(await got.arrayBuffer()), octets);
    assert.equal((await fetch(url)).status, 401);
    const page = await alice.uploadContent(new Blob(["<script>"], { type: "text/html" }), { type: "text/html" });
    const pageUrl = bob.mxcUrlToHttp(page.content_uri, undefined, undefined, undefined, false, true, true);
    const saved = await fetch(pageUrl, { headers: { authorization: `Bearer ${aliceToken}` } });
    assert.equal(saved.headers.get("content-disposition"), "attachment");
    assert.match(saved.headers.get("content-security-policy") ?? "", /^sandbox/);
    const large = await fetch(`http://127.0.0.1:${server.ports.http}/_matrix/media/v3/upload`, {
      method: "POST",
      headers: { authorization: `Bearer ${aliceToken}` },
      body: new Uint8Array(51 * 1024 * 1024),
    }).then(
      answer => answer.status,
      () => "cut off",
    );
    assert.ok(large === 413 || large === "cut off", String(large));
  });

  it("follows a thread", async () => {
    const room = await shared();
    const { event_id: root } = await alice.sendTextMessage(room, "root");
    const reply = (client: TalkClient, body: string): Promise<{ readonly event_id: string }> =>
      client.sendEvent(room, "m.room.message", {
        ...{ msgtype: "m.text", body },
        "m.relates_to": { rel_type: "m.thread", event_id: root, "m.in_reply_to": { event_id: root } },
      });
    await reply(bob, "one");
    const { event_id: last } = await reply(alice, "two");
    await until("bob has the thread", () => bob.getRoom(room)?.getThread(root)?.length === 2);
    await until("with its last word", () => bob.getRoom(room)?.getThread(root)?.replyToEvent?.getId() === last);
    const again = newClient(server.ports.http, optionsOf(await logIn(server.ports.http, "bob")));
    clients.push(again);
    await start(again, { threadSupport: true });
    const begun = again as unknown as TalkClient;
    await until("who begins has it too", () => begun.getRoom(room)?.getThread(root)?.length === 2);
  });

  it("finds what was said", async () => {
    const room = await shared();
    await alice.sendTextMessage(room, "a needle in the hay");
    const { search_categories: found } = await bob.searchMessageText({ query: "needle hay" });
    assert.equal(found.room_events.results.length, 1);
  });

  it("syncs by sliding", async () => {
    const room = await shared({ name: "Slid" });
    await alice.sendTextMessage(room, "before");
    const login = await logIn(server.ports.http, "bob");
    const client = newClient(server.ports.http, optionsOf(login));
    clients.push(client);
    const list = { ranges: [[0, 20]], timeline_limit: 10, required_state: [["*", "*"]] };
    const slidingSync = new sliding!.SlidingSync(
      `http://127.0.0.1:${server.ports.http}`,
      new Map([["all", list]]),
      { timeline_limit: 10, required_state: [["*", "*"]] },
      client,
      20_000,
    );
    await start(client, { slidingSync });
    const slid = client as unknown as TalkClient;
    await until("the room is there", () => texts(slid, room).includes("before"));
    assert.equal(slid.getRoom(room)?.name, "Slid");
    await alice.sendTextMessage(room, "after");
    await until("it goes on", () => texts(slid, room).includes("after"));
    assert.deepEqual(texts(slid, room), ["before", "after"]);
    await alice.kick(room, BOB, "out");
    await until("bob is out", () => slid.getRoom(room)?.getMyMembership() === "leave");
    assert.equal((await alice.whoami()).user_id, ALICE);
  });
});

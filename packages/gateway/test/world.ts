import { generateKeyPairSync, sign } from "node:crypto";
import type { TestContext } from "node:test";
import { createHomeserver, type Homeserver, MEDIA_LIMITS, NO_RATES } from "@scop/homeserver";
import { type JsonObject, parseJson } from "@scop/matrix/json";
import { whatwgCharsets } from "@scop/mime";
import type { AccountId, RoomEventRecord, Store } from "@scop/store";
import { utf8Bytes } from "@scop/wire";
import { give, type Letter, type Machine, type World, world } from "../../mta/test/world.ts";
import { createGateway, type Gateway, type GatewayParts, membersChange } from "../src/index.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const OPTIONS = { secret: new Uint8Array(32).fill(7), tagSeparator: "+", charsets: whatwgCharsets(TextDecoder) };
/** Where messages of far.test come from. */
const FAR = "192.0.2.200";
/** Longer than anything here waits. */
const SETTLED_MS = 60_000;

/** What a person sees of an event. */
interface Seen {
  readonly event: string;
  readonly sender: string;
  readonly type: string;
  readonly body: string;
  readonly kind: string;
  readonly url: string;
  /** The root of its thread. */
  readonly root: string | undefined;
}

/** A server with the account team@a.test, shown in a room to alice, and one elsewhere with bob@far.test. */
interface Office {
  readonly net: World;
  readonly here: Machine;
  readonly far: Machine;
  readonly team: AccountId;
  /** A message from bob, who is proved to be bob unless it comes from elsewhere. */
  receive(message: string, letter?: Partial<Letter> & { readonly ip?: string }): Promise<void>;
  /** What alice says in the room. */
  say(content: object, by?: string, type?: string): Promise<string>;
  /** What the address itself makes of the room. */
  change(type: string, content: object): Promise<void>;
  /** What is in the room, but for its state. */
  seen(): Promise<readonly Seen[]>;
  room(): Promise<string>;
  /** Ends the gateway, or drops it as a crash would, and begins with a new one. */
  restart(): Promise<void>;
}

/** Opens it, with the room made and alice in it. */
export async function office(t: TestContext, disturb: (store: Store) => Store = store => store): Promise<Office> {
  const net = world(t);
  const { zone } = net;
  zone.txt.set("far.test", [`v=spf1 ip4:${FAR} ip4:192.0.2.2 -all`]);
  zone.txt.set("_dmarc.far.test", ["v=DMARC1; p=none"]);
  const here = await net.machine({
    hostname: "mx.a.test",
    address: "192.0.2.1",
    domains: ["a.test"],
    accounts: ["alice@a.test", "carol@a.test", "team@a.test"],
    config: { verify: { peers: "all" } },
  });
  const far = await net.machine({
    hostname: "mx.far.test",
    address: "192.0.2.2",
    domains: ["far.test"],
    accounts: ["bob@far.test", "dora@far.test"],
  });
  const { store, io } = here;
  const disturbed = { ...here, store: disturb(store) };
  const homeserver = homeserverOf(disturbed);
  const accounts = new Map((await store.accounts()).map(({ address, id }) => [address, id]));
  const team = accounts.get("team@a.test")!;
  const alice = accounts.get("alice@a.test")!;
  const settle = (): Promise<void> =>
    net.until(new Promise<void>(resolve => void io.timers.set(SETTLED_MS, () => resolve())));
  await store.transaction({ changes: [membersChange(team, ["@alice:a.test"])] });
  here.mta.start();
  far.mta.start();
  let gateway = gatewayOf(disturbed, homeserver);
  let count = 0;
  const room = async (): Promise<string> => {
    const [first] = await store.roomsOf("@team:a.test");
    if (first === undefined) throw new Error("there is no room");
    return first.room;
  };
  t.after(async () => {
    await gateway.stop();
    homeserver.close();
  });
  gateway.start();
  await settle();
  const who = { account: alice, user: "@alice:a.test", device: "PHONE" };
  await homeserver.perform(who, "joinRoomById", { path: { roomId: await room() } });
  return {
    net,
    here,
    far,
    team,
    room,
    async receive(message, { ip = FAR, ...letter } = {}) {
      const session = here.session();
      const remote = { ...session.remote, address: ip as never };
      const whole = { from: "bob@far.test", to: ["team@a.test"], message, ...letter };
      const reply = await net.until(give(here.mta.receiver("mx"), { ...session, remote }, whole));
      if (reply.code !== 250) throw new Error(reply.lines.join(" "));
      await settle();
    },
    async say(content, user = "@alice:a.test", eventType = "m.room.message") {
      count += 1;
      const path = { roomId: await room(), eventType, txnId: `said-${count}` };
      const said = await homeserver.perform({ ...who, user }, "sendMessage", { path, body: jsonOf(content) });
      await settle();
      return "event_id" in said ? String(said.event_id) : "";
    },
    async change(eventType, content) {
      const path = { roomId: await room(), eventType, stateKey: "" };
      const by = { account: team, user: "@team:a.test", device: "GATEWAY" };
      await homeserver.perform(by, "setRoomStateWithKey", { path, body: jsonOf(content) });
    },
    async seen() {
      const range = { after: 0, upTo: await store.streamPosition(), order: "rising", limit: 1000 } as const;
      const records = await store.roomEvents(await room(), range);
      return records.filter(({ stateKey }) => stateKey === undefined).map(seenOf);
    },
    async restart() {
      await gateway.stop();
      gateway = gatewayOf(disturbed, homeserver);
      gateway.start();
      await settle();
    },
  };
}

function homeserverOf({ io, store }: Machine, serverName = "a.test"): Homeserver {
  return createHomeserver(io, store, {
    serverName,
    baseUrl: () => "http://127.0.0.1:2080",
    signer: { entity: serverName, keyId: "ed25519:test", sign: octets => sign(null, octets, privateKey) },
    authenticator: () => {
      throw new Error("nobody logs in");
    },
    publicKey: publicKey.export({ type: "spki", format: "der" }).subarray(-32),
    presence: "off",
    rates: NO_RATES,
    media: MEDIA_LIMITS,
    peers: undefined,
    federationAt: () => undefined,
  });
}

/** The parts of a gateway for team@scop.test. */
export async function officeParts(t: TestContext): Promise<GatewayParts & Parts> {
  const net = world(t);
  const here = await net.machine({
    hostname: "mx.scop.test",
    address: "192.0.2.1",
    domains: ["scop.test"],
    accounts: ["alice@scop.test", "team@scop.test"],
  });
  const { io, store, mta } = here;
  const homeserver = homeserverOf(here, "scop.test");
  t.after(() => homeserver.close());
  const team = (await store.accountByAddress("team@scop.test"))!.id;
  const until: Parts["until"] = async is => {
    for (let turn = 0; turn < 1_000 && !(await is()); turn += 1) await new Promise(resolve => setImmediate(resolve));
  };
  const names = { serverName: "scop.test", hostname: "mx.scop.test" };
  return { io, store, mta, homeserver, team, until, options: { ...OPTIONS, ...names } };
}

/** What the example has beside them. */
interface Parts {
  readonly team: AccountId;
  /** Waits until something is so. */
  until(is: () => Promise<boolean>): Promise<void>;
}

function gatewayOf({ io, store, mta }: Machine, homeserver: Homeserver): Gateway {
  const options = { ...OPTIONS, serverName: "a.test", hostname: "mx.a.test" };
  return createGateway({ io, store, homeserver, mta, options });
}

function jsonOf(content: object): JsonObject {
  const read = parseJson(utf8Bytes(JSON.stringify(content)), { octetsMax: 65_536, numbers: "any" });
  return (read.ok ? read.value : new Map()) as JsonObject;
}

function seenOf({ event, type, json }: RoomEventRecord): Seen {
  const { sender, content } = JSON.parse(json);
  return {
    event,
    sender,
    type,
    body: content.body ?? "",
    kind: content.msgtype ?? "",
    url: content.url ?? "",
    root: content["m.relates_to"]?.event_id,
  };
}

/** That something belongs to the thread of an event. */
export function thread(root: string): object {
  return { "m.relates_to": { rel_type: "m.thread", event_id: root } };
}

/** A message with the usual fields. */
export function mail(fields: Readonly<Record<string, string>>, text: string): string {
  const usual = { From: "Bob <bob@far.test>", To: "team@a.test", Subject: "Order", "Message-ID": "<1@far.test>" };
  const header = Object.entries({ ...usual, ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${header.join("")}\r\n${text}`;
}

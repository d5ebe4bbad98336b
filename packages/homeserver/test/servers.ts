import { canonicalJson, isJsonObject, type JsonObject, parseJson } from "@scop/matrix/json";
import { checkSignature, keyIdsOf, signRequest } from "@scop/matrix/sign";
import { type Simulation, simulatedCrypto, simulation } from "@scop/sim";
import { PeerFault, type Peers } from "../src/index.ts";
import { type Client, type Identity, type Json, newIdentity, openWorld, type World } from "./world.ts";

const LIMITS = { octetsMax: 64 * 1024 * 1024, numbers: "any" } as const;

/** A server among others. */
export interface Server extends World {
  readonly name: string;
  readonly identity: Identity;
  /** What the server is asked by another one, signed by it. */
  asPeer(from: Server, method: "GET" | "PUT" | "POST", target: string, body?: Json): Promise<Json>;
}

/** Homeservers that reach each other by function calls, as long as nothing stands between them. */
export interface Net {
  readonly sim: Simulation;
  readonly servers: ReadonlyMap<string, Server>;
  /** Requests that were made, `from method target`. */
  readonly asked: string[];
  /** Nothing goes between the two groups from now on; none: everything does. */
  part(...group: readonly Server[]): void;
  /** What another server answers in place of what it would: for those who lie. */
  readonly lies: Map<string, (answer: Json) => Json>;
  /** Sends what waits until nothing does that can be sent. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

/** Opens homeservers with these names, each with alice, bob and carol. */
export async function openNet(...names: readonly string[]): Promise<Net> {
  const sim = simulation(7);
  const servers = new Map<string, Server>();
  const apart = new Set<Server>();
  const net: Net = {
    sim,
    servers,
    asked: [],
    lies: new Map(),
    part(...group) {
      apart.clear();
      for (const each of group) apart.add(each);
    },
    deliver: () => sim.until(emptied(net, isApart)),
    async close() {
      for (const each of servers.values()) await each.close();
    },
  };
  const isApart = (one: Server, other: Server): boolean => apart.has(one) !== apart.has(other);
  for (const name of names) {
    const identity = newIdentity(
      name,
      peersOf(net, () => servers.get(name)!, isApart),
    );
    const world = await openWorld(identity, sim);
    servers.set(name, {
      ...world,
      name,
      identity,
      asPeer: (from, ...rest) => asPeer(servers.get(name)!, from, ...rest),
    });
  }
  return net;
}

function peersOf(net: Net, own: () => Server, isApart: (one: Server, other: Server) => boolean): Peers {
  const keyOf = async (name: string): Promise<Uint8Array | undefined> => net.servers.get(name)?.identity.publicKey;
  return {
    keyOf,
    async open(name) {
      throw new PeerFault("unreachable", `${name} gives no files.`);
    },
    async isSignedBy(object, name) {
      const key = await keyOf(name);
      if (key === undefined) return false;
      return keyIdsOf(object, name).some(id => checkSignature(object, name, id, key, simulatedCrypto) === "signed");
    },
    async ask(name, { method, target, body }) {
      const to = net.servers.get(name);
      net.asked.push(`${own().name} ${method} ${target}`);
      if (to === undefined || isApart(own(), to)) throw new PeerFault("unreachable", `${name} can't be reached.`);
      const answer = await request(to, own(), method, target, body);
      const lie = net.lies.get(`${name} ${target.split("/")[4]}`);
      const value = read(lie === undefined ? answer.body : JSON.stringify(lie(JSON.parse(answer.body))));
      if (lie !== undefined || answer.status === 200) return value;
      throw new PeerFault("refused", `${target}: ${answer.body}`, answer.status, JSON.parse(answer.body).errcode);
    },
  };
}

function read(text: string): JsonObject {
  const value = parseJson(new TextEncoder().encode(text), LIMITS);
  if (!value.ok || !isJsonObject(value.value)) throw new Error(`no JSON: ${text}`);
  return value.value;
}

function request(
  to: Server,
  from: Server,
  method: string,
  target: string,
  content: JsonObject | undefined,
): Promise<{ readonly status: number; readonly body: string }> {
  const signed = { method, uri: target, origin: from.name, destination: to.name, content };
  return to.server.answer({
    method,
    target,
    authorization: signRequest(signed, from.identity.signer),
    body: content === undefined ? new Uint8Array() : canonicalJson(content),
    peer: "192.0.2.3",
    onGone: () => undefined,
  });
}

async function asPeer(to: Server, from: Server, method: string, target: string, body?: Json): Promise<Json> {
  const content = body === undefined ? undefined : read(JSON.stringify(body));
  const answer = await request(to, from, method, target, content);
  return { status: answer.status, ...JSON.parse(answer.body) };
}

/** Resolves when nothing waits for a server that can be reached. */
async function emptied({ sim, servers }: Net, isApart: (one: Server, other: Server) => boolean): Promise<void> {
  const { timers } = sim.platform("192.0.2.4");
  for (let waiting = 1; waiting > 0; ) {
    await new Promise<void>(resolve => timers.set(20, resolve));
    waiting = 0;
    for (const from of servers.values()) {
      for (const to of servers.values()) {
        const queue = isApart(from, to) ? undefined : await from.store.peerQueue(to.name);
        waiting += queue === undefined ? 0 : queue.events + queue.edus;
      }
    }
  }
}

/** The state of a room on a server: the event at each type and key. */
export async function stateOn({ store }: World, room: string): Promise<Json> {
  const record = (await store.room(room))!;
  const entries = await store.stateEntries(record.state);
  return Object.fromEntries(entries.map(each => [`${each.type} ${each.stateKey}`, each.event]).sort());
}

/** What was said in a room, as a client reads it, oldest first. */
export async function said(client: Client, room: string): Promise<readonly string[]> {
  const { chunk } = await client.ok("GET", `/rooms/${room}/messages?dir=b&limit=100`);
  const messages = chunk.filter((each: Json) => each.type === "m.room.message");
  return messages.map((each: Json) => each.content.body).reverse();
}

/** Says something, and waits until all who can be reached have it. */
export async function say(net: Net, client: Client, room: string, text: string): Promise<string> {
  const path = `/rooms/${room}/send/m.room.message/${encodeURIComponent(text)}`;
  const { event_id } = await client.ok("PUT", path, { msgtype: "m.text", body: text });
  await net.deliver();
  return event_id;
}

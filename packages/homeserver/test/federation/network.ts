import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectSigner } from "@scop/matrix/sign";
import { createAuthenticator } from "@scop/sasl";
import { type Simulation, simulation } from "@scop/sim";
import type { Store } from "@scop/store";
import { openSqliteStore } from "@scop/store/sqlite";
import {
  createHomeserver,
  createPeers,
  type Homeserver,
  NO_RATES,
  type Peers,
  type PeerTransport,
} from "../../src/index.ts";
import type { Json } from "../world.ts";

type Carried = Parameters<PeerTransport["carry"]>[1];
type Answer = Awaited<ReturnType<PeerTransport["carry"]>>;

/** Who is believed what it says of the keys of others. */
export const NOTARY = "notary.test";

/** A homeserver among others. */
export interface Server {
  readonly name: string;
  readonly store: Store;
  readonly peers: Peers;
  readonly signer: ObjectSigner;
  readonly publicKey: Uint8Array;
  readonly server: Homeserver;
  /** Asks it as whoever wrote `authorization`. */
  ask(
    method: string,
    target: string,
    sent?: { readonly authorization?: string; readonly body?: string },
  ): Promise<{ readonly status: number; readonly body: Json }>;
  /** Ends it, and starts it again on what it stored. */
  restart(): Promise<Server>;
  /** Ends it, and starts one in its place that has another store in front of its own. */
  behind(front: (store: Store) => Store): Server;
}

/** A request that went from one server to another. */
export interface Sent {
  readonly to: string;
  readonly target: string;
  readonly body: Json;
}

/** Homeservers in virtual time that reach each other by calls. */
export interface Network {
  readonly sim: Simulation;
  readonly servers: Map<string, Server>;
  /** Everything that was carried. */
  readonly sent: Sent[];
  /** Answers in place of servers, by name. */
  readonly others: Map<string, (request: Carried) => Answer>;
  /** The same for files. */
  readonly files: Map<string, Awaited<ReturnType<PeerTransport["open"]>>>;
  /** Nobody reaches these. */
  readonly cut: Set<string>;
  add(name: string): Promise<Server>;
  close(): Promise<void>;
}

/** Opens a network with these servers, each with alice. */
export async function openNetwork(names: readonly string[]): Promise<Network> {
  const folder = mkdtempSync(join(tmpdir(), "scop-federation-"));
  const sim = simulation(7);
  const network: Network = {
    sim,
    servers: new Map(),
    sent: [],
    others: new Map(),
    files: new Map(),
    cut: new Set(),
    add: name => addServer(network, join(folder, name), name),
    close: async () => {
      for (const { server } of network.servers.values()) server.close();
      for (const { store } of network.servers.values()) await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (const name of names) await network.add(name);
  return network;
}

async function addServer(network: Network, folder: string, name: string): Promise<Server> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = {
    signer: { entity: name, keyId: "ed25519:1", sign: (octets: Uint8Array) => sign(null, octets, privateKey) },
    publicKey: publicKey.export({ type: "spki", format: "der" }).subarray(-32),
  };
  const store = await storeIn(network.sim, folder);
  const verifier = {
    salt: new Uint8Array(3),
    iterations: 4096,
    storedKey: new Uint8Array(32),
    serverKey: new Uint8Array(32),
  };
  await store.transaction({
    changes: [
      { change: "add-domain", domain: name },
      { change: "add-account", address: `alice@${name}`, verifier, mailboxes: [] },
    ],
  });
  return started(network, { folder, name, store, ...key });
}

function storeIn(sim: Simulation, folder: string): Promise<Store> {
  const fatal = (error: Error): never => {
    throw error;
  };
  return openSqliteStore({ folder, now: sim.clock.now, owner: "daemon", fatal });
}

function started(
  network: Network,
  made: Pick<Server, "name" | "store" | "signer" | "publicKey"> & { readonly folder: string },
): Server {
  const { name, store, signer, publicKey } = made;
  const io = network.sim.platform("192.0.2.1");
  const peers = createPeers(io, { store, signer, publicKey, transport: transportOf(network), notaries: [NOTARY] });
  const server = createHomeserver(io, store, {
    ...{ serverName: name, baseUrl: () => "", signer, publicKey, peers },
    federationAt: () => `${name}:8448`,
    presence: "off",
    rates: NO_RATES,
    media: { octetsMax: 1_000_000, octetsOfAccountMax: 3_000_000 },
    authenticator: () => createAuthenticator(io, async () => undefined),
  });
  const own: Server = {
    ...{ name, store, peers, signer, publicKey, server },
    async ask(method, target, { authorization, body = "" } = {}) {
      const sent = { method, target, authorization, body: new TextEncoder().encode(body), peer: "192.0.2.9" };
      const answer = await server.answer({ ...sent, onGone: () => undefined });
      return { status: answer.status, body: JSON.parse(answer.body) };
    },
    async restart() {
      server.close();
      await store.close();
      return started(network, { ...made, store: await storeIn(network.sim, made.folder) });
    },
    behind(front) {
      server.close();
      return started(network, { ...made, store: front(store) });
    },
  };
  network.servers.set(name, own);
  return own;
}

function transportOf(network: Network): PeerTransport {
  return {
    carry: async (to, request) => {
      const { method, target, authorization, body } = request;
      const text = new TextDecoder().decode(body);
      network.sent.push({ to, target, body: text === "" ? undefined : JSON.parse(text) });
      const other = network.others.get(to);
      if (other !== undefined && !network.cut.has(to)) return other(request);
      const server = reached(network, to);
      if (typeof server === "string") return { got: "failure", detail: server };
      const sent = { method, target, body: text, ...(authorization === undefined ? {} : { authorization }) };
      const answer = await server.ask(method, target, sent);
      return { got: "answer", status: answer.status, body: new TextEncoder().encode(JSON.stringify(answer.body)) };
    },
    open: async (to, { method, target, authorization }) => {
      const other = network.files.get(to);
      if (other !== undefined) return other;
      const server = reached(network, to);
      if (typeof server === "string") return { got: "failure", detail: server };
      const asked = { method, target, authorization, peer: "192.0.2.9", onGone: () => undefined };
      const none = { contentType: undefined, contentLength: undefined, chunks: piecesOf("") };
      const { status, headers, body } = await server.server.media({ ...asked, ...none });
      const chunks = typeof body === "string" ? piecesOf(body) : body;
      return { got: "answer", status, contentType: headers["content-type"] ?? "", chunks };
    },
  };
}

function reached(network: Network, name: string): Server | string {
  if (network.cut.has(name)) return "nobody answers";
  return network.servers.get(name) ?? "there is no such server";
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** An answer with a value of JSON. */
export function jsonAnswer(status: number, value: object): Answer {
  return { got: "answer", status, body: new TextEncoder().encode(JSON.stringify(value)) };
}

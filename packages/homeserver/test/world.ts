import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ObjectSigner } from "@scop/matrix/sign";
import { createAuthenticator, createLoginGuard, deriveVerifier } from "@scop/sasl";
import { type Simulation, simulation } from "@scop/sim";
import type { Store } from "@scop/store";
import { openSqliteStore } from "@scop/store/sqlite";
import {
  createHomeserver,
  type Homeserver,
  type HomeserverOptions,
  isMedia,
  type MediaRequest,
  NO_RATES,
  type Peers,
} from "../src/index.ts";

export const SERVER = "scop.test";
export const PASSWORD = "secret";
const CLIENT = "/_matrix/client/v3";

/** A server by its name and its key, with the other servers that it knows. */
export interface Identity {
  readonly serverName: string;
  readonly signer: ObjectSigner;
  readonly publicKey: Uint8Array;
  readonly peers: Peers | undefined;
  readonly presence: HomeserverOptions["presence"];
  readonly rates: HomeserverOptions["rates"];
}

/** A server with a new key. */
export function newIdentity(serverName: string, peers?: Peers): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    serverName,
    signer: { entity: serverName, keyId: "ed25519:test", sign: octets => sign(null, octets, privateKey) },
    // The 32 octets at the end of a SubjectPublicKeyInfo.
    publicKey: publicKey.export({ type: "spki", format: "der" }).subarray(-32),
    peers,
    presence: "off",
    rates: NO_RATES,
  };
}

const ALONE = newIdentity(SERVER);
export const PUBLIC_KEY: Uint8Array = ALONE.publicKey;

/** What tests look into. */
export type Json = ReturnType<typeof JSON.parse>;

/** What was answered. */
interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** Somebody with a token. */
export interface Client {
  readonly user: string;
  readonly device: string;
  readonly token: string;
  /** Asks for a path below `/_matrix/client/v3`. */
  ask(method: string, path: string, body?: object | string): Promise<Answered>;
  /** The same, where it has to be 200: what was answered. */
  ok(method: string, path: string, body?: object | string): Promise<Json>;
  /** A `/sync`; virtual time runs until it answers. */
  sync(query?: string): Promise<Json>;
}

/** What comes with a request. */
interface Sent {
  readonly token?: string;
  readonly body?: object | string;
  readonly onGone?: (listener: () => void) => void;
}

/** A homeserver on a real store, in virtual time. */
export interface World {
  readonly sim: Simulation;
  readonly store: Store;
  readonly server: Homeserver;
  ask(method: string, target: string, sent?: Sent): Promise<Answered>;
  login(name: string, device?: string): Promise<Client>;
  /** A client with a token that was given out before. */
  client(user: string, device: string, token: string): Client;
  /** Closes the store and opens it again under a new homeserver. */
  restart(presence?: HomeserverOptions["presence"]): Promise<World>;
  close(): Promise<void>;
}

/** A request about a file, whose body comes in these pieces; the answer whole. */
export async function mediaOf(
  server: Homeserver,
  asked: Omit<MediaRequest, "chunks">,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }
  const { status, headers, body } = await server.media({ ...asked, chunks: chunks() });
  if (typeof body === "string") return { status, headers, body: new TextEncoder().encode(body) };
  const read: Uint8Array[] = [];
  for await (const piece of body) read.push(piece);
  return { status, headers, body: new Uint8Array(Buffer.concat(read)) };
}

/** Opens a world with alice, bob and carol. */
export async function openWorld(as: Identity = ALONE, sim: Simulation = simulation(11)): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "scop-homeserver-"));
  const { serverName } = as;
  const store = await storeIn(folder, sim);
  const verifier = await deriveVerifier(sim.platform("192.0.2.1"), PASSWORD, 4096);
  const accounts = ["alice", "bob", "carol"].map(
    name => ({ change: "add-account", address: `${name}@${serverName}`, verifier, mailboxes: [] }) as const,
  );
  const added = await store.transaction({ changes: [{ change: "add-domain", domain: serverName }, ...accounts] });
  if (!added.ok) throw new Error(added.refusal);
  return worldOn(folder, sim, store, as);
}

function storeIn(folder: string, sim: Simulation): Promise<Store> {
  const fatal = (error: Error): never => {
    throw error;
  };
  return openSqliteStore({ folder, now: sim.clock.now, owner: "daemon", fatal });
}

function serverOn(sim: Simulation, store: Store, as: Identity): Homeserver {
  const io = sim.platform("192.0.2.1");
  const factory = createAuthenticator(
    io,
    async name => {
      const account = await store.accountByAddress(name);
      return account && { identity: account.address, verifier: account.verifier };
    },
    { guard: { guard: createLoginGuard(), io } },
  );
  return createHomeserver(io, store, {
    ...as,
    baseUrl: () => "http://127.0.0.1:2080",
    media: { octetsMax: 1_000_000, octetsOfAccountMax: 3_000_000 },
    federationAt: () => undefined,
    authenticator: peer => factory.on({ key: peer, binding: () => undefined }),
  });
}

function clientOf(sim: Simulation, ask: World["ask"], user: string, device: string, token: string): Client {
  const own: Client["ask"] = (method, path, body) =>
    ask(method, `${CLIENT}${path}`, { token, ...(body === undefined ? {} : { body }) });
  const ok: Client["ok"] = async (method, path, body) => {
    const answer = await own(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const sync: Client["sync"] = query => sim.until(ok("GET", `/sync${query === undefined ? "" : `?${query}`}`));
  return { user, device, token, ask: own, ok, sync };
}

function worldOn(folder: string, sim: Simulation, store: Store, as: Identity): World {
  const server = serverOn(sim, store, as);
  const ask: World["ask"] = async (method, target, { token, body, onGone = () => undefined } = {}) => {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    const sent = new TextEncoder().encode(text);
    const asked = { method, target, authorization, peer: "192.0.2.9", onGone };
    if (!isMedia(target)) {
      const answer = await server.answer({ ...asked, body: sent });
      return { ...answer, body: JSON.parse(answer.body) };
    }
    const answer = await mediaOf(server, { ...asked, contentType: undefined, contentLength: sent.length }, [sent]);
    return { ...answer, body: JSON.parse(new TextDecoder().decode(answer.body)) };
  };
  const client = (user: string, device: string, token: string): Client => clientOf(sim, ask, user, device, token);
  return {
    sim,
    store,
    server,
    ask,
    client,
    async login(name, device) {
      const identifier = { type: "m.id.user", user: name };
      const body = { type: "m.login.password", identifier, password: PASSWORD, device_id: device };
      const { status, body: given } = await sim.until(ask("POST", `${CLIENT}/login`, { body }));
      if (status !== 200) throw new Error(`login: ${status} ${JSON.stringify(given)}`);
      return client(given.user_id, given.device_id, given.access_token);
    },
    async restart(next) {
      server.close();
      await store.close();
      return worldOn(folder, sim, await storeIn(folder, sim), { ...as, presence: next ?? as.presence });
    },
    async close() {
      server.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a test in a world, with alice and bob logged in. */
export async function inWorld(body: (world: World, alice: Client, bob: Client) => Promise<void>): Promise<void> {
  const world = await openWorld();
  try {
    await body(world, await world.login("alice"), await world.login("bob"));
  } finally {
    await world.close();
  }
}

/** A new room of somebody. */
export async function roomOf(owner: Client, options: object = {}): Promise<string> {
  return (await owner.ok("POST", "/createRoom", options)).room_id;
}

/** Says a text in a room. */
export function say(client: Client, room: string, text: string, transaction = text): Promise<Json> {
  return client.ok("PUT", `/rooms/${room}/send/m.room.message/${transaction}`, { msgtype: "m.text", body: text });
}

/** How a request that is refused is. */
export async function refusal(asked: ReturnType<Client["ask"]>): Promise<readonly [status: number, errcode: string]> {
  const { status, body } = await asked;
  return [status, body.errcode];
}

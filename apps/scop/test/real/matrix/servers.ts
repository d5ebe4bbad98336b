import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseName, type RecordData } from "@scop/dns";
import type { TlsIdentity } from "@scop/node-host";
import { nodePlatform } from "@scop/node-host";
import { selfSigned } from "@scop/node-host/self-signed";
import { deriveVerifier } from "@scop/sasl";
import { openSqliteStore } from "@scop/store/sqlite";
import type { IpText } from "@scop/wire";
import { SYNAPSE_PYTHON } from "../../../../../scripts/tools.ts";
import {
  freePorts,
  type ServerPorts,
  type ServerProcess,
  startReady,
  stopServer,
} from "../../../crash/server-process.ts";
import { ensureKeys } from "../../../src/keys.ts";
import { type ServedZone, serveZone } from "../../zone-server.ts";
import { PASSWORD } from "../server.ts";
import { openWay } from "./way.ts";

/** A user of one of the servers. */
export interface MatrixUser {
  readonly id: string;
  /** Asks below `/_matrix/client`. */
  ask(method: string, path: string, body?: object): Promise<Answered>;
  /** The same, where it has to be 200: what was answered. */
  ok(method: string, path: string, body?: object): Promise<Json>;
  /** Brings a file below `/_matrix/media/v3/upload`: its URI. */
  upload(contentType: string, file: Uint8Array): Promise<string>;
  /** A file by its URI: its type and what it has, or the status where it is not given. */
  download(uri: string): Promise<readonly [type: string, file: Buffer] | number>;
}

/** What tests look into. */
export type Json = ReturnType<typeof JSON.parse>;

interface Answered {
  readonly status: number;
  readonly body: Json;
}

/** A homeserver that runs. */
export interface MatrixServer {
  readonly name: string;
  /** Logs in alice of SCoP, or anybody of Synapse, who is registered first. */
  user(localpart: string): Promise<MatrixUser>;
  readonly federationPort: number;
  readonly clientPort: number;
  /** What it printed, for messages of tests. */
  output(): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Ours and a current Synapse, which know each other by names and certificates of their own. */
export interface TwoServers {
  readonly folder: string;
  readonly scop: MatrixServer;
  readonly synapse: MatrixServer;
  /** The certificates of both (PEM). */
  readonly trust: string;
  /** Cuts the way between them, or opens it again. */
  cut(isCut: boolean): void;
  close(): Promise<void>;
}

const SCOP = "scop.test";
const SYNAPSE = "synapse.test";
const OTHER = "other.test";
const START_MS_MAX = 60_000;
const POLL_MS = 200;
const SCRIPT = fileURLToPath(new URL("../python/start_synapse.py", import.meta.url));
const NO_LIMIT = { per_second: 100_000, burst_count: 100_000 };

/** Why tests with Synapse are skipped. */
export function synapseMissing(): string | false {
  return existsSync(SYNAPSE_PYTHON) ? false : "Synapse is not installed: npm run test:all installs it";
}

/** Starts both. */
export async function startTwoServers(): Promise<TwoServers> {
  const { folder, at, trust, cut, forget } = await settle([SCOP, SYNAPSE]);
  const scop = await scopServer(folder, SCOP, at[0]!);
  const synapse = await synapseServer(join(folder, "synapse"), at[1]!, join(folder, "trust.pem"));
  const close = async (): Promise<void> => {
    await Promise.all([scop.stop(), synapse.stop()]);
    await forget();
  };
  await startedOr(close, scop, synapse);
  return { folder, scop, synapse, trust, cut, close };
}

/** Two of ours, with alice and bob on the one and bob on the other. */
export async function startTwoOfOurs(): Promise<{
  readonly servers: readonly [MatrixServer, MatrixServer];
  close(): Promise<void>;
}> {
  const { folder, at, forget } = await settle([SCOP, OTHER]);
  const data = join(folder, OTHER, "data");
  await mkdir(data, { recursive: true });
  await ensureKeys(data, OTHER);
  const store = await openSqliteStore({ folder: data, now: Date.now, owner: "daemon", fatal: assert.ifError });
  const verifier = await deriveVerifier(nodePlatform(), PASSWORD);
  await store.transaction({
    changes: [
      { change: "add-domain", domain: OTHER },
      { change: "add-account", address: `bob@${OTHER}`, verifier, mailboxes: [] },
    ],
  });
  await store.close();
  const servers = [await scopServer(folder, SCOP, at[0]!), await scopServer(folder, OTHER, at[1]!)] as const;
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(each => each.stop()));
    await forget();
  };
  await startedOr(close, ...servers);
  return { servers, close };
}

async function startedOr(close: () => Promise<void>, ...servers: readonly MatrixServer[]): Promise<void> {
  try {
    await Promise.all(servers.map(each => each.start()));
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where one server is. */
interface Place {
  readonly ports: ServerPorts;
  readonly federationPort: number;
  readonly tls: TlsIdentity;
  readonly names: Pick<Awaited<ReturnType<typeof serveZone>>, "address" | "port">;
}

/** Servers that find each other by names, trust each other, and have a way between them. */
interface Settled extends Pick<TwoServers, "folder" | "trust" | "cut"> {
  readonly at: readonly Place[];
  forget(): Promise<void>;
}

async function settle(serverNames: readonly string[]): Promise<Settled> {
  const folder = await mkdtemp(join(tmpdir(), "scop-federation-"));
  const zone: ServedZone = new Map();
  const names = await serveZone(zone);
  const ways: Awaited<ReturnType<typeof openWay>>[] = [];
  const at: Place[] = [];
  for (const name of serverNames) {
    const tls = await selfSigned({ names: [name, `mail.${name}`], now: Date.now() });
    const [ports, { smtp: federationPort }] = [await freePorts(), await freePorts()];
    const way = await openWay(federationPort);
    ways.push(way);
    addServer(zone, name, way.port);
    at.push({ ports, federationPort, tls, names });
  }
  const trust = at.map(({ tls }) => tls.certificate).join("");
  await writeFile(join(folder, "trust.pem"), trust);
  return {
    folder,
    at,
    trust,
    cut(isCut) {
      for (const way of ways) way.cut(isCut);
    },
    async forget() {
      names.stop();
      for (const way of ways) way.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function addServer(zone: ServedZone, name: string, port: number): void {
  const here: RecordData = { type: "A", address: "127.0.0.1" as IpText };
  const target = parseName(`mail.${name}`);
  if (!target.ok) throw new Error("it is a name");
  zone.set(name, [here]);
  zone.set(`mail.${name}`, [here]);
  zone.set(`_matrix-fed._tcp.${name}`, [{ type: "SRV", priority: 0, weight: 0, port, target: target.value }]);
}

async function scopServer(folder: string, name: string, at: Place): Promise<MatrixServer> {
  const own = join(folder, name);
  await mkdir(own, { recursive: true });
  const [certificate, key] = [join(own, "certificate.pem"), join(own, "key.pem")];
  await writeFile(certificate, at.tls.certificate);
  await writeFile(key, at.tls.key);
  const config = join(own, "scop.config.mjs");
  const federation = { allowAddresses: ["127.0.0.1"], trust: join(folder, "trust.pem") };
  await writeFile(config, `export default ${JSON.stringify({ tls: { certificate, key }, federation })};\n`);
  const options = [
    ...(name === SCOP ? ["--demo"] : []),
    "--config",
    config,
    "--federation",
    String(at.federationPort),
    "--resolver",
    at.names.address,
    "--log-level",
    "debug",
  ];
  let process: ServerProcess | undefined;
  return {
    name,
    federationPort: at.federationPort,
    clientPort: at.ports.http,
    user: async localpart => {
      const url = `http://127.0.0.1:${at.ports.http}`;
      const identifier = { type: "m.id.user", user: localpart };
      return logIn(url, { type: "m.login.password", identifier, password: PASSWORD });
    },
    output: () => process?.output() ?? "",
    start: async () => {
      process = await startReady({ data: join(own, "data"), ports: at.ports, options });
    },
    stop: async () => {
      if (process !== undefined) await stopServer(process);
    },
    kill: async () => {
      process?.kill("SIGKILL");
      await process?.ended;
    },
  };
}

async function logIn(url: string, how: object): Promise<MatrixUser> {
  const { user_id: id, access_token: token } = (await ask(url, "POST", "/v3/login", undefined, how)).body;
  const own: MatrixUser["ask"] = (method, path, body) => ask(url, method, path, token, body);
  const ok: MatrixUser["ok"] = async (method, path, body) => {
    const { status, body: said } = await own(method, path, body);
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(said)}`);
    return said;
  };
  const authorization = `Bearer ${token}`;
  return {
    id,
    ask: own,
    ok,
    async upload(contentType, file) {
      const headers = { authorization, "content-type": contentType };
      const answer = await fetch(`${url}/_matrix/media/v3/upload`, {
        method: "POST",
        headers,
        body: Buffer.from(file),
      });
      return ((await answer.json()) as Json).content_uri;
    },
    async download(uri) {
      const path = uri.slice("mxc://".length);
      const answer = await fetch(`${url}/_matrix/client/v1/media/download/${path}`, { headers: { authorization } });
      const file = Buffer.from(await answer.arrayBuffer());
      return answer.status === 200 ? [answer.headers.get("content-type") ?? "", file] : answer.status;
    },
  };
}

async function ask(
  url: string,
  method: string,
  path: string,
  token: string | undefined,
  body: object | undefined,
): Promise<Answered> {
  const answer = await fetch(`${url}/_matrix/client${path}`, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function synapseServer(
  folder: string,
  { tls, ports: { http: client }, federationPort: federation, names }: Place,
  trustFile: string,
): Promise<MatrixServer> {
  await mkdir(join(folder, "media"), { recursive: true });
  await writeFile(join(folder, "cert.pem"), tls.certificate);
  await writeFile(join(folder, "key.pem"), tls.key);
  const configuration = join(folder, "homeserver.yaml");
  // JSON is YAML.
  await writeFile(configuration, JSON.stringify(configurationOf(folder, { client, federation }, trustFile)));
  const command = [SCRIPT, String(names.port), "-c", configuration];
  // The key that signs is made first, in a process of its own.
  await once(spawn(SYNAPSE_PYTHON, [...command, "--generate-keys"], { stdio: "ignore" }), "exit");
  const url = `http://127.0.0.1:${client}`;
  let child: ChildProcess | undefined;
  let output = "";
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  process.once("exit", () => child?.kill("SIGKILL"));
  return {
    name: SYNAPSE,
    federationPort: federation,
    clientPort: client,
    user: async localpart => {
      const auth = { type: "m.login.dummy" };
      const body = { username: localpart, password: PASSWORD, auth, inhibit_login: true };
      await ask(url, "POST", "/v3/register", undefined, body);
      const identifier = { type: "m.id.user", user: localpart };
      return logIn(url, { type: "m.login.password", identifier, password: PASSWORD });
    },
    output: () => output,
    start: async () => {
      child = spawn(SYNAPSE_PYTHON, command, { stdio: ["ignore", "pipe", "pipe"], cwd: folder });
      for (const stream of [child.stdout!, child.stderr!]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output = `${output}${text}`.slice(-64 * 1024);
        });
      }
      await untilAnswering(child, url, () => output);
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

function configurationOf(
  folder: string,
  ports: { readonly client: number; readonly federation: number },
  trustFile: string,
): object {
  const listener = { type: "http", bind_addresses: ["127.0.0.1"] };
  return {
    server_name: SYNAPSE,
    report_stats: false,
    listeners: [
      { ...listener, port: ports.client, resources: [{ names: ["client"], compress: false }] },
      { ...listener, port: ports.federation, tls: true, resources: [{ names: ["federation"], compress: false }] },
    ],
    tls_certificate_path: join(folder, "cert.pem"),
    tls_private_key_path: join(folder, "key.pem"),
    federation_custom_ca_list: [trustFile],
    ip_range_blacklist: [],
    federation_ip_range_blacklist: [],
    // It asks again at once who was not there: tests do not wait for minutes.
    federation: {
      destination_min_retry_interval: 500,
      destination_retry_multiplier: 1,
      destination_max_retry_interval: "1s",
      client_timeout: "10s",
      max_short_retries: 1,
      max_long_retries: 1,
    },
    database: { name: "sqlite3", args: { database: join(folder, "synapse.db") } },
    // What was answered to a first sync is not answered again.
    caches: { sync_response_cache_duration: 0 },
    media_store_path: join(folder, "media"),
    signing_key_path: join(folder, "signing.key"),
    macaroon_secret_key: randomBytes(24).toString("hex"),
    enable_registration: true,
    enable_registration_without_verification: true,
    suppress_key_server_warning: true,
    trusted_key_servers: [],
    rc_message: NO_LIMIT,
    rc_registration: NO_LIMIT,
    rc_login: { address: NO_LIMIT, account: NO_LIMIT, failed_attempts: NO_LIMIT },
    rc_joins: { local: NO_LIMIT, remote: NO_LIMIT },
    rc_joins_per_room: NO_LIMIT,
    rc_invites: { per_room: NO_LIMIT, per_user: NO_LIMIT, per_issuer: NO_LIMIT },
    rc_federation: { window_size: 1000, sleep_limit: 100_000, sleep_delay: 1, reject_limit: 100_000, concurrent: 100 },
  };
}

async function untilAnswering(child: ChildProcess, url: string, output: () => string): Promise<void> {
  for (let waited = 0; child.exitCode === null && waited < START_MS_MAX; waited += POLL_MS) {
    const answer = await fetch(`${url}/_matrix/client/versions`).catch(() => undefined);
    if (answer?.ok === true) return;
    await sleep(POLL_MS);
  }
  throw new Error(`Synapse did not begin to answer:\n${output()}`);
}

import { join } from "node:path";
import type { Gateway } from "@scop/gateway";
import { serveImap } from "@scop/imap/run";
import { createMailstore } from "@scop/mailstore";
import { createMta, type Mta } from "@scop/mta";
import { type Listener, nodeCompression, nodePlatform } from "@scop/node-host";
import { openSignerThread, type SignerThread } from "@scop/node-host/dkim";
import { giveBackWhenIdle } from "@scop/node-host/idle-memory";
import { type Connection, createClosing, type Platform } from "@scop/platform";
import { type Authenticator, type AuthenticatorFactory, createAuthenticator, createLoginGuard } from "@scop/sasl";
import { createConnectionLimits, peerKey, serveSmtp } from "@scop/smtp/run";
import type { SqliteStore } from "@scop/store/sqlite";
import { DEFAULT_PORTS, type ListenerName } from "../config.ts";
import { UsageError } from "../fault.ts";
import { keysFolder } from "../keys.ts";
import { hostnameOf, mtaConfigOf, type ServerSettings } from "../settings.ts";
import { signerOf } from "../signers.ts";
import { autoconfigOf } from "./autoconfig.ts";
import { type Certificate, installationSecret, loadCertificate } from "./certificate.ts";
import { ensureDemo, refuseDemoBeyondLoopback } from "./demo.ts";
import { activated, openDoor, portFault } from "./doors.ts";
import { openGateway } from "./gateway.ts";
import { startKeyRotation } from "./key-rotation.ts";
import { lockFolder } from "./lock.ts";
import { type Matrix, openMatrix } from "./matrix.ts";
import { createLog, createMetrics, type MetricsRegistry } from "./observe.ts";
import { ownStsPolicy } from "./own-policy.ts";
import { openDaemonStore } from "./store.ts";
import { openStsMemories } from "./sts-memories.ts";
import { openFederation, openSecureWeb, openWeb, type Web, type WebPages } from "./web.ts";

/** How often commands of other processes are looked for, and gauges are set. */
const LOOK_AROUND_MS = 1_000;
/** After so long the end comes whether everything said goodbye or not. */
const STOP_MS_MAX = 4_000;
/** Sessions have so long to finish the message that is under way. */
const GOODBYE_MS_MAX = 2_000;
const GOODBYE_LOOK_MS = 20;
/** How far ahead a message may be given in: four weeks. RFC 4865 */
const HOLD_MS_MAX = 28 * 24 * 3_600_000;
/** RFC 9110 4.2.2 */
const HTTPS_PORT = 443;
/** Connections of one listener, unless configured. */
const CONNECTIONS_MAX = 10_000;
/** Connections from one address to one listener, unless configured. */
const CONNECTIONS_PER_ADDRESS_MAX = 500;

/** A server that runs. */
export interface Daemon {
  readonly hostname: string;
  readonly ports: Readonly<Record<ListenerName, number>>;
  /** Undefined: it was not asked for. */
  readonly httpsPort: number | undefined;
  /** Undefined: there are no other Matrix servers. */
  readonly federationPort: number | undefined;
  readonly certificate: Certificate;
  readonly domains: readonly string[];
  /** The part of Matrix user ids behind the colon. */
  readonly matrixName: string;
  /** No new work, running transactions finish or roll back, leases return. A second call waits for the first. */
  stop(): Promise<void>;
}

interface Parts {
  readonly settings: ServerSettings;
  readonly io: Platform;
  readonly metrics: MetricsRegistry;
  readonly store: SqliteStore;
  readonly mta: Mta;
  readonly signer: SignerThread;
  readonly hostname: string;
  readonly certificate: Certificate;
  readonly domains: readonly string[];
  readonly closing: ReturnType<typeof createClosing>;
  readonly authenticators: AuthenticatorFactory;
}

/** Starts everything; resolves once every listener accepts. Rejects with `UsageError`, `Fault` or what the store rejects with. */
export async function startDaemon(settings: ServerSettings): Promise<Daemon> {
  if (settings.demo) refuseDemoBeyondLoopback(settings.host);
  const unlock = lockFolder(settings.data);
  const undo: (() => Promise<void> | void)[] = [unlock];
  try {
    const parts = await assemble(settings, undo);
    const { doors, webs } = await openAll(parts, undo);
    parts.mta.start();
    const gateway = openGateway({ ...settings, ...parts, matrix: webs.matrix });
    gateway.start();
    const rotation = startKeyRotation(parts.io, {
      folder: keysFolder(settings.data),
      domains: () => servedDomains(parts.store),
      schedule: settings.keySchedule,
    });
    const keepMemory = giveBackWhenIdle();
    const looking = setInterval(() => lookAround(parts, doors, gateway), LOOK_AROUND_MS);
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      clearInterval(looking);
      keepMemory();
      rotation.stop();
      await gateway.stop();
      await stopAll(parts, [...doors.values()], webs);
      unlock();
    };
    return {
      hostname: parts.hostname,
      ports: portsOf(doors, webs.plain),
      httpsPort: webs.secure?.port,
      federationPort: webs.federation?.port,
      certificate: parts.certificate,
      domains: parts.domains,
      matrixName: webs.matrix.serverName,
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}

async function assemble(settings: ServerSettings, undo: (() => Promise<void> | void)[]): Promise<Parts> {
  const metrics = createMetrics();
  const { resolvers } = settings;
  const io = nodePlatform({ log: createLog(settings.logLevel), metrics, ...(resolvers ? { resolvers } : {}) });
  const store = await openDaemonStore(settings.data);
  undo.push(() => store.close());
  if (settings.demo) await ensureDemo(io, store, settings.data);
  const domains = await servedDomains(store);
  const first = domains[0];
  if (first === undefined) {
    throw new UsageError(
      `${settings.data} serves no domain yet. Add one (npx scop domain add example.org, npx scop account add you@example.org), or try the demonstration: npm start`,
    );
  }
  const hostname = hostnameOf(settings, first);
  const names = [hostname, ...domains, "localhost", "127.0.0.1", "::1"];
  const certificate = await loadCertificate({ folder: settings.data, names, files: settings.tls });
  const signer = openSignerThread(keysFolder(settings.data));
  undo.push(() => signer.close());
  const stsMemories = openStsMemories(join(settings.data, "mta-sts"), io.clock.now());
  const chosen = signerOf(io, signer, settings.signers);
  const mta = createMta(io, store, { ...mtaConfigOf(settings, hostname), stsMemories }, chosen);
  const authenticators = authenticatorsOf(io, mta, settings);
  const closing = createClosing();
  return { settings, io, metrics, store, mta, signer, hostname, certificate, domains, closing, authenticators };
}

/** The domains that are served at this moment. */
async function servedDomains(store: SqliteStore): Promise<readonly string[]> {
  return (await store.domains()).map(record => record.domain);
}

/** One authenticator with one guard for all doors. */
function authenticatorsOf(io: Platform, mta: Mta, settings: ServerSettings): AuthenticatorFactory {
  return createAuthenticator(
    io,
    name => mta.lookup(name),
    { secret: installationSecret(settings.data), guard: { guard: createLoginGuard(), io } },
    error => io.log.write("error", "an account could not be looked up", { detail: String(error) }),
  );
}

/** What happens behind each door. */
function services(parts: Parts): readonly (readonly [ListenerName, (connection: Connection) => Promise<void>])[] {
  const { io, store, mta, hostname, settings, closing } = parts;
  const authenticatorOn = (connection: Connection): Authenticator =>
    parts.authenticators.on({ key: peerKey(connection.remote.address), binding: () => connection.tls?.exporter });
  const mailstore = createMailstore(io, store, settings.quota);
  const { messageOctetsMax, recipientsMax, connectionsMax = CONNECTIONS_MAX } = settings.limits;
  const perAddress = settings.limits.connectionsPerAddressMax ?? CONNECTIONS_PER_ADDRESS_MAX;
  const limits = {
    ...(messageOctetsMax === undefined ? {} : { messageOctets: messageOctetsMax }),
    ...(recipientsMax === undefined ? {} : { recipients: recipientsMax }),
  };
  const smtp = (kind: "mx" | "submission"): ((connection: Connection) => Promise<void>) => {
    const admission = createConnectionLimits({ total: connectionsMax, perPeer: perAddress });
    const common = {
      hostname,
      handler: mta.receiver(kind),
      tls: "offered",
      limits,
      admission,
      closing,
      extensions: ["CHUNKING", "BINARYMIME", "DSN", "REQUIRETLS"],
    } as const;
    if (kind === "mx") return connection => serveSmtp(io, connection, { ...common, authRequired: "no" });
    return connection =>
      serveSmtp(io, connection, {
        ...common,
        authRequired: "yes",
        authenticator: authenticatorOn(connection),
        holdMsMax: HOLD_MS_MAX,
      });
  };
  const imap = {
    hostname,
    openBackend: (identity: string) => mailstore.openBackend(identity),
    compression: nodeCompression(),
    closing,
  };
  const imaps = async (connection: Connection): Promise<void> => {
    try {
      await connection.startTls({ role: "server" });
    } catch (error) {
      io.log.write("debug", "a TLS handshake failed", { peer: connection.remote.address, detail: String(error) });
      return connection.abort();
    }
    await serveImap(io, connection, { ...imap, tls: "active", authenticator: authenticatorOn(connection) });
  };
  return [
    ["smtp", smtp("mx")],
    ["submission", smtp("submission")],
    [
      "imap",
      connection => serveImap(io, connection, { ...imap, tls: "offered", authenticator: authenticatorOn(connection) }),
    ],
    ["imaps", imaps],
  ];
}

async function openAll(
  parts: Parts,
  undo: (() => Promise<void> | void)[],
): Promise<{ doors: Map<ListenerName, Listener>; webs: Webs }> {
  const { settings, io, certificate } = parts;
  const doors = new Map<ListenerName, Listener>();
  for (const [name, accept] of services(parts)) {
    const door = await openDoor(
      {
        name,
        host: settings.host,
        port: settings.ports[name],
        context: certificate.context,
        connectionsMax: settings.limits.connectionsMax ?? CONNECTIONS_MAX,
        accept,
      },
      io.log,
    );
    doors.set(name, door);
    undo.push(() => door.stop());
  }
  const webs = await openWebs(parts, doors);
  return { doors, webs };
}

/** The ports for browsers, for Matrix and for servers that ask for our policy. */
interface Webs {
  readonly plain: Web;
  readonly secure: Web | undefined;
  readonly federation: Web | undefined;
  readonly matrix: Matrix;
}

async function openWebs(parts: Parts, doors: ReadonlyMap<ListenerName, Listener>): Promise<Webs> {
  const { host, ports, httpsPort, data, federation: peers } = parts.settings;
  const { io, store, domains, authenticators, hostname, certificate } = parts;
  // Clients are told the way with TLS, where there is one.
  let baseUrl = "";
  let federationAt: string | undefined;
  const matrix = openMatrix({
    ...{ io, store, data, domains, authenticators, federation: peers, demo: parts.settings.demo },
    baseUrl: () => baseUrl,
    federationAt: () => federationAt,
  });
  const pages = pagesOf(parts, doors, matrix);
  const open: Web[] = [];
  const opened = async (name: "http" | "https" | "federation", port: number, web: Promise<Web>): Promise<Web> => {
    const found = await web.catch(async error => {
      matrix.close();
      for (const each of open) await each.stop();
      throw portFault(error, name, host, port);
    });
    open.push(found);
    return found;
  };
  const plain = await opened("http", ports.http, openWeb({ host, port: ports.http }, pages));
  baseUrl = `http://${host}:${plain.port}`;
  const at = activated("https") ?? (httpsPort === undefined ? undefined : { host, port: httpsPort });
  const secure = at && (await opened("https", httpsPort ?? 0, openSecureWeb(at, pages, certificate.context)));
  if (secure !== undefined) baseUrl = `https://${hostname}${secure.port === HTTPS_PORT ? "" : `:${secure.port}`}`;
  if (peers === undefined) return { plain, secure, federation: undefined, matrix };
  const door = activated("federation") ?? { host, port: peers.port };
  const connectionsMax = parts.settings.limits.connectionsMax ?? CONNECTIONS_MAX;
  const listening = openFederation(door, matrix.server, certificate.identity, connectionsMax);
  const federation = await opened("federation", peers.port, listening);
  federationAt = `${hostname}:${federation.port}`;
  return { plain, secure, federation, matrix };
}

function pagesOf(parts: Parts, doors: ReadonlyMap<ListenerName, Listener>, matrix: Matrix): WebPages {
  const portOf = (name: ListenerName): number => doors.get(name)?.port ?? parts.settings.ports[name];
  return {
    health: async () => ({
      healthy: !parts.closing.closing,
      detail: { status: parts.closing.closing ? "stopping" : "ok", queue: await parts.store.queueCounts() },
    }),
    metrics: () => parts.metrics.text(),
    policy: async host => {
      const certificate = parts.certificate.selfSigned ? "self-signed" : "checked";
      return ownStsPolicy(host, await servedDomains(parts.store), { hostname: parts.hostname, certificate });
    },
    autoconfig: async host => {
      const ports = { submission: portOf("submission"), imap: portOf("imap"), imaps: portOf("imaps") };
      return autoconfigOf(host, await servedDomains(parts.store), { hostname: parts.hostname, ports });
    },
    matrix: matrix.server,
    about: () => [
      `${parts.hostname} serves ${parts.domains.join(", ")}.`,
      `SMTP ${portOf("smtp")}, submission ${portOf("submission")}, IMAP ${portOf("imap")}, IMAPS ${portOf("imaps")}.`,
      `Matrix: user names end in :${matrix.serverName}, and clients find it at this address.`,
    ],
  };
}

function portsOf(doors: ReadonlyMap<ListenerName, Listener>, web: Web): Record<ListenerName, number> {
  const ports: Record<ListenerName, number> = { ...DEFAULT_PORTS, http: web.port };
  for (const [name, door] of doors) ports[name] = door.port;
  return ports;
}

/** Commands change the store from outside; figures are cheap to set now and then. */
function lookAround(parts: Parts, doors: ReadonlyMap<ListenerName, Listener>, gateway: Gateway): void {
  try {
    // An operator who says retry means the hosts that rest after a failure, too.
    if (parts.store.noticeOthers()) {
      parts.mta.wake();
      gateway.wake();
    }
  } catch (error) {
    parts.io.log.write("error", "the store can't be read", { detail: String(error) });
  }
  for (const [listener, door] of doors) parts.metrics.gauge("connections", door.connections(), { listener });
}

async function stopAll(
  parts: Parts,
  doors: readonly Listener[],
  { plain, secure, federation, matrix }: Webs,
): Promise<void> {
  const limit = setTimeout(() => {
    parts.io.log.write("warn", "not everything ended in time; leaving");
    process.exit(0);
  }, STOP_MS_MAX);
  await Promise.all(doors.map(door => door.stop()));
  parts.closing.close();
  matrix.close();
  await Promise.all([parts.mta.stop(), ended(doors)]);
  for (const door of doors) door.abort();
  await Promise.all([parts.store.close(), parts.signer.close(), plain.stop(), secure?.stop(), federation?.stop()]);
  clearTimeout(limit);
}

/** Sessions say goodbye when no message is under way; the others are cut after a while, and nothing of theirs was acknowledged. */
async function ended(doors: readonly Listener[]): Promise<void> {
  for (let waitedMs = 0; waitedMs < GOODBYE_MS_MAX; waitedMs += GOODBYE_LOOK_MS) {
    if (doors.every(door => door.connections() === 0)) return;
    await new Promise(resolve => setTimeout(resolve, GOODBYE_LOOK_MS));
  }
}

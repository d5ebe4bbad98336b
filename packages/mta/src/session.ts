import { type CertificateFault, ConnectFailed, type Connection, type Platform } from "@scop/platform";
import type { Credentials } from "@scop/sasl";
import type { ClientTimeouts, Failure } from "@scop/smtp";
import { type ClientTls, openSmtpClient, type SmtpClient } from "@scop/smtp/run";
import { matchesTlsa } from "@scop/tls-policy";
import { unreachable, utf8Lossy } from "@scop/wire";
import { type Problem, problem, problemOfFailure, type Remote, remoteText } from "./problem.ts";
import type { SafeHop } from "./reach.ts";

/** What a session is opened with. */
export interface Opening {
  /** Our name for EHLO. */
  readonly hostname: string;
  readonly address: string;
  /** Of the monotonic clock: when it has to be open. */
  readonly until: number;
  /** To connect to the address; less where `until` comes sooner. */
  readonly connectTimeoutMs: number;
  readonly timeouts: Partial<ClientTimeouts>;
  /** Waits for a connection; it may reject instead, and so does `openSession` then. */
  connected(pending: Promise<Connection>): Promise<Connection>;
}

/** A server that greeted us. */
export interface Session {
  readonly connection: Connection;
  readonly client: SmtpClient;
  readonly remote: Remote;
}

/** What became of TLS in an attempt: `untried` where it did not get that far, or nobody wanted any. */
export interface TlsSeen {
  readonly is: "untried" | "absent" | "failed" | "unverified" | "verified";
  readonly fault?: CertificateFault | undefined;
  /** Our own address of the connection. */
  readonly from?: string;
}

/** One attempt. With opportunistic TLS, `tls` is what it came to before the clear was taken. */
export type OpenedSession = { readonly tls: TlsSeen } & (
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly problem: Problem }
);

type SessionIo = Pick<Platform, "clock" | "timers" | "net" | "crypto" | "random" | "log" | "metrics">;
/** Connects to one address of a host and greets. With opportunistic TLS, a failed handshake leads to a second connection in the clear. */
export async function openSession(io: SessionIo, hop: SafeHop, opening: Opening): Promise<OpenedSession> {
  const tls = tlsOf(io, hop);
  const first = await attempt(io, hop, opening, tls);
  if (first.ok || first.tls.is !== "failed" || tls.mode !== "opportunistic") return first;
  // RFC 7435 3: better in the clear than not at all, where nobody asked for more.
  io.metrics.count("mta_tls_fallbacks_total");
  io.log.write("warn", "TLS failed, sending in the clear", { host: hop.host, address: opening.address });
  return { ...(await attempt(io, hop, opening, { mode: "none" })), tls: first.tls };
}

/** What a policy of the destination asks for, or else what the operator does. */
function tlsOf(io: Pick<Platform, "crypto">, hop: SafeHop): ClientTls {
  const { requirement, host } = hop;
  switch (requirement.tls) {
    case "verified":
      return { mode: "require", serverName: host, verify: "require" };
    case "encrypted":
      return { mode: "require", serverName: host, verify: "opportunistic" };
    case "dane": {
      const { records, serverName, names } = requirement;
      return { mode: "require", serverName, verify: peer => matchesTlsa(records, peer, names, io.crypto) };
    }
    case "opportunistic":
      return chosenTls(hop);
    default:
      return unreachable(requirement);
  }
}

function chosenTls(hop: SafeHop): ClientTls {
  if (hop.tls === "never") return { mode: "none" };
  if (hop.tls === "implicit") return { mode: "active" };
  if (hop.tls === "require") return { mode: "require", serverName: hop.host, verify: "require" };
  return { mode: "opportunistic", serverName: hop.host };
}

/** The password leaves its `Secret` here, for one exchange. */
function credentialsOf({ username, password }: NonNullable<SafeHop["credentials"]>): Credentials {
  return { username, password: utf8Lossy(password.reveal()) };
}

async function attempt(io: SessionIo, hop: SafeHop, opening: Opening, tls: ClientTls): Promise<OpenedSession> {
  const { address, hostname, timeouts } = opening;
  const remote = { name: hop.host, address };
  const leftMs = Math.max(0, opening.until - io.clock.monotonic());
  const connecting = io.net.connect({ address, port: hop.port, timeoutMs: Math.min(opening.connectTimeoutMs, leftMs) });
  let connection: Connection;
  try {
    connection = await opening.connected(connecting);
  } catch (error) {
    if (!(error instanceof ConnectFailed)) throw error;
    const failed = problem("temporary", "4.4.1", `${remoteText(remote)}: ${error.message}`);
    return { ok: false, tls: { is: "untried" }, problem: failed };
  }
  const from = connection.local.address;
  const cut = io.timers.set(leftMs, () => connection.abort());
  try {
    // RFC 8314 3.3: TLS comes before the greeting
    if (tls.mode === "active") await connection.startTls({ role: "client", serverName: hop.host, verify: "require" });
  } catch {
    cut.clear();
    const failure = { blame: "peer", kind: "tls", during: "the handshake" } as const;
    return { ok: false, tls: { is: "failed", from }, problem: problemOfFailure(failure, "temporary", remote) };
  }
  const opened = await openSmtpClient(io, connection, {
    hostname,
    protocol: hop.protocol,
    tls,
    timeouts,
    ...(hop.credentials === undefined ? {} : { credentials: credentialsOf(hop.credentials) }),
  });
  cut.clear();
  if (!opened.ok) {
    const seen = { ...seenOfFailure(opened.failure), from };
    return { ok: false, tls: seen, problem: problemOfFailure(opened.failure, "temporary", remote) };
  }
  io.metrics.count("mta_connections_total", { tls: connection.tls === undefined ? "no" : "yes" });
  const seen = tls.mode === "none" ? ({ is: "untried" } as const) : { ...seenOf(connection), from };
  return { ok: true, tls: seen, session: { connection, client: opened.client, remote } };
}

function seenOf({ tls }: Connection): TlsSeen {
  if (tls === undefined) return { is: "absent" };
  return tls.verified ? { is: "verified" } : { is: "unverified", fault: tls.fault };
}

function seenOfFailure(failure: Failure): TlsSeen {
  if (failure.kind === "tls") return { is: "failed", fault: failure.fault };
  return { is: failure.kind === "unsupported" && failure.extension === "STARTTLS" ? "absent" : "untried" };
}

import type { Socket } from "node:net";
import { type SecureContext, type TLSSocket, TLSSocket as TlsSocket, connect as tlsConnect } from "node:tls";
import {
  type CertificateFault,
  type Connection,
  type Endpoint,
  type IpText,
  TlsFailed,
  type TlsInfo,
  type TlsRole,
} from "@scop/platform";
import { concat } from "@scop/wire";
import { peerCertificates } from "./peer-certificates.ts";
import { sendLater } from "./send-later.ts";
import { withSharedRead } from "./shared-read.ts";

/** Octets received and not yet read, above which the socket is not read any more. */
const RECEIVED_OCTETS_MAX = 64 * 1024;
/** What is written of so few octets is copied. */
const POOLED_OCTETS_MAX = 512;
/** A handshake that takes longer is given up. */
const HANDSHAKE_MS_MAX = 30_000;
/** What was written has this long to leave at `close`; then the connection is dropped. */
const CLOSE_MS_MAX = 2_000;

const CONNECTION = Symbol("connection");
type HeldSocket = Socket & { [CONNECTION]?: NodeConnection | undefined };

const WRITTEN: Promise<void> = Promise.resolve();

// One function for all sockets: a closure for each would cost each idle connection 2 KiB.
function onData(this: HeldSocket, bytes: Uint8Array): void {
  if (this[CONNECTION]?.received(bytes) === false) this.pause();
}
function onDrain(this: HeldSocket): void {
  this[CONNECTION]?.drained();
}
function onEnd(this: HeldSocket): void {
  this[CONNECTION]?.ended();
}
function onClose(this: HeldSocket): void {
  this[CONNECTION]?.closed();
}
function onError(): void {
  // The close event that always follows does the work.
}

/** The canonical text of an address: an IPv4-mapped IPv6 address is its IPv4 address. */
export function ipText(address: string): IpText {
  const scoped = address.indexOf("%");
  const bare = scoped < 0 ? address : address.slice(0, scoped);
  return (bare.startsWith("::ffff:") && bare.includes(".") ? bare.slice(7) : bare) as IpText;
}

/** A `Connection` over a socket of Node. */
export class NodeConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  tls: TlsInfo | undefined = undefined;
  readonly #serverContext: (() => SecureContext) | undefined;
  readonly #trust: string | undefined;
  #socket: HeldSocket;
  #received: Uint8Array[] = [];
  #receivedOctets = 0;
  #over = false;
  #reader: ((bytes: Uint8Array | undefined) => void) | undefined;
  #writers: (() => void)[] | undefined;
  #closers: (() => void)[] | undefined;

  /**
   * `reads` says whether octets come as `data` events or by `received`, which the maker of the socket calls then. `serverContext` gives
   * the certificate where this end is the TLS server; `trust` are certificates (PEM) that are believed in place of the usual ones.
   */
  constructor(socket: Socket, reads: "events" | "shared", serverContext?: () => SecureContext, trust?: string) {
    this.#socket = socket;
    this.#serverContext = serverContext;
    this.#trust = trust;
    this.remote = { address: ipText(socket.remoteAddress ?? "0.0.0.0"), port: socket.remotePort ?? 0 };
    this.local = { address: ipText(socket.localAddress ?? "0.0.0.0"), port: socket.localPort ?? 0 };
    socket.setNoDelay(true);
    this.#hold(socket, reads);
  }

  #hold(socket: HeldSocket, reads: "events" | "shared"): void {
    this.#socket = socket;
    socket[CONNECTION] = this;
    if (reads === "events") socket.on("data", onData);
    socket.on("drain", onDrain).on("end", onEnd).on("close", onClose).on("error", onError);
  }

  #letGo(): Socket {
    const socket = this.#socket;
    socket[CONNECTION] = undefined;
    socket.off("data", onData).off("drain", onDrain).off("end", onEnd).off("close", onClose);
    socket.pause();
    return socket;
  }

  /** From the socket: octets. Answers whether it may read on. */
  received(bytes: Uint8Array): boolean {
    if (this.#over) return true;
    const reader = this.#reader;
    if (reader) {
      this.#reader = undefined;
      reader(bytes);
      return true;
    }
    this.#received.push(bytes);
    this.#receivedOctets += bytes.length;
    return this.#receivedOctets < RECEIVED_OCTETS_MAX;
  }

  /** From the socket: what was written has left. */
  drained(): void {
    const writers = this.#writers;
    this.#writers = undefined;
    if (writers) for (const resume of writers) resume();
  }

  /** From the socket: the peer sends no more. */
  ended(): void {
    this.#over = true;
    this.#reader?.(undefined);
    this.#reader = undefined;
  }

  /** From the socket: it is gone. */
  closed(): void {
    this.ended();
    this.drained();
    const closers = this.#closers;
    this.#closers = undefined;
    if (closers) for (const resume of closers) resume();
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#receivedOctets > 0) {
      const bytes = concat(this.#received);
      if (this.#receivedOctets >= RECEIVED_OCTETS_MAX) this.#socket.resume();
      this.#received = [];
      this.#receivedOctets = 0;
      return Promise.resolve(bytes);
    }
    if (this.#over) return Promise.resolve(undefined);
    return new Promise(resolve => {
      this.#reader = resolve;
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded || bytes.length === 0) return WRITTEN;
    sendLater(socket);
    return socket.write(writable(bytes)) ? WRITTEN : this.#drain();
  }

  writeParts(parts: readonly Uint8Array[]): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return WRITTEN;
    socket.cork();
    let hasRoom = true;
    for (const part of parts) if (part.length > 0) hasRoom = socket.write(part);
    socket.uncork();
    return hasRoom ? WRITTEN : this.#drain();
  }

  #drain(): Promise<void> {
    return new Promise(resolve => {
      this.#writers ??= [];
      this.#writers.push(resolve);
    });
  }

  async startTls(as: TlsRole): Promise<TlsInfo> {
    const raw = this.#letGo();
    if (this.#receivedOctets > 0 || raw.readableLength > 0) {
      this.#received = [];
      this.#receivedOctets = 0;
      raw.destroy();
      this.closed();
      throw new Error("octets arrived before the TLS handshake");
    }
    if (raw.destroyed || this.#over) {
      this.closed();
      throw new Error("the connection ended before the TLS handshake");
    }
    const secured = as.role === "server" ? this.#asServer(raw) : asClient(raw, as, this.#trust);
    try {
      await handshake(secured, as.role === "server" ? "secure" : "secureConnect");
    } catch (error) {
      secured.destroy();
      raw.destroy();
      this.closed();
      const fault = certificateFault(error);
      throw fault === undefined ? error : new TlsFailed(String(error), fault);
    }
    if (as.role === "client" && typeof as.verify === "function" && !as.verify(peerCertificates(secured))) {
      secured.destroy();
      this.closed();
      throw new TlsFailed("the server's certificate is not the one that was expected", "unexpected");
    }
    this.#hold(secured, "events");
    const cipher = secured.getCipher();
    this.tls = {
      protocol: secured.getProtocol() ?? "unknown",
      cipher: cipher.standardName ?? cipher.name,
      verified: as.role === "client" && secured.authorized,
      ...faultOf(as, secured),
      ...exporterOf(secured),
    };
    return this.tls;
  }

  #asServer(raw: Socket): TLSSocket {
    const context = this.#serverContext;
    if (!context) throw new Error("this connection has no certificate");
    return new TlsSocket(raw, { isServer: true, secureContext: context() });
  }

  close(): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed) return WRITTEN;
    return new Promise(resolve => {
      const limit = setTimeout(() => socket.destroy(), CLOSE_MS_MAX);
      this.#closers ??= [];
      this.#closers.push(() => {
        clearTimeout(limit);
        resolve();
      });
      // Not destroyed here: octets that the peer sent and nobody read would make it lose our last words.
      this.ended();
      socket.end();
      socket.resume();
    });
  }

  abort(): void {
    this.#socket.destroy();
    this.closed();
  }
}

/** The connection of a socket that a server accepted. */
export function acceptedConnection(accepted: Socket, serverContext?: () => SecureContext): NodeConnection {
  const socket: Socket = withSharedRead(accepted, bytes => connection.received(bytes));
  const connection = new NodeConnection(socket, socket === accepted ? "events" : "shared", serverContext);
  return connection;
}

/** Node makes a Buffer of what it writes; for few octets a copy in its pool is twice as fast as one that shares them. */
function writable(bytes: Uint8Array): Uint8Array {
  if (bytes.length > POOLED_OCTETS_MAX) return bytes;
  const pooled = Buffer.allocUnsafe(bytes.length);
  pooled.set(bytes);
  return pooled;
}

/** RFC 9266 4.2. Not for TLS 1.2, where it means something only with an extension that Node does not tell of. */
function exporterOf(secured: TLSSocket): Pick<TlsInfo, "exporter"> {
  if (secured.getProtocol() !== "TLSv1.3") return {};
  return { exporter: secured.exportKeyingMaterial(32, "EXPORTER-Channel-Binding", Buffer.alloc(0)) };
}

function asClient(raw: Socket, as: TlsRole & { role: "client" }, trust: string | undefined): TLSSocket {
  const isName = /[a-z]/i.test(as.serverName) && !as.serverName.includes(":");
  return tlsConnect({
    socket: raw,
    rejectUnauthorized: as.verify === "require",
    minVersion: "TLSv1.2",
    // The extension holds no addresses; the certificate is compared with `host` then.
    host: as.serverName,
    ...(isName ? { servername: as.serverName } : {}),
    ...(trust === undefined ? {} : { ca: trust }),
  });
}

function handshake(socket: TLSSocket, event: "secure" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => settle(new Error("the TLS handshake took too long")), HANDSHAKE_MS_MAX);
    const settle = (error?: Error): void => {
      clearTimeout(limit);
      socket.off(event, done).off("end", gone).off("close", gone);
      if (error) reject(error);
      else resolve();
    };
    const done = (): void => settle();
    const gone = (): void => settle(new Error("the connection ended during the TLS handshake"));
    socket.on(event, done).on("end", gone).on("close", gone).on("error", settle);
  });
}

/** Why nobody vouches for a server that was taken all the same. */
function faultOf(as: TlsRole, secured: TLSSocket): Pick<TlsInfo, "fault"> {
  if (as.role === "server" || typeof as.verify === "function" || secured.authorized) return {};
  const fault = certificateFault(secured.authorizationError);
  return fault === undefined ? {} : { fault };
}

/** What an error of OpenSSL or Node says about a certificate; undefined where it is about something else. */
function certificateFault(error: unknown): CertificateFault | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : String(error);
  if (/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/.test(code)) return "expired";
  if (/ALTNAME/.test(code)) return "host";
  return /SELF_SIGNED|UNABLE_TO|CERT_|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/.test(code) ? "untrusted" : undefined;
}

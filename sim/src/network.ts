import {
  type CertificateFault,
  ConnectFailed,
  type Connection,
  type Endpoint,
  type IpText,
  type Net,
  type Timers,
  TlsFailed,
  type TlsInfo,
  type TlsRole,
} from "@scop/platform";
import { concat } from "@scop/wire";
import type { SeededRandom } from "./random.ts";

/** What is in flight: octets, the start of TLS, or the end of the stream. */
type Frame = Uint8Array | "tls" | "end" | "reset";

/** How the wire behaves. */
export interface Weather {
  /** Virtual milliseconds from one end to the other; each frame takes up to twice that, in order. */
  readonly latencyMs: number;
  /** Octets are cut into random pieces of at most so many; 0 leaves them whole. */
  readonly pieceOctetsMax: number;
  /** Share of datagrams, 0 to 1, that never arrive; none without it. */
  readonly datagramLossShare?: number;
  /** Share of datagrams, 0 to 1, that arrive twice; none without it. */
  readonly datagramDoubleShare?: number;
}

const TLS: TlsInfo = {
  protocol: "TLSv1.3",
  cipher: "TLS_AES_128_GCM_SHA256",
  verified: false,
  exporter: new Uint8Array(32).fill(9),
};

/** Octets that may be under way to one end before the writer has to wait. */
const WINDOW_OCTETS = 64 * 1024;

/** What the servers at an address show as their certificate. */
export interface SimulatedCertificate {
  /** As many octets as the test needs: they are compared, and not understood. */
  readonly chain: readonly Uint8Array[];
  /** Whom it names, and the usual authorities believe it. */
  readonly names: readonly string[];
}

type ClientRole = TlsRole & { readonly role: "client" };

/** Whom nobody is named to, nobody believes. */
function nameFault(names: readonly string[], serverName: string): CertificateFault | undefined {
  if (names.includes(serverName)) return undefined;
  return names.length === 0 ? "untrusted" : "host";
}

/** Why a handshake fails. A server that shows no certificate is believed, but for somebody who wants to see it. */
function faultFor(as: ClientRole, certificate: SimulatedCertificate | undefined): CertificateFault | undefined {
  if (as.verify === "opportunistic") return undefined;
  const { chain, names } = certificate ?? { chain: [], names: [as.serverName] };
  if (as.verify === "require") return nameFault(names, as.serverName);
  const isExpected = as.verify({ chain, isIssuedUnder: (_at, wanted) => wanted.some(name => names.includes(name)) });
  return isExpected ? undefined : "unexpected";
}

/** What is known afterwards: a certificate that is shown is looked at. */
function infoFor(as: TlsRole, certificate: SimulatedCertificate | undefined): TlsInfo {
  if (as.role === "server" || certificate === undefined || typeof as.verify === "function") return TLS;
  const fault = nameFault(certificate.names, as.serverName);
  return fault === undefined ? { ...TLS, verified: true } : { ...TLS, fault };
}

class Pipe implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  tls: TlsInfo | undefined = undefined;
  peer: Pipe | undefined = undefined;
  readonly #timers: Timers;
  readonly #random: SeededRandom;
  readonly #weather: Weather;
  readonly #certificate: () => SimulatedCertificate | undefined;
  #inbox: Frame[] = [];
  #inFlight = 0;
  #over = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void)[] = [];
  #latest = 0;
  #elapsed: () => number;

  constructor(local: Endpoint, remote: Endpoint, world: World) {
    this.local = local;
    this.remote = remote;
    this.#timers = world.timers;
    this.#random = world.random;
    this.#weather = world.weather;
    this.#certificate = () => world.certificates.get(remote.address);
    this.#elapsed = world.elapsed;
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#inbox.length === 0 && !this.#over) await new Promise<void>(resolve => (this.#wakeReader = resolve));
    const frame = this.#over ? "reset" : this.#inbox[0]!;
    if (!(frame instanceof Uint8Array)) return undefined;
    this.#inbox.shift();
    this.peer?.taken(frame.length);
    return frame;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#over || bytes.length === 0) return;
    this.#inFlight += bytes.length;
    for (const piece of this.#pieces(bytes)) this.#send(piece);
    while (this.#inFlight > WINDOW_OCTETS && !this.#over)
      await new Promise<void>(resolve => this.#wakeWriter.push(resolve));
  }

  writeParts(parts: readonly Uint8Array[]): Promise<void> {
    return this.write(concat(parts));
  }

  async startTls(as: TlsRole): Promise<TlsInfo> {
    if (this.#inbox.some(frame => frame instanceof Uint8Array)) {
      this.abort();
      throw new Error("octets before the TLS handshake");
    }
    this.#send("tls");
    while (this.#inbox.length === 0 && !this.#over) await new Promise<void>(resolve => (this.#wakeReader = resolve));
    if (this.#over || this.#inbox.shift() !== "tls") {
      this.abort();
      throw new Error("the TLS handshake failed");
    }
    const fault = as.role === "client" ? faultFor(as, this.#certificate()) : undefined;
    if (fault !== undefined) {
      this.abort();
      throw new TlsFailed("the certificate is not the one that was expected", fault);
    }
    this.tls = infoFor(as, this.#certificate());
    return this.tls;
  }

  async close(): Promise<void> {
    if (!this.#over) this.#send("end");
    this.#end();
  }

  abort(): void {
    if (!this.#over) this.#send("reset");
    this.#end();
  }

  /** The peer has read so many octets. */
  taken(octets: number): void {
    this.#inFlight -= octets;
    for (const wake of this.#wakeWriter.splice(0)) wake();
  }

  #end(): void {
    this.#over = true;
    this.#wakeReader?.();
    for (const wake of this.#wakeWriter.splice(0)) wake();
  }

  #pieces(bytes: Uint8Array): readonly Uint8Array[] {
    const most = this.#weather.pieceOctetsMax;
    if (most === 0) return [bytes.slice()];
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const octets = 1 + this.#random.integer(most);
      pieces.push(bytes.slice(at, at + octets));
      at += octets;
    }
    return pieces;
  }

  #send(frame: Frame): void {
    const target = this.peer;
    if (!target) return;
    const latency = this.#weather.latencyMs === 0 ? 0 : this.#random.integer(2 * this.#weather.latencyMs);
    this.#latest = Math.max(this.#latest, this.#elapsed() + latency);
    this.#timers.set(this.#latest - this.#elapsed(), () => target.#receive(frame));
  }

  #receive(frame: Frame): void {
    if (frame === "reset") this.#end();
    const last = this.#inbox.at(-1);
    if (frame instanceof Uint8Array && last instanceof Uint8Array && this.#weather.pieceOctetsMax === 0) {
      this.#inbox[this.#inbox.length - 1] = concat([last, frame]);
    } else this.#inbox.push(frame);
    this.#wakeReader?.();
  }
}

interface World {
  readonly certificates: ReadonlyMap<string, SimulatedCertificate>;
  readonly timers: Timers;
  readonly random: SeededRandom;
  readonly weather: Weather;
  readonly elapsed: () => number;
}

/** A network in memory. */
export interface SimulatedNet {
  /** The network as one machine with this address sees it. */
  from(address: string): Net;
  /** Accepts connections to an address and port until the returned function is called. */
  listen(address: string, port: number, accept: (connection: Connection) => void): () => void;
  /** Connections to this address are never answered (true), or again as usual (false). */
  dead(address: string, is: boolean): void;
  /** The certificates of servers, by address. */
  readonly certificates: Map<string, SimulatedCertificate>;
}

export function simulatedNet(weather: Omit<World, "certificates">): SimulatedNet {
  const certificates = new Map<string, SimulatedCertificate>();
  const world: World = { ...weather, certificates };
  const listeners = new Map<string, (connection: Connection) => void>();
  const deadAddresses = new Set<string>();
  let ephemeral = 40_000;
  return {
    certificates,
    listen: (address, port, accept) => {
      const key = `${address} ${port}`;
      if (listeners.has(key)) throw new Error(`${key} is taken`);
      listeners.set(key, accept);
      return () => void listeners.delete(key);
    },
    dead: (address, is) => void (is ? deadAddresses.add(address) : deadAddresses.delete(address)),
    from: address => ({
      connect: async to => {
        if (deadAddresses.has(to.address)) {
          await new Promise<void>(resolve => world.timers.set(to.timeoutMs, resolve));
          throw new ConnectFailed(`${to.address}:${to.port} does not answer`);
        }
        const accept = listeners.get(`${to.address} ${to.port}`);
        if (!accept) throw new ConnectFailed(`${to.address}:${to.port} refuses connections`);
        ephemeral += 1;
        const near: Endpoint = { address: address as IpText, port: ephemeral };
        const far: Endpoint = { address: to.address as IpText, port: to.port };
        const client = new Pipe(near, far, world);
        const server = new Pipe(far, near, world);
        client.peer = server;
        server.peer = client;
        accept(server);
        return client;
      },
    }),
  };
}

import type { Connection, DatagramSocket, Dns, DnsAnswer, Platform, Timer } from "@scop/platform";
import { unreachable } from "@scop/wire";
import { STREAM_TRY_MS } from "./limits.ts";
import { dnsOf, type Lookup } from "./lookup.ts";
import type { Name } from "./name.ts";
import { type DataOf, isOfType, type RecordData, type RecordType } from "./record.ts";
import { stepResolver } from "./resolver.ts";
import {
  openResolver,
  type ResolverEffect,
  type ResolverInput,
  type ResolverLimits,
  type ResolverServer,
  type ResolverState,
} from "./resolver-state.ts";

/** What a resolver is given. */
export type ResolverIo = Pick<Platform, "clock" | "timers" | "random" | "net" | "datagrams">;

/** A resolver at work. */
export interface RunningResolver {
  readonly dns: Dns;
  /** For the types that `Dns` has no question for. */
  readonly lookup: Lookup;
}

/** What happened, without the time. */
type Happening = ResolverInput extends infer Input ? (Input extends ResolverInput ? Omit<Input, "now"> : never) : never;

class Driver {
  readonly #io: ResolverIo;
  readonly #state: ResolverState;
  readonly #questions = new Map<number, (answer: DnsAnswer<RecordData>) => void>();
  readonly #sockets = new Map<number, DatagramSocket>();
  /** Undefined while it is being opened. */
  readonly #connections = new Map<number, Connection | undefined>();
  #lastQuestion = 0;
  #timer: Timer | undefined;

  constructor(io: ResolverIo, servers: readonly ResolverServer[], limits: ResolverLimits | undefined) {
    this.#io = io;
    this.#state = openResolver(servers, io.random, limits);
  }

  readonly lookup: Lookup = async <T extends RecordType>(name: Name, type: T): Promise<DnsAnswer<DataOf<T>>> => {
    this.#lastQuestion += 1;
    const id = this.#lastQuestion;
    const answer = await new Promise<DnsAnswer<RecordData>>(resolve => {
      this.#questions.set(id, resolve);
      this.#step({ on: "ask", id, name, type });
    });
    if (answer.found !== "records") return answer;
    return { ...answer, records: answer.records.filter(data => isOfType(data, type)) };
  };

  #step(happening: Happening): void {
    const input = { ...happening, now: this.#io.clock.monotonic() } as ResolverInput;
    for (const effect of stepResolver(this.#state, input)) this.#perform(effect);
  }

  #perform(effect: ResolverEffect): void {
    switch (effect.do) {
      case "send":
        void this.#exchange(effect.exchange, effect.server, effect.octets);
        break;
      case "release":
        this.#sockets.get(effect.exchange)?.close();
        this.#sockets.delete(effect.exchange);
        break;
      case "open":
        this.#connections.set(effect.stream, undefined);
        void this.#converse(effect.stream, effect.server);
        break;
      case "write":
        void this.#connections.get(effect.stream)?.write(effect.octets);
        break;
      case "close":
        this.#connections.get(effect.stream)?.abort();
        this.#connections.delete(effect.stream);
        break;
      case "answer": {
        const answered = this.#questions.get(effect.id);
        this.#questions.delete(effect.id);
        answered?.(effect.answer);
        break;
      }
      case "wake":
        this.#wakeAt(effect.at);
        break;
      default:
        unreachable(effect);
    }
  }

  #wakeAt(at: number | undefined): void {
    this.#timer?.clear();
    if (at === undefined) {
      this.#timer = undefined;
      return;
    }
    const afterMs = Math.max(0, Math.ceil(at - this.#io.clock.monotonic()));
    this.#timer = this.#io.timers.set(afterMs, () => this.#step({ on: "tick" }));
  }

  async #exchange(exchange: number, server: ResolverServer, octets: Uint8Array): Promise<void> {
    const socket = this.#io.datagrams.open(server);
    this.#sockets.set(exchange, socket);
    socket.send(octets);
    for (let heard = await socket.receive(); heard !== undefined; heard = await socket.receive())
      this.#step({ on: "datagram", exchange, octets: heard });
    if (this.#sockets.has(exchange)) this.#step({ on: "unreachable", exchange });
  }

  /** One stream from its opening to its end, however it ends. */
  async #converse(stream: number, server: ResolverServer): Promise<void> {
    const connection = await this.#open(server);
    if (connection !== undefined && this.#connections.has(stream)) {
      this.#connections.set(stream, connection);
      this.#step({ on: "opened", stream });
      for (let heard = await connection.read(); heard !== undefined; heard = await connection.read())
        this.#step({ on: "octets", stream, octets: heard });
    }
    connection?.abort();
    this.#step({ on: "ended", stream });
  }

  async #open(server: ResolverServer): Promise<Connection | undefined> {
    const { address, port, transport } = server;
    let connection: Connection | undefined;
    try {
      connection = await this.#io.net.connect({ address, port, timeoutMs: STREAM_TRY_MS });
      if (transport.by === "tls")
        await connection.startTls({ role: "client", serverName: transport.serverName, verify: "require" });
      return connection;
    } catch {
      connection?.abort();
      return undefined;
    }
  }
}

/**
 * Asks these servers, in this order as long as they answer; there is at least one. Answers are kept as long as they say, equal questions
 * under way are asked once, and each is answered within `SEARCH_MS_MAX` after it got its place. `limits` is for small machines.
 */
export function runResolver(
  io: ResolverIo,
  servers: readonly ResolverServer[],
  limits?: ResolverLimits,
): RunningResolver {
  const { lookup } = new Driver(io, servers, limits);
  return { dns: dnsOf(lookup), lookup };
}

import type { Closing, Compression, Connection, Platform, Timer } from "@scop/platform";
import type { Authenticator, SaslAnswer, SaslExchange } from "@scop/sasl";
import { assert, concat, unreachable } from "@scop/wire";
import type { Backend } from "./backend.ts";
import { CLOSE_TIMEOUT_MS, defaultLimits, type ImapLimits } from "./limits.ts";
import { step, wantsInput } from "./machine.ts";
import { Provider } from "./provider.ts";
import { type Effect, type Input, newSession, type Session } from "./session.ts";

type ImapIo = Pick<Platform, "clock" | "timers" | "log" | "metrics">;

/** How to serve one connection. */
export interface ImapOptions {
  /** Our name, in the greeting. */
  readonly hostname: string;
  readonly authenticator: Authenticator;
  /** The mailboxes of who logged in. A rejection is answered with NO [UNAVAILABLE]. */
  readonly openBackend: (identity: string) => Promise<Backend>;
  /** `offered`: STARTTLS, and no login before it; `active`: the connection is TLS from its first octet. */
  readonly tls: "offered" | "active";
  /** Without it COMPRESS is not offered. */
  readonly compression?: Compression;
  /** What is left out has its default. */
  readonly limits?: Partial<ImapLimits>;
  readonly closing?: Closing;
}

/** Octets that are put into one write. */
const JOINED_OCTETS_MAX = 128 * 1024;

/**
 * Serves one connection until it is over; the connection is closed then. Never rejects: what a backend rejects with is logged and
 * answered with NO [UNAVAILABLE]. Holds one read, one command of at most 64 KiB with 64 KiB of literals, and one message while it is
 * taken apart; a message that is only passed through is held in stretches of 256 KiB.
 */
export async function serveImap(io: ImapIo, connection: Connection, options: ImapOptions): Promise<void> {
  io.metrics.count("imap_connections");
  const served = new ServedConnection(io, connection, options);
  try {
    await served.run();
  } catch (error) {
    io.log.write("error", "an IMAP session failed", { remote: connection.remote.address, error: String(error) });
  } finally {
    await served.end();
  }
}

class ServedConnection {
  readonly #io: ImapIo;
  #connection: Connection;
  readonly #options: ImapOptions;
  readonly #limits: ImapLimits;
  readonly #provider: Provider;
  #session: Session;
  #exchange: SaslExchange | undefined;
  #timer: Timer | undefined;
  /** What the session hears next, in order. */
  readonly #inputs: Input[] = [];
  /** What it hears when it listens: never more than one of each. */
  readonly #interrupts = new Set<"timeout" | "closing">();
  #reading = false;
  #ended = false;
  #wake: () => void = () => undefined;
  #unwatch: () => void = () => undefined;

  constructor(io: ImapIo, connection: Connection, options: ImapOptions) {
    this.#io = io;
    this.#connection = connection;
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#provider = new Provider(io, options.openBackend, what => this.#onChanged(what));
    const { mechanisms } = options.authenticator;
    const compression = options.compression === undefined ? "not-offered" : "offered";
    const settings = { hostname: options.hostname, mechanisms, limits: this.#limits, compression } as const;
    this.#session = newSession(settings, options.tls);
  }

  async run(): Promise<void> {
    const { closing } = this.#options;
    this.#unwatch = closing?.watch(() => this.#interrupt("closing")) ?? this.#unwatch;
    this.#inputs.push({ on: "start" });
    if (closing?.closing === true) this.#interrupts.add("closing");
    // Ends with the connection, or when the session says `close`.
    for (let input = await this.#next(); input !== undefined; input = await this.#next()) {
      const { session, effects } = step(this.#session, input);
      this.#session = session;
      for (const effect of effects) await this.#perform(effect);
    }
  }

  /** Lets go of everything. */
  async end(): Promise<void> {
    this.#release();
    const drop = this.#io.timers.set(CLOSE_TIMEOUT_MS, () => this.#connection.abort());
    await this.#connection.close().catch(() => undefined);
    drop.clear();
  }

  #release(): void {
    this.#ended = true;
    this.#timer?.clear();
    this.#unwatch();
    this.#provider.release();
  }

  #interrupt(kind: "timeout" | "closing"): void {
    this.#interrupts.add(kind);
    this.#wake();
  }

  #onChanged(what: "changed" | "account-changed"): void {
    if (!this.#inputs.some(input => input.on === what)) this.#inputs.push({ on: what });
    this.#wake();
  }

  /** Answers come first; the client is only listened to while the session wants it. Undefined at the end. */
  async #next(): Promise<Input | undefined> {
    // Each turn gives an input, or waits for something to happen.
    while (!this.#ended) {
      const input = this.#inputs.shift();
      if (input !== undefined) return input;
      assert(wantsInput(this.#session), "a session that does not listen waits for an answer");
      for (const kind of this.#interrupts) {
        this.#interrupts.delete(kind);
        return { on: kind };
      }
      const woken = new Promise<void>(resolve => {
        this.#wake = resolve;
      });
      if (!this.#reading) this.#read();
      await woken;
    }
    return undefined;
  }

  /** One read at a time; it may still wait while the session is busy with what changed. */
  #read(): void {
    this.#reading = true;
    const done = (bytes: Uint8Array | undefined): void => {
      this.#reading = false;
      if (bytes === undefined) this.#ended = true;
      else this.#inputs.push({ on: "bytes", bytes });
      this.#wake();
    };
    this.#connection.read().then(done, () => done(undefined));
  }

  async #perform(effect: Effect): Promise<void> {
    switch (effect.do) {
      case "write":
        return this.#write(effect.bytes);
      case "ask":
        this.#inputs.push(await this.#provider.answer(effect.question));
        return;
      case "sasl":
        this.#inputs.push({ on: "sasl", answer: await this.#sasl(effect.mechanism, effect.response) });
        return;
      case "append-chunk":
        return this.#provider.append(effect.bytes);
      case "append-abort":
        return this.#provider.abortAppend();
      case "watch":
        this.#provider.watch(effect.mailbox);
        return;
      case "watch-all":
        this.#provider.watchAll(effect.watch);
        return;
      case "start-tls":
        return this.#startTls();
      case "compress":
        assert(!this.#reading && this.#options.compression !== undefined, "nothing is read while compression starts");
        this.#connection = this.#options.compression.deflate(this.#connection);
        this.#inputs.push({ on: "compressed" });
        return;
      case "turn":
        await new Promise<void>(resolve => this.#io.timers.set(0, resolve));
        this.#inputs.push({ on: "turn" });
        return;
      case "timer":
        this.#timer?.clear();
        this.#timer = this.#io.timers.set(effect.afterMs, () => this.#interrupt("timeout"));
        return;
      case "close":
        this.#ended = true;
        return;
      default:
        unreachable(effect);
    }
  }

  /** A client that takes nothing for too long is dropped: it must not hold what waits for it. */
  async #write(chunks: readonly Uint8Array[]): Promise<void> {
    let octets = 0;
    for (const chunk of chunks) octets += chunk.length;
    const joined = octets <= JOINED_OCTETS_MAX ? [concat(chunks)] : chunks;
    for (const chunk of joined) {
      const drop = this.#io.timers.set(this.#limits.writeTimeoutMs, () => this.#connection.abort());
      await this.#connection.write(chunk);
      drop.clear();
    }
  }

  async #startTls(): Promise<void> {
    assert(!this.#reading, "nothing is read while TLS starts");
    try {
      await this.#connection.startTls({ role: "server" });
      this.#inputs.push({ on: "tls-started" });
    } catch (error) {
      this.#io.log.write("info", "TLS did not start", {
        remote: this.#connection.remote.address,
        error: String(error),
      });
      this.#ended = true;
    }
  }

  async #sasl(mechanism: string | undefined, response: Uint8Array | undefined): Promise<SaslAnswer> {
    if (mechanism !== undefined) this.#exchange = this.#options.authenticator.start(mechanism);
    assert(this.#exchange !== undefined, "an exchange begins with a mechanism that was announced");
    const answer = await this.#exchange.next(response);
    if (answer.answer === "challenge") return answer;
    this.#exchange = undefined;
    const outcome = answer.answer === "done" ? "done" : answer.failure.reason;
    this.#io.metrics.count("imap_logins", { outcome });
    if (outcome === "done") return answer;
    this.#io.log.write("info", "a login failed", { remote: this.#connection.remote.address, reason: outcome });
    await new Promise<void>(resolve => this.#io.timers.set(this.#limits.loginDelayMs, resolve));
    return answer;
  }
}

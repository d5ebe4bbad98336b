import type { Closing, Connection, Platform } from "@scop/platform";
import type { Authenticator, SaslAnswer, SaslExchange } from "@scop/sasl";
import { assert, hexEncode, latin1Bytes, unreachable } from "@scop/wire";
import type { Admission } from "./admission.ts";
import { Deadline } from "./deadline.ts";
import type { MessageSink, ServerHandler } from "./handler.ts";
import { CLOSE_MS_MAX, RECIPIENTS_CEILING, type ServerLimits, serverLimits } from "./limits.ts";
import { encodeReply, isFinalReply, isPositive, type Reply } from "./reply.ts";
import { stepServer } from "./server.ts";
import { says } from "./server-replies.ts";
import {
  type Extension,
  openServer,
  type ServerEffect,
  type ServerInput,
  type ServerQuestion,
  type ServerState,
} from "./server-state.ts";

type ServerIo = Pick<Platform, "timers" | "log" | "metrics" | "random" | "clock">;

/** How to serve one connection. */
export interface ServeOptions {
  /** Our name, in the greeting. */
  readonly hostname: string;
  readonly handler: ServerHandler;
  /** Without it there is no AUTH. With it there is AUTH under TLS. */
  readonly authenticator?: Authenticator;
  /** `yes` on a submission listener. RFC 6409 4.3 */
  readonly authRequired: "yes" | "no";
  /** `offered`: STARTTLS; `active`: the connection is TLS from its first octet; `none`: neither. */
  readonly tls: "offered" | "active" | "none";
  /** What is left out has its default. */
  readonly limits?: Partial<ServerLimits>;
  /** Whether a NUL in a message refuses it; by default it does. */
  readonly nul?: "refuse" | "accept";
  /** Who may connect; by default everybody. */
  readonly admission?: Admission;
  /** `lmtp` for a local listener that other mail servers deliver to. Default `smtp`. RFC 2033 */
  readonly protocol?: "smtp" | "lmtp";
  /** Default CHUNKING. The others are for handlers that know what to do about them; REQUIRETLS is offered under TLS alone. */
  readonly extensions?: readonly Extension[];
  /** How far ahead a message may be given in, in milliseconds, on a submission listener; without it not at all. RFC 4865 */
  readonly holdMsMax?: number;
  readonly closing?: Closing;
}

/**
 * Serves one connection until it is over; the connection is closed then. Never rejects: what a handler rejects with is logged and
 * answered with 451. Memory held for one connection: one read of at most 64 KiB and one line of at most 12 KiB, whatever is sent.
 */
export async function serveSmtp(io: ServerIo, connection: Connection, options: ServeOptions): Promise<void> {
  const admitted = options.admission?.admit(connection.remote) ?? (() => undefined);
  if (typeof admitted !== "function") {
    io.metrics.count("smtp_server_connections", { outcome: "turned-away" });
    await connection.write(latin1Bytes(encodeReply(admitted)));
    return closeConnection(io, connection);
  }
  io.metrics.count("smtp_server_connections", { outcome: "served" });
  try {
    await new ServedConnection(io, connection, options).run();
  } finally {
    admitted();
    await closeConnection(io, connection);
  }
}

async function closeConnection(io: Pick<Platform, "timers">, connection: Connection): Promise<void> {
  const drop = io.timers.set(CLOSE_MS_MAX, () => connection.abort());
  await connection.close().catch(() => undefined);
  drop.clear();
}

/** RFC 4865 3: an interval, and the instant that it ends at for a session that begins now. */
function holdUpTo(holdMsMax: number, now: number): { readonly seconds: number; readonly until: number } {
  const seconds = Math.floor(holdMsMax / 1000);
  return { seconds, until: now + seconds * 1000 };
}

class ServedConnection {
  readonly #io: ServerIo;
  readonly #connection: Connection;
  readonly #options: ServeOptions;
  readonly #limits: ServerLimits;
  readonly #command: Deadline;
  readonly #whole: Deadline;
  #state: ServerState;
  /** Effects are being performed: what comes from elsewhere waits for the end. */
  #busy = false;
  #later: ServerInput | undefined;
  #over = false;
  #sink: MessageSink | undefined;
  #exchange: SaslExchange | undefined;

  constructor(io: ServerIo, connection: Connection, options: ServeOptions) {
    const { hostname, authRequired, tls, protocol = "smtp", extensions = ["CHUNKING"], holdMsMax } = options;
    const limits = { ...serverLimits, ...options.limits };
    assert(limits.recipients <= RECIPIENTS_CEILING, "the limit of recipients is below its ceiling");
    this.#io = io;
    this.#connection = connection;
    this.#options = options;
    this.#limits = limits;
    this.#command = new Deadline(io, () => this.#expire());
    this.#whole = new Deadline(io, () => this.#interrupt({ on: "timeout" }));
    const mechanisms = options.authenticator?.mechanisms ?? [];
    const nul = options.nul ?? "refuse";
    const futureRelease = holdMsMax === undefined ? undefined : holdUpTo(holdMsMax, io.clock.now());
    const machine = { protocol, hostname, tls, authRequired, mechanisms, nul, limits, extensions, futureRelease };
    this.#state = openServer(machine, connection);
  }

  async run(): Promise<void> {
    const unwatch = this.#options.closing?.watch(() => this.#interrupt({ on: "closing" }));
    this.#whole.set(this.#limits.sessionMs);
    try {
      await this.#feed({ on: "connected" });
      if (this.#options.closing?.closing === true) await this.#feed({ on: "closing" });
      while (!this.#over) {
        const bytes = await this.#connection.read();
        if (bytes === undefined) break;
        await this.#feed({ on: "bytes", bytes });
      }
      await this.#feed({ on: "ended" });
    } catch (error) {
      this.#fault("the session failed", error);
    } finally {
      unwatch?.();
      this.#command.stop();
      this.#whole.stop();
      this.#dropSink();
    }
  }

  /** The client was too slow: to send, which it is told, or to read, which it would not hear. */
  #expire(): void {
    if (this.#busy) this.#connection.abort();
    else this.#interrupt({ on: "timeout" });
  }

  #interrupt(input: ServerInput): void {
    if (this.#busy) this.#later = input;
    else void this.#feed(input).catch(error => this.#fault("the session could not be ended", error));
  }

  async #feed(first: ServerInput): Promise<void> {
    let input: ServerInput | undefined = first;
    this.#busy = true;
    while (input !== undefined) {
      const step = stepServer(this.#state, input);
      this.#state = step.state;
      input = undefined;
      for (const effect of step.effects) {
        const answer = this.#perform(effect);
        // Awaiting only what takes time keeps a batch within one turn of the event loop.
        input = answer instanceof Promise ? await answer : answer;
      }
      if (input === undefined && this.#later !== undefined) {
        input = this.#later;
        this.#later = undefined;
      }
    }
    this.#busy = false;
  }

  #perform(effect: ServerEffect): Promise<ServerInput | undefined> | undefined {
    switch (effect.do) {
      case "write":
        return this.#write(effect.bytes);
      case "ask":
        this.#command.suspend();
        return this.#answer(effect.question);
      case "body":
        return this.#body(effect.bytes);
      case "abort":
        this.#dropSink();
        return undefined;
      case "start-tls":
        return this.#startTls();
      case "timer":
        this.#command.set(effect.afterMs);
        return undefined;
      case "close":
        this.#over = true;
        return closeConnection(this.#io, this.#connection).then(() => undefined);
      default:
        return unreachable(effect);
    }
  }

  async #write(bytes: Uint8Array): Promise<undefined> {
    // Who does not read is given as long as who does not send.
    this.#command.set(this.#limits.commandMs);
    await this.#connection.write(bytes);
  }

  async #startTls(): Promise<ServerInput | undefined> {
    try {
      const tls = await this.#connection.startTls({ role: "server" });
      // With the connection's binding there is one more.
      return { on: "secured", tls, mechanisms: this.#options.authenticator?.mechanisms ?? [] };
    } catch (error) {
      this.#io.log.write("info", "the TLS handshake failed", { ...this.#about(), error: String(error) });
      this.#over = true;
      return { on: "ended" };
    }
  }

  #answer(question: ServerQuestion): Promise<ServerInput> {
    const { handler } = this.#options;
    switch (question.ask) {
      case "mail":
        return this.#decided("mail", () => handler.mail(question.session, question.path, question.parameters));
      case "recipient":
        return this.#decided("recipient", () =>
          handler.recipient(question.session, question.path, question.envelope, question.parameters),
        );
      case "data":
        return this.#decided("data", async () => this.#open(await handler.data(question.session, question.envelope)));
      case "end":
        return this.#end();
      case "sasl":
        return this.#authenticate(question.mechanism, question.response);
      default:
        return unreachable(question);
    }
  }

  async #decided(what: string, ask: () => Promise<Reply | undefined>): Promise<ServerInput> {
    try {
      const given = await ask();
      if (given === undefined || isFinalReply(given)) return { on: "decision", reply: given };
      this.#fault("the handler's reply is none that may be sent", given.code, what);
    } catch (error) {
      this.#fault("the handler failed", error, what);
    }
    return { on: "decision", reply: says.fault };
  }

  #open(given: MessageSink | Reply): Reply | undefined {
    if ("code" in given) return isPositive(given) ? says.fault : given;
    this.#sink = given;
    return undefined;
  }

  #body(bytes: Uint8Array): Promise<undefined> | undefined {
    if (this.#sink === undefined) return undefined;
    try {
      const taken = this.#sink.write(bytes);
      return taken === undefined ? undefined : this.#taken(taken);
    } catch (error) {
      return this.#sinkFailed(error);
    }
  }

  /** The client is not to blame for the time that a slow sink takes. */
  async #taken(taken: Promise<void>): Promise<undefined> {
    this.#command.suspend();
    await taken.catch(error => this.#sinkFailed(error));
    this.#command.set(this.#limits.dataMs);
  }

  /** The rest of the message is read and thrown away; its end is answered with 451. */
  #sinkFailed(error: unknown): undefined {
    this.#fault("the message could not be taken", error, "body");
    this.#dropSink();
  }

  async #end(): Promise<ServerInput> {
    const sink = this.#sink;
    this.#sink = undefined;
    if (sink === undefined) return { on: "decision", reply: says.fault };
    if (this.#options.protocol === "lmtp" && sink.endEach !== undefined) return this.#endEach(sink);
    const decision = await this.#decided("end", () => sink.end());
    const refused = decision.on === "decision" && decision.reply !== undefined && !isPositive(decision.reply);
    this.#io.metrics.count("smtp_server_messages", { outcome: refused ? "refused" : "accepted" });
    return decision;
  }

  /** RFC 2033 4.2 */
  async #endEach(sink: MessageSink): Promise<ServerInput> {
    let replies: readonly Reply[] = [];
    const { question } = this.#state;
    const fault = await this.#decided("end", async () => {
      replies = (await sink.endEach?.()) ?? [];
      assert(question?.ask === "end" && replies.length === question.replies, "a reply for each recipient");
      return replies.find(each => !isFinalReply(each));
    });
    if (fault.on === "decision" && fault.reply !== undefined) return { on: "decision", reply: says.fault };
    const accepted = replies.some(isPositive);
    this.#io.metrics.count("smtp_server_messages", { outcome: accepted ? "accepted" : "refused" });
    return { on: "decisions", replies };
  }

  async #authenticate(mechanism: string | undefined, response: Uint8Array | undefined): Promise<ServerInput> {
    if (mechanism !== undefined) this.#exchange = this.#options.authenticator?.start(mechanism);
    const unavailable: SaslAnswer = { answer: "failed", failure: { reason: "unavailable" } };
    const answer = (await this.#exchange?.next(response)) ?? unavailable;
    if (answer.answer !== "challenge") {
      this.#exchange = undefined;
      this.#io.metrics.count("smtp_server_authentications", { outcome: answer.answer });
    }
    return { on: "sasl", answer };
  }

  #dropSink(): void {
    const sink = this.#sink;
    this.#sink = undefined;
    sink?.abort();
  }

  #fault(event: string, error: unknown, during?: string): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.#io.log.write("error", event, { ...this.#about(), during, error: detail });
  }

  #about(): { readonly peer: string; readonly session: string } {
    this.#name ??= hexEncode(this.#io.random.bytes(6));
    return { peer: this.#connection.remote.address, session: this.#name };
  }

  /** What log lines of this session have in common; made when the first is written. */
  #name: string | undefined;
}

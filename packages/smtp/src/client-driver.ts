import { type Connection, type Platform, TlsFailed, type TlsRole } from "@scop/platform";
import { type ClientAnswer, type Credentials, createSaslClient, type SaslClient } from "@scop/sasl";
import { assert, type Diagnostic, latin1Bytes, unreachable } from "@scop/wire";
import { stepClient } from "./client.ts";
import {
  type Capabilities,
  type ClientEffect,
  type ClientInput,
  type ClientState,
  type OutgoingEnvelope,
  openClient,
} from "./client-state.ts";
import { Deadline } from "./deadline.ts";
import { Stuffer } from "./dot-stuffing.ts";
import { CLOSE_MS_MAX, type ClientTimeouts, clientTimeouts, ONE_WRITE_OCTETS_MAX } from "./limits.ts";
import { type Failure, outcomeOf, type RecipientOutcome } from "./outcome.ts";

type ClientIo = Pick<Platform, "timers" | "clock" | "crypto" | "random">;

/** How the client's connection is, or becomes, TLS. */
export type ClientTls =
  /** It is not and will not be. */
  | { readonly mode: "none" }
  /** It is already, as on port 465. RFC 8314 3 */
  | { readonly mode: "active" }
  /** By STARTTLS where it is offered, whoever the certificate names. RFC 7435 */
  | { readonly mode: "opportunistic"; readonly serverName: string }
  /** By STARTTLS or not at all. `verify`: as `TlsRole` of the platform says. */
  | {
      readonly mode: "require";
      readonly serverName: string;
      readonly verify: (TlsRole & { readonly role: "client" })["verify"];
    };

/** How to be a client. */
export interface ClientOptions {
  /** Our name for EHLO. */
  readonly hostname: string;
  readonly tls: ClientTls;
  /** Default `smtp`. RFC 2033 */
  readonly protocol?: "smtp" | "lmtp";
  /** Log in, under TLS alone: SCRAM-SHA-256, bound to the connection where both ends can, PLAIN or LOGIN, the strongest that is offered. */
  readonly credentials?: Credentials;
  /** What is left out has its default. */
  readonly timeouts?: Partial<ClientTimeouts>;
}

/** A session that is ready to send. */
export interface SmtpClient {
  readonly capabilities: Capabilities;
  /** Whether a further `send` has a chance: the session was not ended, and has not had all the messages that the server takes (RFC 9422). */
  isOpen(): boolean;
  /**
   * Sends one message and answers what became of each recipient, in order. Never rejects. The message has CRLF line ends alone:
   * with a bare CR or LF it is not sent, with blame `caller`, unless the envelope says that it is binary; the last CRLF is added where it is missing. An array is checked before the
   * first command; with an iterable the fault is found on the way, and then the connection is dropped, since there is no other way to
   * take a message back. Further messages may be given while one is under way: then the commands of the next leave in one write with the
   * end of the one before (RFC 2920 3.1), each time if two are given ahead, and messages end in the order in which they were given.
   */
  send(
    envelope: OutgoingEnvelope,
    message: readonly Uint8Array[] | AsyncIterable<Uint8Array>,
  ): Promise<readonly RecipientOutcome[]>;
  /** Says goodbye and closes. */
  quit(): Promise<void>;
}

/** Greets a server on a connection, with TLS and AUTH as asked. Never rejects; after a failure the connection is closed. */
export async function openSmtpClient(
  io: ClientIo,
  connection: Connection,
  options: ClientOptions,
): Promise<{ readonly ok: true; readonly client: SmtpClient } | { readonly ok: false; readonly failure: Failure }> {
  const session = new ClientSession(io, connection, options);
  const failure = await session.open();
  return failure === undefined ? { ok: true, client: session } : { ok: false, failure };
}

/** A source without octets. */
const NOTHING: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

/** One message on its way. */
interface Job {
  readonly envelope: OutgoingEnvelope;
  /** Complete, as DATA carries it; undefined where it comes from its source. */
  readonly whole: readonly Uint8Array[] | undefined;
  readonly source: AsyncIterable<Uint8Array>;
  readonly resolve: (outcomes: readonly RecipientOutcome[]) => void;
  /** Whether the machine knows of it. */
  given: "yes" | "no";
}

const UNDER_WAY: ReadonlySet<string> = new Set(["envelope", "body", "final"]);

const LOST: Failure = { blame: "peer", kind: "closed", during: "waiting" };

class ClientSession implements SmtpClient {
  readonly #io: ClientIo;
  readonly #connection: Connection;
  readonly #options: ClientOptions;
  readonly #deadline: Deadline;
  readonly #timeouts: ClientTimeouts;
  #state: ClientState;
  #sasl: SaslClient | undefined;
  #expired = false;
  /** Messages that did not end yet, the one under way first. */
  readonly #jobs: Job[] = [];
  #isPumping = false;
  #waiting: Uint8Array[] = [];
  #waitingOctets = 0;
  #mails = 0;

  constructor(io: ClientIo, connection: Connection, options: ClientOptions) {
    const timeouts = { ...clientTimeouts, ...options.timeouts };
    const auth = options.credentials === undefined ? "no" : "yes";
    this.#io = io;
    this.#connection = connection;
    this.#options = options;
    this.#timeouts = timeouts;
    const { hostname, tls, protocol = "smtp" } = options;
    this.#state = openClient({ protocol, hostname, tls: tls.mode, auth, timeouts });
    this.#deadline = new Deadline(io, () => {
      // Whatever is waited for, reading or writing, ends with the connection.
      this.#expired = true;
      connection.abort();
    });
  }

  get capabilities(): Capabilities {
    return this.#state.capabilities;
  }

  isOpen(): boolean {
    const { phase, capabilities } = this.#state;
    return phase.phase !== "closed" && this.#mails < (capabilities.mailMax ?? Number.POSITIVE_INFINITY);
  }

  async open(): Promise<Failure | undefined> {
    await this.#feed({ on: "connected", ...boundOf(this.#connection) });
    await this.#until(() => this.#state.phase.phase === "idle");
    this.#deadline.suspend();
    const { phase } = this.#state;
    return phase.phase === "closed" ? (phase.failure ?? LOST) : undefined;
  }

  async send(
    envelope: OutgoingEnvelope,
    message: readonly Uint8Array[] | AsyncIterable<Uint8Array>,
  ): Promise<readonly RecipientOutcome[]> {
    const isStream = Symbol.asyncIterator in message;
    const whole = isStream ? undefined : envelope.content === "binary" ? message : stuffWhole(message);
    if (whole !== undefined && "blame" in whole) return envelope.recipients.map(() => outcomeOf(whole));
    const source = isStream ? message : NOTHING;
    this.#mails += 1;
    return new Promise((resolve, reject) => {
      this.#jobs.push({ envelope, whole, source, resolve, given: "no" });
      this.#giveQueued();
      if (!this.#isPumping) void this.#pump().catch(reject);
    });
  }

  /** Lets the machine know of the next message while one before it is under way, which has no effect but that. */
  #giveQueued(): void {
    const { phase, queued } = this.#state;
    const next = this.#jobs.find(({ given }) => given === "no");
    if (next === undefined || queued !== undefined || !UNDER_WAY.has(phase.phase)) return;
    next.given = "yes";
    const step = stepClient(this.#state, { on: "send", envelope: next.envelope });
    assert(step.effects.length === 0, "a message that is queued has no effect yet");
    this.#state = step.state;
  }

  /** Sends until no message is left. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    while (this.#jobs.length > 0) {
      const job = this.#jobs[0]!;
      if (job.given === "no") {
        job.given = "yes";
        await this.#feed({ on: "send", envelope: job.envelope });
      }
      this.#giveQueued();
      await this.#until(() => this.#jobs[0] !== job);
    }
    this.#deadline.suspend();
    this.#isPumping = false;
  }

  async quit(): Promise<void> {
    await this.#feed({ on: "quit" });
    await this.#until(() => false);
  }

  /** Reads until it is done or the session is over. */
  async #until(done: () => boolean): Promise<void> {
    while (!done() && this.#state.phase.phase !== "closed") {
      const bytes = await this.#connection.read();
      await this.#feed(bytes === undefined ? this.#lost() : { on: "bytes", bytes });
    }
  }

  #lost(): ClientInput {
    return this.#expired ? { on: "timeout" } : { on: "ended" };
  }

  async #feed(first: ClientInput): Promise<void> {
    let input: ClientInput | undefined = first;
    while (input !== undefined) {
      const step = stepClient(this.#state, input);
      this.#state = step.state;
      input = undefined;
      for (const effect of step.effects) input = (await this.#perform(effect)) ?? input;
    }
  }

  async #perform(effect: ClientEffect): Promise<ClientInput | undefined> {
    switch (effect.do) {
      case "write":
        await this.#connection.write(effect.bytes);
        return undefined;
      case "timer":
        this.#deadline.set(effect.afterMs);
        return undefined;
      case "start-tls":
        return this.#startTls();
      case "sasl-start": {
        const { credentials } = this.#options;
        assert(credentials !== undefined, "AUTH is for those with credentials");
        this.#sasl = createSaslClient(this.#io, effect.mechanism, credentials, this.#connection.tls?.exporter);
        return this.#saslInput(await this.#sasl.start());
      }
      case "sasl-next":
        return this.#saslInput((await this.#sasl?.next(effect.challenge)) ?? SASL_LOST);
      case "body":
        return this.#writeBody(this.#jobs[0], effect.by, effect.behind);
      case "outcomes":
        this.#jobs.shift()?.resolve(effect.outcomes);
        return undefined;
      case "ready":
        return undefined;
      case "close":
        await this.#close(effect.failure);
        return undefined;
      default:
        return unreachable(effect);
    }
  }

  #saslInput(answer: ClientAnswer): ClientInput {
    if (answer.answer === "failed") return { on: "sasl-failed" };
    return { on: "sasl", bytes: answer.bytes, complete: this.#sasl?.complete() ?? false };
  }

  async #startTls(): Promise<ClientInput> {
    const { tls } = this.#options;
    assert(tls.mode === "opportunistic" || tls.mode === "require", "STARTTLS was wanted");
    const verify = tls.mode === "require" ? tls.verify : "opportunistic";
    const role: TlsRole = { role: "client", serverName: tls.serverName, verify };
    return this.#connection.startTls(role).then(
      (): ClientInput => ({ on: "secured", ...boundOf(this.#connection) }),
      (error: unknown): ClientInput => {
        if (this.#expired) return { on: "timeout" };
        const fault = error instanceof TlsFailed ? error.fault : undefined;
        return { on: "tls-failed", ...(fault === undefined ? {} : { fault }) };
      },
    );
  }

  #writeBody(job: Job | undefined, by: "data" | "chunks", behind: Uint8Array): Promise<ClientInput> {
    assert(job !== undefined, "a message is under way");
    this.#waiting = [];
    this.#waitingOctets = 0;
    if (by === "chunks") return this.#writeChunks(job);
    return job.whole === undefined ? this.#writeMessage(job.source, behind) : this.#writeLast([...job.whole, behind]);
  }

  /** Writes the message with dots doubled, and its end; a small one in one write. */
  async #writeMessage(source: AsyncIterable<Uint8Array>, behind: Uint8Array): Promise<ClientInput> {
    const stuffer = new Stuffer();
    try {
      for await (const piece of source) {
        const parts = stuffer.add(piece);
        if (parts === undefined) return bodyFailed(stuffer.fault);
        await this.#writeBlocks(parts, ONE_WRITE_OCTETS_MAX);
        if (this.#expired) return { on: "timeout" };
      }
    } catch {
      return bodyFailed(SOURCE_FAILED);
    }
    const end = stuffer.end();
    return end === undefined ? bodyFailed(stuffer.fault) : this.#writeLast([end, behind]);
  }

  /** RFC 3030 2: each piece of a source behind its size, and the last one marked; a whole message is one chunk. */
  async #writeChunks({ whole, source }: Job): Promise<ClientInput> {
    let chunks = 0;
    let held: readonly Uint8Array[] = whole ?? [];
    try {
      for await (const piece of whole === undefined ? source : NOTHING) {
        if (held.length > 0) {
          chunks += 1;
          await this.#writeBlocks([chunkLine(held, ""), ...held], ONE_WRITE_OCTETS_MAX);
        }
        if (this.#expired) return { on: "timeout" };
        held = [piece];
      }
    } catch {
      return bodyFailed(SOURCE_FAILED);
    }
    await this.#writeBlocks([chunkLine(held, " LAST"), ...held], 1);
    return this.#expired ? { on: "timeout" } : { on: "body-sent", chunks: chunks + 1 };
  }

  async #writeLast(parts: readonly Uint8Array[]): Promise<ClientInput> {
    await this.#writeBlocks(parts, 1);
    return this.#expired ? { on: "timeout" } : { on: "body-sent", chunks: 0 };
  }

  /** Gathers small parts, and writes them as soon as there are so many octets, and at the end. */
  async #writeBlocks(parts: readonly Uint8Array[], leastOctets: number): Promise<void> {
    for (const part of parts) {
      this.#waiting.push(part);
      this.#waitingOctets += part.length;
      if (this.#waitingOctets >= ONE_WRITE_OCTETS_MAX) await this.#writeWaiting();
    }
    if (this.#waitingOctets >= leastOctets) await this.#writeWaiting();
  }

  #writeWaiting(): Promise<void> {
    const parts = this.#waiting;
    this.#waiting = [];
    this.#waitingOctets = 0;
    this.#deadline.set(this.#timeouts.blockMs);
    return this.#connection.writeParts(parts);
  }

  async #close(failure: Failure | undefined): Promise<void> {
    this.#deadline.stop();
    // Half a message must never look like a whole one: it is not closed in order.
    if (failure !== undefined) return this.#connection.abort();
    const drop = this.#io.timers.set(CLOSE_MS_MAX, () => this.#connection.abort());
    await this.#connection.close().catch(() => undefined);
    drop.clear();
  }
}

/** RFC 9266 */
function boundOf({ tls }: Connection): { readonly bound?: "yes" } {
  return tls?.exporter === undefined ? {} : { bound: "yes" };
}

/** RFC 3030 2 */
function chunkLine(parts: readonly Uint8Array[], end: " LAST" | ""): Uint8Array {
  return latin1Bytes(`BDAT ${parts.reduce((sum, part) => sum + part.length, 0)}${end}\r\n`);
}

const SASL_LOST: ClientAnswer = { answer: "failed", failure: { reason: "unavailable" } };

const SOURCE_FAILED: Diagnostic = { code: "source", offset: 0, length: 0, rule: "RFC 5321 4.1.1.4" };

function messageFailure(detail: Diagnostic): Failure {
  return { blame: "caller", kind: "message", detail };
}

function bodyFailed(detail: Diagnostic): ClientInput {
  return { on: "body-failed", failure: messageFailure(detail) };
}

/** A whole message as DATA carries it, its end included; or its bare CR or LF. */
function stuffWhole(message: readonly Uint8Array[]): readonly Uint8Array[] | Failure {
  const stuffer = new Stuffer();
  const whole: Uint8Array[] = [];
  for (const piece of message) {
    const parts = stuffer.add(piece);
    if (parts === undefined) return messageFailure(stuffer.fault);
    for (const part of parts) whole.push(part);
  }
  const end = stuffer.end();
  return end === undefined ? messageFailure(stuffer.fault) : [...whole, end];
}

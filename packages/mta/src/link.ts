import { type Mailbox, parseMailbox } from "@scop/address";
import { ConnectFailed, type Connection, type Timer } from "@scop/platform";
import type { Credentials } from "@scop/sasl";
import type { OutgoingEnvelope, RecipientOutcome, RecipientParameters } from "@scop/smtp";
import { type ClientTls, openSmtpClient, type SmtpClient } from "@scop/smtp/run";
import type { DsnRequest, LeasedRecord } from "@scop/store";
import { assert, utf8Lossy } from "@scop/wire";
import { blobChunks } from "./blob-chunks.ts";
import { untilCut } from "./cut.ts";
import type { WorkControl } from "./delivery-loop.ts";
import { GREETING_TIMEOUT_MS, SEND_CHUNK_OCTETS, TRANSACTION_MS } from "./limits.ts";
import { type Problem, problem, problemOf, problemOfFailure, type Remote, remoteText } from "./problem.ts";
import type { Hop } from "./routing.ts";
import type { Stage } from "./stage.ts";

/** What became of one transaction. */
export interface Sent {
  /** `before-data`: the connection ended before the message could have been taken. `broken`: it ended later. */
  readonly ended: "orderly" | "before-data" | "broken";
  /** For each recipient in order; undefined where the message was taken for it. */
  readonly problems: readonly (Problem | undefined)[];
  /** Whether the server reports to senders who asked. RFC 3461 5.2.2 */
  readonly reports: "yes" | "no";
}

/** A session with a server that takes mail for a destination. */
export interface Link {
  /** Recipients that a message may have there, if the server says so. RFC 9422 */
  readonly recipientsMax: number | undefined;
  /** Whether it can be used again. */
  isOpen(): boolean;
  /** Sends one message to its recipients. Never rejects. */
  send(group: readonly LeasedRecord[]): Promise<Sent>;
  close(): Promise<void>;
}

/** One attempt at one address. */
export type Opened = { readonly ok: true; readonly link: Link } | { readonly ok: false; readonly problem: Problem };

/** Connects to one address and greets, until `until` of the monotonic clock. With opportunistic TLS, a failed handshake leads to a second connection in the clear. */
export async function openLink(
  stage: Stage,
  control: WorkControl,
  hop: Hop,
  address: string,
  until: number,
): Promise<Opened> {
  const first = await attempt(stage, control, hop, address, tlsOf(hop), until);
  if (first.ok || first.failed !== "tls" || hop.tls !== "opportunistic") return first;
  // RFC 7435 3: better in the clear than not at all, where nobody asked for more.
  stage.io.metrics.count("mta_tls_fallbacks_total");
  stage.io.log.write("warn", "TLS failed, sending in the clear", { host: hop.host, address });
  return attempt(stage, control, hop, address, { mode: "none" }, until);
}

function tlsOf(hop: Hop): ClientTls {
  if (hop.tls === "never") return { mode: "none" };
  if (hop.tls === "require") return { mode: "require", serverName: hop.host, verify: "require" };
  return { mode: "opportunistic", serverName: hop.host };
}

/** The password leaves its `Secret` here, for one exchange. */
function credentialsOf({ username, password }: NonNullable<Hop["credentials"]>): Credentials {
  return { username, password: utf8Lossy(password.reveal()) };
}

type Attempted = Opened & { readonly failed: "no" | "tls" | "other" };

async function attempt(
  stage: Stage,
  control: WorkControl,
  hop: Hop,
  address: string,
  tls: ClientTls,
  until: number,
): Promise<Attempted> {
  const { io, settings } = stage;
  const remote = { name: hop.host, address };
  const leftMs = Math.max(0, until - io.clock.monotonic());
  let connection: Connection;
  try {
    const timeoutMs = Math.min(settings.limits.connectTimeoutMs, leftMs);
    const connecting = io.net.connect({ address, port: hop.port, timeoutMs });
    connection = await untilCut(control, connecting, late => late.abort());
  } catch (error) {
    if (!(error instanceof ConnectFailed)) throw error;
    return {
      ok: false,
      failed: "other",
      problem: problem("temporary", "4.4.1", `${remoteText(remote)}: ${error.message}`),
    };
  }
  control.onCut(() => connection.abort());
  const cut = io.timers.set(leftMs, () => connection.abort());
  const opened = await openSmtpClient(io, connection, {
    hostname: settings.hostname,
    protocol: hop.protocol,
    tls,
    timeouts: { greetingMs: GREETING_TIMEOUT_MS },
    ...(hop.credentials === undefined ? {} : { credentials: credentialsOf(hop.credentials) }),
  });
  cut.clear();
  if (!opened.ok) {
    const failed = opened.failure.kind === "tls" ? "tls" : "other";
    return { ok: false, failed, problem: problemOfFailure(opened.failure, "temporary", remote) };
  }
  io.metrics.count("mta_connections_total", { tls: connection.tls === undefined ? "no" : "yes" });
  return { ok: true, failed: "no", link: new ClientLink(stage, connection, opened.client, remote) };
}

/** What the client says where a connection ended before the message went out. */
const BEFORE_DATA: ReadonlySet<string> = new Set(["MAIL", "MAIL, RCPT or DATA", "waiting"]);

class ClientLink implements Link {
  readonly #stage: Stage;
  readonly #connection: Connection;
  readonly #client: SmtpClient;
  readonly #remote: Remote;

  constructor(stage: Stage, connection: Connection, client: SmtpClient, remote: Remote) {
    this.#stage = stage;
    this.#connection = connection;
    this.#client = client;
    this.#remote = remote;
  }

  get recipientsMax(): number | undefined {
    return this.#client.capabilities.recipientsMax;
  }

  isOpen(): boolean {
    return this.#client.isOpen();
  }

  async send(group: readonly LeasedRecord[]): Promise<Sent> {
    const first = group[0]!;
    const cut: Timer = this.#stage.io.timers.set(TRANSACTION_MS, () => this.#connection.abort());
    const outcomes = await this.#client.send(
      {
        reversePath:
          first.reversePath === "" ? { kind: "null" } : { kind: "mailbox", mailbox: mailboxOf(first.reversePath) },
        recipients: group.map(item => ({ kind: "mailbox", mailbox: mailboxOf(item.recipient) })),
        eightBit: first.eightBit,
        utf8: first.utf8,
        size: first.size - first.blobOffset,
        content: first.binary ? "binary" : "lines",
        ...messageRequest(first.dsn),
        recipientParameters: group.map(item => recipientRequest(item.dsn)),
      },
      await this.#message(first),
    );
    cut.clear();
    const problems = outcomes.map(outcome => problemOf(outcome, this.#remote));
    return { ended: endOf(outcomes), problems, reports: this.#client.capabilities.dsn ? "yes" : "no" };
  }

  /** A small message in one piece, which leaves in one write; a large one as it is read. */
  async #message(item: LeasedRecord): Promise<readonly Uint8Array[] | AsyncIterable<Uint8Array>> {
    const { store } = this.#stage;
    if (item.size - item.blobOffset > SEND_CHUNK_OCTETS) return blobChunks(store, item);
    // What can't be read fails as a source does, after the connection said who is there to be told.
    const bytes = await store.readBlob(item.blob, item.blobOffset, item.size).catch(() => undefined);
    return bytes === undefined ? blobChunks(store, item) : [bytes];
  }

  async close(): Promise<void> {
    await this.#client.quit();
  }
}

/** RFC 3461 4.3, 4.4 */
function messageRequest({ returned, envelopeId }: DsnRequest): Pick<OutgoingEnvelope, "returned" | "envelopeId"> {
  return { ...(returned === undefined ? {} : { returned }), ...(envelopeId === undefined ? {} : { envelopeId }) };
}

/** RFC 3461 4.1, 4.2 */
function recipientRequest({ notify, originalRecipient }: DsnRequest): RecipientParameters {
  return {
    ...(notify === undefined ? {} : { notify }),
    ...(originalRecipient === undefined ? {} : { originalRecipient }),
  };
}

/** How a transaction ended, which says nothing about what the server does after it. */
function endOf(outcomes: readonly RecipientOutcome[]): Sent["ended"] {
  if (outcomes.every(outcome => lossOf(outcome) === "before-data")) return "before-data";
  return outcomes.some(outcome => lossOf(outcome) !== undefined) ? "broken" : "orderly";
}

/** Where the connection was lost, if that is what happened to a recipient. RFC 5321 3.8: after 421 it is. */
function lossOf(outcome: RecipientOutcome): "before-data" | "broken" | undefined {
  if (outcome.outcome === "delivered" || outcome.failure.blame === "caller") return undefined;
  const { failure } = outcome;
  if (failure.kind === "reply") return failure.reply.code === 421 ? "before-data" : undefined;
  return failure.kind === "closed" && BEFORE_DATA.has(failure.during) ? "before-data" : "broken";
}

function mailboxOf(text: string): Mailbox {
  const mailbox = parseMailbox(text);
  assert(mailbox.ok, "what is queued was a mailbox");
  return mailbox.value;
}

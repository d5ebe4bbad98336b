import { type Mailbox, parseMailbox } from "@scop/address";
import type { Connection, Timer } from "@scop/platform";
import { lossOf, type OutgoingEnvelope, type RecipientOutcome, type RecipientParameters } from "@scop/smtp";
import type { SmtpClient } from "@scop/smtp/run";
import type { DsnRequest, LeasedRecord, TlsDemand } from "@scop/store";
import { assert } from "@scop/wire";
import { blobChunks } from "./blob-chunks.ts";
import { untilCut } from "./cut.ts";
import type { WorkControl } from "./delivery-loop.ts";
import { GREETING_TIMEOUT_MS, SEND_CHUNK_OCTETS, TRANSACTION_MS } from "./limits.ts";
import { type Problem, problemOf, problemOfFailure, type Remote } from "./problem.ts";
import type { Reached, SafeHop } from "./reach.ts";
import { openSession, type TlsSeen } from "./session.ts";
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

/** What is tried. */
interface Attempt {
  readonly hop: SafeHop;
  readonly address: string;
  readonly demand: TlsDemand;
  /** Of the monotonic clock. */
  readonly until: number;
}

/** One attempt at one address: connects and greets, until `until` of the monotonic clock; what TLS came to is told. Rejects with `Cut`. */
export async function openLink(
  stage: Stage,
  control: WorkControl,
  { hop, address, demand, until }: Attempt,
  sawTls: (tls: TlsSeen) => void,
): Promise<Reached<Link>> {
  const { hostname, limits } = stage.settings;
  const opened = await openSession(stage.io, hop, {
    hostname,
    address,
    until,
    connectTimeoutMs: limits.connectTimeoutMs,
    timeouts: { greetingMs: GREETING_TIMEOUT_MS },
    connected: async connecting => {
      const connection = await untilCut(control, connecting, late => late.abort());
      control.onCut(() => connection.abort());
      return connection;
    },
  });
  sawTls(opened.tls);
  if (!opened.ok) return opened;
  const { connection, client, remote } = opened.session;
  if (demand === "required" && !client.capabilities.requireTls) {
    await client.quit();
    const failure = { blame: "caller", kind: "unsupported", extension: "REQUIRETLS" } as const;
    return { ok: false, problem: problemOfFailure(failure, "permanent", remote) };
  }
  return { ok: true, link: new ClientLink(stage, connection, client, remote) };
}

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
        ...(first.tls === "required" ? { tls: first.tls } : {}),
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

function mailboxOf(text: string): Mailbox {
  const mailbox = parseMailbox(text);
  assert(mailbox.ok, "what is queued was a mailbox");
  return mailbox.value;
}

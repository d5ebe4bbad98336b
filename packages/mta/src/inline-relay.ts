import { formatMailbox } from "@scop/address";
import type { Connection, Platform } from "@scop/platform";
import {
  type Envelope,
  type Failure,
  type MessageSink,
  type RecipientOutcome,
  type Reply,
  reply,
  type ServerHandler,
  type SessionFacts,
} from "@scop/smtp";
import { type ClientTls, openSmtpClient } from "@scop/smtp/run";
import { EMPTY, hexEncode, latin1Bytes } from "@scop/wire";
import { receivedField } from "./trace.ts";
import { type HeldJudgement, judgeHeld } from "./verify/held.ts";
import type { VerifyStage } from "./verify/judgement.ts";

export type { VerifyStage };

/** What the relay needs of its host. */
type RelayIo = Pick<Platform, "clock" | "timers" | "random" | "crypto" | "log" | "metrics">;

/** How mail is handed on. */
export interface RelayOptions {
  /** Our name, in EHLO and in the Received field. */
  readonly hostname: string;
  /** Connects to the next hop, or rejects. */
  readonly connect: () => Promise<Connection>;
  /** Whether the next hop is spoken to under TLS. */
  readonly tls: ClientTls;
  /** Octets of messages that may be held at once, in all sessions together. */
  readonly budgetOctets: number;
  /** The domains whose mail is taken, in lower case; undefined: the next hop alone decides. */
  readonly domains: ReadonlySet<string> | undefined;
  /** Who judges what comes, before it is handed on; undefined: nobody does. */
  readonly verify: VerifyStage | undefined;
}

const FULL = reply(452, "4.3.1", "No memory for this message now; try again later");
const NOT_OURS = reply(550, "5.7.1", "Relaying denied");

/**
 * A relay in line: a message is held in memory until the next hop has answered for it, and its sender gets that answer. So nothing is
 * acknowledged here, and nothing is lost when this process ends at any time. Serve it with `limits.recipients` 1: the answer of the next hop
 * is then about that recipient. Where it can't be reached, or breaks off, the answer is 451.
 */
export function createRelay(io: RelayIo, options: RelayOptions): ServerHandler {
  const budget = { free: options.budgetOctets };
  return {
    mail: async (_session, _path, parameters) => ((parameters.size ?? 0) > budget.free ? FULL : undefined),
    recipient: async (_session, path) => {
      if (options.domains === undefined || path.kind === "postmaster") return undefined;
      const { domain } = path.mailbox;
      return typeof domain === "string" && options.domains.has(domain.toLowerCase()) ? undefined : NOT_OURS;
    },
    data: async (session, envelope) => {
      const claimed = envelope.parameters.size ?? 0;
      if (claimed > budget.free) return FULL;
      budget.free -= claimed;
      return new HeldMessage(io, options, budget, session, envelope, claimed);
    },
  };
}

class HeldMessage implements MessageSink {
  readonly #io: RelayIo;
  readonly #options: RelayOptions;
  readonly #budget: { free: number };
  readonly #session: SessionFacts;
  readonly #envelope: Envelope;
  #claimed: number;
  #octets = 0;
  #pieces: Uint8Array[] = [];
  #full = false;

  constructor(
    io: RelayIo,
    options: RelayOptions,
    budget: { free: number },
    session: SessionFacts,
    envelope: Envelope,
    claimed: number,
  ) {
    this.#io = io;
    this.#options = options;
    this.#budget = budget;
    this.#session = session;
    this.#envelope = envelope;
    this.#claimed = claimed;
  }

  write(bytes: Uint8Array): undefined {
    this.#octets += bytes.length;
    const missing = this.#octets - this.#claimed;
    if (this.#full || missing > this.#budget.free) {
      // The rest is read and thrown away; the end is answered with 452.
      this.#full = true;
      this.abort();
      return undefined;
    }
    if (missing > 0) {
      this.#budget.free -= missing;
      this.#claimed += missing;
    }
    this.#pieces.push(bytes);
    return undefined;
  }

  abort(): void {
    this.#pieces = [];
    this.#budget.free += this.#claimed;
    this.#claimed = 0;
  }

  async end(): Promise<Reply> {
    if (this.#full) return FULL;
    try {
      const judged = await this.#judge();
      return judged.refusal ?? (await this.#handOn(judged));
    } finally {
      this.abort();
    }
  }

  async #judge(): Promise<HeldJudgement> {
    const { verify, hostname } = this.#options;
    const pieces = this.#pieces;
    if (verify === undefined) return { refusal: undefined, above: EMPTY, fields: EMPTY, pieces };
    return judgeHeld(verify, hostname.toLowerCase(), this.#session, this.#envelope, pieces);
  }

  async #handOn({ above, fields, pieces }: HeldJudgement & { readonly refusal: undefined }): Promise<Reply> {
    const { hostname, tls } = this.#options;
    const connection = await this.#options.connect().catch(() => undefined);
    if (connection === undefined) return reply(451, "4.4.1", "The next hop can't be reached");
    const opened = await openSmtpClient(this.#io, connection, { hostname, tls });
    if (!opened.ok) return this.#replyOf(opened.failure);
    const { reversePath, recipients, parameters, recipientParameters } = this.#envelope;
    const message = [above, latin1Bytes(this.#received()), fields, ...pieces];
    const outcomes = await opened.client.send(
      {
        reversePath,
        recipients,
        recipientParameters,
        eightBit: parameters.body === "8bitmime",
        utf8: parameters.utf8,
        size: message.reduce((sum, piece) => sum + piece.length, 0),
      },
      message,
    );
    // The sender does not wait for our goodbye.
    void opened.client.quit();
    return this.#together(outcomes);
  }

  /** With one recipient its answer; with several the worst, so that a failure is never hidden. */
  #together(outcomes: readonly RecipientOutcome[]): Reply {
    let worst = reply(451, "4.3.0", "Nothing became of the message");
    let grade = -1;
    for (const outcome of outcomes) {
      const own = outcome.outcome === "permanent" ? 1 : outcome.outcome === "temporary" ? 2 : 0;
      if (own <= grade) continue;
      grade = own;
      worst = outcome.outcome === "delivered" ? outcome.reply : this.#replyOf(outcome.failure);
    }
    return worst;
  }

  #replyOf(failure: Failure): Reply {
    this.#io.log.write("info", "the next hop did not take a message", { kind: failure.kind });
    if (failure.kind === "reply") {
      // RFC 5321 3.8: 421 is about the connection to the next hop, and ours goes on.
      if (failure.reply.code === 421) return reply(451, "4.4.2", ...failure.reply.lines);
      return failure.reply;
    }
    if (failure.kind === "unsupported") return reply(554, "5.6.3", `The next hop lacks ${failure.extension}`);
    if (failure.kind === "message") return reply(554, "5.6.0", "The message can't be handed on");
    return reply(451, "4.4.2", "The connection to the next hop was lost");
  }

  #received(): string {
    const { helo, extended, tls, identity, protocol = "smtp", remote } = this.#session;
    const { recipients, parameters } = this.#envelope;
    const [only] = recipients;
    return receivedField({
      helo,
      extended,
      protocol,
      remote: remote.address,
      cipher: tls?.cipher,
      authenticated: identity !== undefined,
      utf8: parameters.utf8,
      hostname: this.#options.hostname,
      id: hexEncode(this.#io.random.bytes(8)),
      recipient: recipients.length === 1 && only?.kind === "mailbox" ? formatMailbox(only.mailbox) : undefined,
      date: this.#io.clock.now(),
    });
  }
}

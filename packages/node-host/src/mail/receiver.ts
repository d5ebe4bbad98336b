import { type ForwardPath, formatMailbox, type ReversePath } from "@scop/address";
import { type KeyCache, openKeyCache } from "@scop/dkim";
import { parseHeader } from "@scop/mime";
import { memoryGuard } from "@scop/mta/parts";
import { type Arrival, type Verdicts, verifyMessage } from "@scop/mta/verify";
import { type Connection, createClosing, type Log, type Metrics, type Platform } from "@scop/platform";
import { type Account, createAuthenticator, createLoginGuard } from "@scop/sasl";
import {
  type Envelope,
  type MessageSink,
  type Reply,
  reply,
  type ServerHandler,
  type ServerLimits,
  type SessionFacts,
} from "@scop/smtp";
import { type ConnectionCaps, connectionCaps, createConnectionLimits, peerKey, serveSmtp } from "@scop/smtp/run";
import { type Listener, listen } from "../listener.ts";
import { nodePlatform } from "../node-platform.ts";
import { secureContext, type TlsIdentity } from "../tls.ts";
import { type IncomingMessage, MessageLost, MessagePipe } from "./incoming-message.ts";
import { BYTES_OCTETS_MAX, BYTES_OCTETS_PER_PEER_MAX } from "./limits.ts";

/** Why something is not taken: a reply of class 4 or 5. Made by `refuse` and `tryLater`. */
export type Refusal = Reply;

/** Not now and not later: 550. `reason` is for people, `status` as in RFC 3463, of class 5. */
export function refuse(reason: string, status: `5.${number}.${number}` = "5.7.1"): Refusal {
  return reply(550, status, reason);
}

/** Not now: 451, and the client tries again. `status` is of class 4. */
export function tryLater(reason: string, status: `4.${number}.${number}` = "4.3.0"): Refusal {
  return reply(451, status, reason);
}

/** Who a message is from and for. */
export interface MailEnvelope {
  /** The address that reports go to; undefined for a report, which nobody answers. RFC 5321 4.5.5 */
  readonly from: string | undefined;
  /** Each recipient that was not refused, at least one, as the client wrote them. The one without a domain is `postmaster`. RFC 5321 4.5.1 */
  readonly to: readonly string[];
  /** The same as the protocol has it, with all that was asked for: DSN, SIZE, SMTPUTF8. */
  readonly smtp: Envelope;
}

/** A message and what is known about it. */
export interface IncomingMail {
  readonly envelope: MailEnvelope;
  readonly message: IncomingMessage;
  /** Who is at the other end: address, TLS, HELO, and the account after AUTH. */
  readonly session: SessionFacts;
  /**
   * Who sent these octets, which are the whole message, and who answers for it: SPF, DKIM, ARC, DMARC and the name of the peer. Asks DNS at most 64
   * questions within 20 s, and never rejects: what is not answered in time is a `temperror`. Following a policy is the caller's.
   */
  verify(bytes: Uint8Array): Promise<Verdicts>;
}

/** How to receive mail. */
export interface ReceiverOptions {
  /** Our name, in the greeting. */
  readonly hostname: string;
  /** 25 for mail from everywhere; 0 takes any free one. */
  readonly port: number;
  /** The address to listen on. Default `127.0.0.1`; `::` or `0.0.0.0` is for the world. */
  readonly host?: string;
  /**
   * What becomes of a message. It is called when the client begins to send it, and the client hears 250 when the promise resolved and all
   * of the message arrived: resolve when it is safe. A refusal is what the client is told. What it rejects with goes to `log`, and the client hears 451.
   */
  readonly onMessage: (mail: IncomingMail) => Promise<Refusal | undefined>;
  /** Whether mail for an address is taken, before any of it is sent. Default: for every address. */
  readonly onRecipient?: (address: string, session: SessionFacts) => Promise<Refusal | undefined>;
  /** With it STARTTLS is offered. */
  readonly tls?: TlsIdentity;
  /** `implicit`: TLS from the first octet, as on port 465. Default `starttls`. RFC 8314 3.3 */
  readonly tlsMode?: "starttls" | "implicit";
  /** With it nobody sends without AUTH, which needs TLS: the account of a user name. Verifiers are made by `deriveVerifier` of `@scop/sasl`. */
  readonly accounts?: (username: string) => Promise<Account | undefined>;
  /** What is left out has the defaults of `serverLimits` of `@scop/smtp`. */
  readonly limits?: Partial<ServerLimits>;
  /** Connections at once, in all and from one peer. Default 5,000 and 50. */
  readonly connections?: ConnectionCaps;
  readonly log?: Log;
  readonly metrics?: Metrics;
}

/** What decides about messages. */
type Decisions = Pick<ReceiverOptions, "hostname" | "onMessage" | "onRecipient">;

/** A server that receives. */
export interface MailReceiver {
  /** The port that was taken. */
  readonly port: number;
  /** Accepts nobody any more, lets messages under way end for up to `graceMs` (default 5,000), then drops what is left. */
  close(graceMs?: number): Promise<void>;
}

/** Starts an SMTP server. Rejects with Node's error (`EADDRINUSE`, `EACCES`) where the port can't be had. */
export async function receiveMail(options: ReceiverOptions): Promise<MailReceiver> {
  const { log, metrics, tls, hostname, limits, tlsMode = "starttls" } = options;
  const platform = nodePlatform({ ...(log && { log }), ...(metrics && { metrics }) });
  const context = tls && secureContext(tls);
  const closing = createClosing();
  const caps = options.connections ?? connectionCaps;
  const admission = createConnectionLimits(caps);
  const handler = handlerOf(options, platform);
  const authenticator = options.accounts && authenticatorOf(platform, options.accounts);
  const accept = async (connection: Connection): Promise<void> => {
    if (context && tlsMode === "implicit") await connection.startTls({ role: "server" });
    const own = authenticator?.on({
      key: peerKey(connection.remote.address),
      binding: () => connection.tls?.exporter,
    });
    await serveSmtp(platform, connection, {
      hostname,
      handler,
      admission,
      closing,
      tls: context === undefined ? "none" : tlsMode === "implicit" ? "active" : "offered",
      authRequired: own === undefined ? "no" : "yes",
      extensions: ["CHUNKING", "DSN"],
      ...(own && { authenticator: own }),
      ...(limits && { limits }),
    });
  };
  const listener = await listen({
    at: { host: options.host ?? "127.0.0.1", port: options.port },
    tls: context && (() => context),
    connectionsMax: caps.total,
    accept,
    failed: error => platform.log.write("info", "a connection failed", { detail: String(error) }),
  });
  return { port: listener.port, close: graceMs => close(listener, () => closing.close(), graceMs) };
}

function authenticatorOf(platform: Platform, accounts: NonNullable<ReceiverOptions["accounts"]>) {
  const guard = { guard: createLoginGuard(), io: platform };
  return createAuthenticator(platform, accounts, { guard }, error =>
    platform.log.write("error", "an account could not be looked up", { detail: String(error) }),
  );
}

const GRACE_MS = 5_000;
const POLL_MS = 20;

async function close(listener: Listener, closing: () => void, graceMs = GRACE_MS): Promise<void> {
  await listener.stop();
  closing();
  for (let waited = 0; waited < graceMs && listener.connections() > 0; waited += POLL_MS) {
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
  listener.abort();
}

/** What a receiver decides, with the capabilities that it is given. */
export function handlerOf(options: Decisions, io: Platform): ServerHandler {
  const { onMessage, onRecipient, hostname } = options;
  const keys = openKeyCache(io.crypto);
  const guard = memoryGuard(BYTES_OCTETS_MAX, BYTES_OCTETS_PER_PEER_MAX);
  return {
    mail: async () => undefined,
    recipient: async (session, path) => onRecipient?.(addressOf(path), session),
    data: async (session, smtp) => {
      const peer = peerKey(session.remote.address);
      const message = new MessagePipe(octets => guard.take(peer, octets));
      const envelope = { from: senderOf(smtp.reversePath), to: smtp.recipients.map(addressOf), smtp };
      const arrival = { address: session.remote.address, helo: session.helo, reversePath: smtp.reversePath };
      const verify = (bytes: Uint8Array): Promise<Verdicts> =>
        verifyWhole(io, keys, { ...arrival, receiver: hostname }, bytes);
      const verdict = onMessage({ envelope, message, session, verify }).finally(() => {
        guard.release(peer, message.grantedOctets);
        message.discard();
      });
      return sinkOf(message, verdict, error => io.log.write("error", "onMessage failed", { detail: String(error) }));
    },
  };
}

function verifyWhole(io: Platform, keys: KeyCache, arrival: Arrival, bytes: Uint8Array): Promise<Verdicts> {
  const { bodyOffset } = parseHeader(bytes);
  const verification = verifyMessage(io, keys, arrival, parseHeader(bytes.subarray(0, bodyOffset)));
  verification.feed(bytes.subarray(bodyOffset));
  return verification.end();
}

function sinkOf(
  message: MessagePipe,
  verdict: Promise<Refusal | undefined>,
  failed: (error: unknown) => void,
): MessageSink {
  const answer = verdict.then(
    refusal => refusal ?? ACCEPTED,
    (error: unknown) => {
      if (error instanceof MessageLost) return NO_ROOM;
      failed(error);
      return FAILED;
    },
  );
  return {
    write: bytes => message.write(bytes),
    end: () => {
      message.end("whole");
      return answer;
    },
    abort: () => message.end("aborted"),
  };
}

const ACCEPTED = reply(250, "2.0.0", "Message accepted");
const NO_ROOM = reply(452, "4.3.1", "Too many messages at once; try again later");
const FAILED = reply(451, "4.3.0", "The message could not be handled; try again later");

function senderOf(path: ReversePath): string | undefined {
  return path.kind === "null" ? undefined : formatMailbox(path.mailbox);
}

function addressOf(path: ForwardPath): string {
  return path.kind === "postmaster" ? "postmaster" : formatMailbox(path.mailbox);
}

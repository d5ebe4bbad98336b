import type { ForwardPath, ReversePath } from "@scop/address";
import type { CertificateFault } from "@scop/platform";
import type { Mechanism } from "@scop/sasl";
import type { RecipientParameters } from "./handler.ts";
import type { ClientTimeouts } from "./limits.ts";
import type { Failure, RecipientOutcome } from "./outcome.ts";
import type { Reply } from "./reply.ts";
import { emptyReading, type ReplyReading } from "./reply-reader.ts";

/** How a client machine behaves. */
export interface ClientConfig {
  /** `lmtp`: LHLO, and a reply for each recipient at the end of a message. RFC 2033 */
  readonly protocol: "smtp" | "lmtp";
  /** Our name for EHLO: printable US-ASCII. RFC 5321 4.1.1.1 */
  readonly hostname: string;
  /** `active`: the connection is TLS already; `require`: STARTTLS or nothing; `opportunistic`: where it is offered. RFC 3207 */
  readonly tls: "none" | "active" | "opportunistic" | "require";
  /** Whether to log in, which is done under TLS alone. RFC 4954 */
  readonly auth: "yes" | "no";
  readonly timeouts: ClientTimeouts;
}

/** What EHLO said. RFC 5321 4.1.1.1 */
export interface Capabilities {
  readonly pipelining: boolean;
  readonly eightBit: boolean;
  readonly utf8: boolean;
  readonly startTls: boolean;
  /** Octets; 0 where the server knows no limit, undefined where it does not know SIZE. RFC 1870 4 */
  readonly size: number | undefined;
  readonly mechanisms: readonly string[];
  /** RFC 3030 2 */
  readonly chunking: boolean;
  /** RFC 3030 3 */
  readonly binary: boolean;
  /** RFC 3461 */
  readonly dsn: boolean;
  /** RFC 8689 2; it counts under TLS alone. */
  readonly requireTls: boolean;
  /** RFC 9422: messages of a session and recipients of a message; undefined where the server does not say. */
  readonly mailMax: number | undefined;
  readonly recipientsMax: number | undefined;
}

/** What to send. */
export interface OutgoingEnvelope {
  readonly reversePath: ReversePath;
  /** At least one. */
  readonly recipients: readonly ForwardPath[];
  /** Whether the message has octets above 127. RFC 6152 */
  readonly eightBit: boolean;
  /** Whether an address or header field is not US-ASCII. RFC 6531 */
  readonly utf8: boolean;
  /** Octets of the message, if known. RFC 1870 */
  readonly size: number | undefined;
  /** `binary`: not in lines, sent by BDAT or not at all. Default `lines`. RFC 3030 3 */
  readonly content?: "lines" | "binary";
  /** Sent under TLS to a server with REQUIRETLS, or not at all. Whether the server is the right one is for the caller to know. RFC 8689 4.2.1 */
  readonly tls?: "required";
  /** RFC 3461 4.3, 4.4; said only to servers that know DSN, as is what follows. */
  readonly returned?: "message" | "header";
  readonly envelopeId?: string;
  /** What is said about each recipient, in their order; those that it lacks get nothing. RFC 3461 4.1, 4.2 */
  readonly recipientParameters?: readonly RecipientParameters[];
}

/** One command of a transaction; `line` without CRLF. */
export interface TransactionCommand {
  readonly kind: "rset" | "mail" | "rcpt" | "data";
  readonly line: string;
}

/** A message under way. */
export interface Transaction {
  readonly commands: readonly TransactionCommand[];
  /** How many commands were written, and how many answered. */
  readonly sent: number;
  readonly answered: number;
  /** Why MAIL did not succeed, and why DATA did not. */
  readonly mailRefusal: Reply | undefined;
  readonly dataRefusal: Reply | undefined;
  /** The reply to each RCPT, in order. */
  readonly recipients: readonly Reply[];
  readonly recipientCount: number;
  /** DATA was answered with 354. */
  readonly started: boolean;
  /** The message goes by BDAT. */
  readonly chunked: boolean;
  /** Replies to chunks before the last one that are still to come, and the first that refused. */
  readonly chunksOpen: number;
  readonly chunkRefusal: Reply | undefined;
  /** The replies to the message: one, or under LMTP one a recipient that was accepted. */
  readonly finals: readonly Reply[];
}

export type ClientPhase =
  | { readonly phase: "greeting" | "ehlo" | "helo" | "starttls" | "handshake" }
  /** A command of AUTH was written; `complete` where the server's success is to be believed. */
  | { readonly phase: "auth"; readonly complete: boolean }
  /** The mechanism has to say what comes next. */
  | { readonly phase: "sasl"; readonly mechanism: Mechanism; readonly begun: boolean }
  /** Ready for `send`. `dirty`: the server still has a transaction open. */
  | { readonly phase: "idle"; readonly dirty: boolean }
  | { readonly phase: "envelope"; readonly transaction: Transaction }
  /** `following`: commands of the next message were written behind this one. RFC 2920 3.1 */
  | { readonly phase: "body"; readonly transaction: Transaction; readonly following: Transaction | undefined }
  | { readonly phase: "final"; readonly transaction: Transaction; readonly following: Transaction | undefined }
  | { readonly phase: "quit" }
  | { readonly phase: "closed"; readonly failure: Failure | undefined };

export interface ClientState {
  readonly config: ClientConfig;
  readonly phase: ClientPhase;
  readonly reading: ReplyReading;
  readonly secured: boolean;
  readonly bound: boolean;
  readonly authenticated: boolean;
  /** The next message: its commands go out behind the one at hand, or after it. */
  readonly queued: OutgoingEnvelope | undefined;
  readonly capabilities: Capabilities;
}

export type ClientInput =
  /** The connection is there; `bound`: it has a channel binding. RFC 9266 */
  | { readonly on: "connected"; readonly bound?: "yes" }
  | { readonly on: "bytes"; readonly bytes: Uint8Array }
  | { readonly on: "secured"; readonly bound?: "yes" }
  | { readonly on: "tls-failed"; readonly fault?: CertificateFault }
  /** What the mechanism says; `complete` as `SaslClient.complete()`. */
  | { readonly on: "sasl"; readonly bytes: Uint8Array | undefined; readonly complete: boolean }
  | { readonly on: "sasl-failed" }
  /** In the phase `idle` or `closed`; or while a message is under way and none is queued. */
  | { readonly on: "send"; readonly envelope: OutgoingEnvelope }
  /** The message and its end were written, in so many chunks where that was asked for. */
  | { readonly on: "body-sent"; readonly chunks: number }
  /** The message could not be written to its end: the connection has to go. */
  | { readonly on: "body-failed"; readonly failure: Failure }
  | { readonly on: "quit" }
  | { readonly on: "timeout" }
  /** The server has closed the connection. */
  | { readonly on: "ended" };

/** To be performed in order. */
export type ClientEffect =
  | { readonly do: "write"; readonly bytes: Uint8Array }
  | { readonly do: "start-tls" }
  | { readonly do: "sasl-start"; readonly mechanism: Mechanism }
  | { readonly do: "sasl-next"; readonly challenge: Uint8Array }
  /** `send` is possible now. */
  | { readonly do: "ready" }
  /** Write the message and its end, with dots doubled for DATA or by BDAT, and then what goes behind it in the same write. */
  | { readonly do: "body"; readonly by: "data" | "chunks"; readonly behind: Uint8Array }
  /** What became of each recipient, in the order of the envelope; messages end in the order in which they were given. */
  | { readonly do: "outcomes"; readonly outcomes: readonly RecipientOutcome[] }
  | { readonly do: "timer"; readonly afterMs: number }
  /** The session is over; the failure is missing after QUIT. */
  | { readonly do: "close"; readonly failure: Failure | undefined };

export interface ClientStep {
  readonly state: ClientState;
  readonly effects: readonly ClientEffect[];
}

/** Before EHLO, and after HELO: nothing. */
export const noCapabilities: Capabilities = {
  pipelining: false,
  eightBit: false,
  utf8: false,
  startTls: false,
  size: undefined,
  mechanisms: [],
  chunking: false,
  binary: false,
  dsn: false,
  requireTls: false,
  mailMax: undefined,
  recipientsMax: undefined,
};

/** The beginning of a session. The first input is `connected`. */
export function openClient(config: ClientConfig): ClientState {
  return {
    config,
    phase: { phase: "greeting" },
    reading: emptyReading,
    secured: config.tls === "active",
    bound: false,
    authenticated: false,
    queued: undefined,
    capabilities: noCapabilities,
  };
}

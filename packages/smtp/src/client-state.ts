import type { ForwardPath, ReversePath } from "@scop/address";
import type { Mechanism } from "@scop/sasl";
import type { ClientTimeouts } from "./limits.ts";
import type { Failure, RecipientOutcome } from "./outcome.ts";
import type { Reply } from "./reply.ts";
import { emptyReading, type ReplyReading } from "./reply-reader.ts";

/** How a client machine behaves. */
export interface ClientConfig {
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
}

export type ClientPhase =
  | { readonly phase: "greeting" | "ehlo" | "helo" | "starttls" | "handshake" }
  /** A command of AUTH was written; `complete` where the server's success is to be believed. */
  | { readonly phase: "auth"; readonly complete: boolean }
  /** The mechanism has to say what comes next. */
  | { readonly phase: "sasl"; readonly mechanism: Mechanism; readonly begun: boolean }
  /** Ready for `send`. `dirty`: the server still has a transaction open. */
  | { readonly phase: "idle"; readonly dirty: boolean }
  | { readonly phase: "envelope" | "body" | "final"; readonly transaction: Transaction }
  | { readonly phase: "quit" }
  | { readonly phase: "closed"; readonly failure: Failure | undefined };

export interface ClientState {
  readonly config: ClientConfig;
  readonly phase: ClientPhase;
  readonly reading: ReplyReading;
  readonly secured: boolean;
  readonly authenticated: boolean;
  readonly capabilities: Capabilities;
}

export type ClientInput =
  /** The connection is there. */
  | { readonly on: "connected" }
  | { readonly on: "bytes"; readonly bytes: Uint8Array }
  | { readonly on: "secured" }
  | { readonly on: "tls-failed" }
  /** What the mechanism says; `complete` as `SaslClient.complete()`. */
  | { readonly on: "sasl"; readonly bytes: Uint8Array | undefined; readonly complete: boolean }
  | { readonly on: "sasl-failed" }
  /** In the phase `idle`. */
  | { readonly on: "send"; readonly envelope: OutgoingEnvelope }
  /** The message and its final dot were written. */
  | { readonly on: "body-sent" }
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
  /** Write the message, dots doubled, and its end. */
  | { readonly do: "body" }
  /** What became of each recipient, in the order of the envelope. */
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
};

/** The beginning of a session. The first input is `connected`. */
export function openClient(config: ClientConfig): ClientState {
  return {
    config,
    phase: { phase: "greeting" },
    reading: emptyReading,
    secured: config.tls === "active",
    authenticated: false,
    capabilities: noCapabilities,
  };
}

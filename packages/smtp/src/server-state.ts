import type { ForwardPath, ReversePath } from "@scop/address";
import type { Endpoint, Instant, TlsInfo } from "@scop/platform";
import type { SaslAnswer } from "@scop/sasl";
import { EMPTY } from "@scop/wire";
import type { ChunkReading } from "./chunk-reader.ts";
import type { DataReading } from "./data-reader.ts";
import type { Envelope, MailParameters, RecipientParameters, SessionFacts } from "./handler.ts";
import type { ServerLimits } from "./limits.ts";
import type { LineFault } from "./line-finder.ts";
import type { Reply } from "./reply.ts";

/** What a server can do that not every handler does: chunks (RFC 3030 2), any octets (RFC 3030 3), reports (RFC 3461). */
export type Extension = "CHUNKING" | "BINARYMIME" | "DSN" | "REQUIRETLS";

/** What one listener is. */
export interface ServerOptions {
  /** `lmtp`: LHLO, and a reply for each recipient at the end of a message. RFC 2033 */
  readonly protocol: "smtp" | "lmtp";
  /** Our name, in the greeting. RFC 5321 4.2 */
  readonly hostname: string;
  /** `offered`: STARTTLS (RFC 3207); `active`: the connection is TLS from its first octet (RFC 8314); `none`: neither. */
  readonly tls: "offered" | "active" | "none";
  /** Whether MAIL needs AUTH before it, as on a submission listener. RFC 6409 4.3 */
  readonly authRequired: "yes" | "no";
  /** SASL mechanisms, announced and allowed under TLS alone; none: no AUTH. RFC 4954 4 */
  readonly mechanisms: readonly string[];
  /** Whether a NUL in a message refuses it. RFC 5321 4.5.2 leaves it open. */
  readonly nul: "refuse" | "accept";
  readonly limits: ServerLimits;
  /** Announced and allowed. BINARYMIME needs CHUNKING. */
  readonly extensions: readonly Extension[];
  /** How far ahead HOLDFOR and HOLDUNTIL may reach; undefined: neither is known. RFC 4865 3 */
  readonly futureRelease: { readonly seconds: number; readonly until: Instant } | undefined;
}

/** Why a message is read to its end and thrown away. */
export type DataFault = LineFault | "size";

/** A message that comes in chunks. */
export interface ChunkedMessage {
  readonly reading: ChunkReading;
  /** Octets so far. RFC 1870 5 */
  readonly octets: number;
  readonly replies: number;
}

/** What the session is at; each member holds what is true there alone. */
export type ServerPhase =
  /** Before the greeting. */
  | { readonly phase: "connected" }
  /** No HELO yet, or TLS has just begun. */
  | { readonly phase: "start" }
  /** After HELO or EHLO, no transaction. */
  | { readonly phase: "ready" }
  /** MAIL was accepted. The recipients are empty. */
  | { readonly phase: "mail"; readonly envelope: Envelope }
  /** At least one recipient was accepted. */
  | { readonly phase: "rcpt"; readonly envelope: Envelope }
  /** After 354. */
  | {
      readonly phase: "body";
      readonly reading: DataReading;
      /** Octets of the message so far, dots removed. RFC 1870 5 */
      readonly octets: number;
      /** Octets since the timer was set. */
      readonly sinceTimer: number;
      readonly fault: DataFault | undefined;
      /** How many replies its end has: one, or under LMTP one a recipient. RFC 2033 4.2 */
      readonly replies: number;
    }
  /** Within the octets of a BDAT whose message may still be taken. RFC 3030 2 */
  | {
      readonly phase: "chunk";
      readonly octets: number;
      readonly last: boolean;
      readonly left: number;
      readonly sinceTimer: number;
      readonly fault: DataFault | undefined;
      readonly message: ChunkedMessage;
    }
  /** Between two BDAT. */
  | { readonly phase: "chunked"; readonly message: ChunkedMessage }
  /** Within the octets of a BDAT that is refused; they are thrown away. */
  | {
      readonly phase: "discard";
      readonly left: number;
      readonly sinceTimer: number;
      readonly refusal: Reply;
      readonly next: ServerPhase;
    }
  /** Within AUTH: the next line is the client's response. */
  | { readonly phase: "auth" }
  /** After 220 to STARTTLS. */
  | { readonly phase: "handshake" }
  | { readonly phase: "closed" };

/** What somebody else has to answer before the session goes on. */
export type ServerQuestion =
  | {
      readonly ask: "mail";
      readonly session: SessionFacts;
      readonly path: ReversePath;
      readonly parameters: MailParameters;
    }
  | {
      readonly ask: "recipient";
      readonly session: SessionFacts;
      readonly path: ForwardPath;
      readonly envelope: Envelope;
      readonly parameters: RecipientParameters;
    }
  | {
      readonly ask: "data";
      readonly session: SessionFacts;
      readonly envelope: Envelope;
      /** The BDAT that began the message; undefined after DATA. */
      readonly chunk: { readonly octets: number; readonly last: boolean } | undefined;
    }
  /** The message is complete. So many replies are wanted; one will do for all. */
  | { readonly ask: "end"; readonly replies: number }
  /** The next message of an exchange; `mechanism` where a new one begins, whose `response` is then the initial one, if any. */
  | { readonly ask: "sasl"; readonly mechanism: string | undefined; readonly response: Uint8Array | undefined };

export interface ServerState {
  readonly options: ServerOptions;
  readonly session: SessionFacts;
  readonly phase: ServerPhase;
  /** While it is open nothing is processed, and the host does not read. */
  readonly question: ServerQuestion | undefined;
  /** Received, not processed: at most one piece of input and one line. */
  readonly pending: Uint8Array;
  /** Replies of the batch at hand, not written yet. RFC 2920 3.2 */
  readonly replies: string;
  /** Whether they have to be written before anything is waited for. RFC 2920 3.2 (5) */
  readonly urgent: boolean;
  /** A bare LF came since the last CRLF: what stands up to the next CRLF is refused too. */
  readonly broken: boolean;
  /** Octets of the line at hand that were thrown away because it is too long. */
  readonly overlongOctets: number;
  readonly commands: number;
  readonly errors: number;
  readonly authFailures: number;
  /** The server shuts down: 421 as soon as no message is under way. */
  readonly closing: boolean;
}

export type ServerInput =
  /** The connection is there. */
  | { readonly on: "connected" }
  | { readonly on: "bytes"; readonly bytes: Uint8Array }
  /** The answer to `mail`, `recipient`, `data` or `end`: 200 to 299 or undefined accepts, 400 to 599 refuses. */
  | { readonly on: "decision"; readonly reply: Reply | undefined }
  /** The answer to `end` under LMTP: as many as were asked for. RFC 2033 4.2 */
  | { readonly on: "decisions"; readonly replies: readonly Reply[] }
  /** The answer to `sasl`. */
  | { readonly on: "sasl"; readonly answer: SaslAnswer }
  /** The handshake succeeded. `mechanisms`: what is announced from now on, if it is not what it was. */
  | { readonly on: "secured"; readonly tls: TlsInfo; readonly mechanisms?: readonly string[] }
  /** The timer ran out. */
  | { readonly on: "timeout" }
  /** The server shuts down. */
  | { readonly on: "closing" }
  /** The client has closed the connection. */
  | { readonly on: "ended" };

/** To be performed in order. At most one question, and then it is the last. */
export type ServerEffect =
  | { readonly do: "write"; readonly bytes: Uint8Array }
  | { readonly do: "ask"; readonly question: ServerQuestion }
  /** Octets of the message, with dots removed. */
  | { readonly do: "body"; readonly bytes: Uint8Array }
  /** The message at hand is given up. */
  | { readonly do: "abort" }
  | { readonly do: "start-tls" }
  /** From now on, so long; replaces the timer before. */
  | { readonly do: "timer"; readonly afterMs: number }
  | { readonly do: "close" };

export interface ServerStep {
  readonly state: ServerState;
  readonly effects: readonly ServerEffect[];
}

/** The beginning of a session. The first input is `connected`. */
export function openServer(
  options: ServerOptions,
  connection: { readonly remote: Endpoint; readonly local: Endpoint; readonly tls: TlsInfo | undefined },
): ServerState {
  const { remote, local, tls } = connection;
  return {
    options,
    session: { remote, local, tls, helo: "", extended: false, identity: undefined, protocol: options.protocol },
    phase: { phase: "connected" },
    question: undefined,
    pending: EMPTY,
    replies: "",
    urgent: false,
    broken: false,
    overlongOctets: 0,
    commands: 0,
    errors: 0,
    authFailures: 0,
    closing: false,
  };
}

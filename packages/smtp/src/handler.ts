import type { ForwardPath, ReversePath } from "@scop/address";
import type { Endpoint, Instant, TlsInfo } from "@scop/platform";
import type { Reply } from "./reply.ts";

/** What is known about one client's session. */
export interface SessionFacts {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly tls: TlsInfo | undefined;
  /** The argument of HELO or EHLO as it was given. */
  readonly helo: string;
  /** Whether it was EHLO. RFC 5321 4.1.1.1 */
  readonly extended: boolean;
  /** The account's address after AUTH. RFC 4954 */
  readonly identity: string | undefined;
  /** What is spoken; left out it is SMTP. RFC 2033 */
  readonly protocol?: "smtp" | "lmtp";
}

/** What MAIL said besides the path. */
export interface MailParameters {
  /** RFC 1870; undefined where it was not given. */
  readonly size: number | undefined;
  /** RFC 6152; RFC 3030 3: `binarymime` may hold any octets, in lines or not. */
  readonly body: "7bit" | "8bitmime" | "binarymime";
  /** RFC 6531 */
  readonly utf8: boolean;
  /** What a report about a failure returns. RFC 3461 4.3 */
  readonly returned?: "message" | "header";
  /** Printable US-ASCII, decoded. RFC 3461 4.4 */
  readonly envelopeId?: string;
  /** No hop may take it without TLS that is verified and the same promise. RFC 8689 2 */
  readonly tls?: "required";
  /** Not to be delivered before; within what was announced. RFC 4865 */
  readonly hold?: { readonly forMs: number } | { readonly until: Instant };
}

/** When a sender wants a report. RFC 3461 4.1 */
export type NotifyOn = "success" | "failure" | "delay";

/** What RCPT said besides the path. */
export interface RecipientParameters {
  /** Without it, the usual: failure, and delay if the server likes to. Empty: never. RFC 3461 4.1 */
  readonly notify?: readonly NotifyOn[];
  /** The address that the sender first meant, decoded. RFC 3461 4.2 */
  readonly originalRecipient?: { readonly type: string; readonly address: string };
}

/** Who the message is from and for. */
export interface Envelope {
  readonly reversePath: ReversePath;
  readonly parameters: MailParameters;
  /** Those that were accepted, in order, at least one. */
  readonly recipients: readonly ForwardPath[];
  /** What was said about each, in the same order. RFC 3461 */
  readonly recipientParameters: readonly RecipientParameters[];
}

/** Where the message goes while it arrives. Exactly one of `end` and `abort` comes last. */
export interface MessageSink {
  /** Octets with dots removed and only CRLF line ends, except under BINARYMIME (RFC 3030 3), where they are as they came. A promise holds the client back until it resolves. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** All of it arrived. A 250 here means: on stable storage, or acknowledged by the next hop. */
  end(): Promise<Reply>;
  /** In place of `end` under LMTP, where it is there: a reply for each recipient, in their order. RFC 2033 4.2 */
  endEach?(): Promise<readonly Reply[]>;
  /** The client went away, sent what it must not, or sent too much. */
  abort(): void;
}

/** What a stage decides. Undefined accepts with the usual reply. A rejection is answered with 451 and logged. */
export interface ServerHandler {
  mail(session: SessionFacts, path: ReversePath, parameters: MailParameters): Promise<Reply | undefined>;
  recipient(
    session: SessionFacts,
    path: ForwardPath,
    envelope: Envelope,
    parameters: RecipientParameters,
  ): Promise<Reply | undefined>;
  /** After DATA and before 354, or after the first BDAT. */
  data(session: SessionFacts, envelope: Envelope): Promise<MessageSink | Reply>;
}

import type { ForwardPath, ReversePath } from "@scop/address";
import type { Endpoint, TlsInfo } from "@scop/platform";
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
}

/** What MAIL said besides the path. */
export interface MailParameters {
  /** RFC 1870; undefined where it was not given. */
  readonly size: number | undefined;
  /** RFC 6152 */
  readonly body: "7bit" | "8bitmime";
  /** RFC 6531 */
  readonly utf8: boolean;
}

/** Who the message is from and for. */
export interface Envelope {
  readonly reversePath: ReversePath;
  readonly parameters: MailParameters;
  /** Those that were accepted, in order, at least one. */
  readonly recipients: readonly ForwardPath[];
}

/** Where the message goes while it arrives. Exactly one of `end` and `abort` comes last. */
export interface MessageSink {
  /** Octets with dots removed and only CRLF line ends. A promise holds the client back until it resolves. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** All of it arrived. A 250 here means: on stable storage, or acknowledged by the next hop. */
  end(): Promise<Reply>;
  /** The client went away, sent what it must not, or sent too much. */
  abort(): void;
}

/** What a stage decides. Undefined accepts with the usual reply. A rejection is answered with 451 and logged. */
export interface ServerHandler {
  mail(session: SessionFacts, path: ReversePath, parameters: MailParameters): Promise<Reply | undefined>;
  recipient(session: SessionFacts, path: ForwardPath, envelope: Envelope): Promise<Reply | undefined>;
  /** After DATA, before 354. */
  data(session: SessionFacts, envelope: Envelope): Promise<MessageSink | Reply>;
}

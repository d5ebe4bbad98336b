/** Octets of a command line with CRLF: 512 (RFC 5321 4.5.3.1.4) and room for what extensions add to MAIL and RCPT. */
export const COMMAND_OCTETS_MAX = 2_048;
/** Octets of an AUTH command or of a line of the exchange, with CRLF. RFC 4954 4 */
export const AUTH_LINE_OCTETS_MAX = 12_288;
/** Octets of one overlong line that are thrown away before the connection is. Our choice. */
export const OVERLONG_OCTETS_MAX = 1_048_576;
/** Octets of one line of a reply that we write, with CRLF. RFC 5321 4.5.3.1.5 */
export const REPLY_LINE_OCTETS_MAX = 512;
/** Octets of one line of a reply that we read. RFC 5321 4.5.3.1.5 says 512; servers with long explanations exist. */
export const REPLY_LINE_OCTETS_READ_MAX = 4_096;
/** Lines of one reply that we read. Our choice. */
export const REPLY_LINES_MAX = 256;
/** Parameters of one MAIL or RCPT. Our choice: the registered ones are fewer. */
export const PARAMETERS_MAX = 16;
/** Characters of ENVID as it is sent. RFC 3461 4.4 */
export const ENVELOPE_ID_CHARACTERS_MAX = 100;
/** Characters of the address in ORCPT as it is sent. RFC 3461 4.2 */
export const ORIGINAL_RECIPIENT_CHARACTERS_MAX = 500;
/** Octets of the argument of HELO and EHLO. RFC 5321 4.5.3.1.2 */
export const HELO_OCTETS_MAX = 255;
/** Commands that the client sends before it reads replies, so that neither side waits for the other's buffers. RFC 2920 3.1 */
export const PIPELINED_COMMANDS_MAX = 100;
/** Octets of a message that have to arrive before the data timer starts again: a client that is slower is too slow. Our choice. */
export const DATA_PROGRESS_OCTETS = 16_384;
/** A message up to this size leaves in one write with its final dot. Our choice. */
export const ONE_WRITE_OCTETS_MAX = 65_536;
/** How long `close` may take before the connection is dropped, in milliseconds. Our choice. */
export const CLOSE_MS_MAX = 5_000;
/** How long a client waits for the reply to QUIT, in milliseconds: nothing depends on it. Our choice. */
export const QUIT_MS_MAX = 5_000;
/** Recipients that one message may have, whatever is configured. Our choice. */
export const RECIPIENTS_CEILING = 10_000;

/** What one session may use. */
export interface ServerLimits {
  /** Octets of a message; announced as SIZE. RFC 1870 */
  readonly messageOctets: number;
  /** RFC 5321 4.5.3.1.8: at least 100, at most 10,000. */
  readonly recipients: number;
  /** Octets of a line of a message without CRLF; 0 is no limit. RFC 5321 4.5.3.1.6 says 998, real mail has more, and no line is buffered here. */
  readonly bodyLineOctets: number;
  /** Commands of one session. */
  readonly commands: number;
  /** Commands that could not be understood, or stood in a wrong place, before the connection is closed. */
  readonly errors: number;
  /** Failed AUTH exchanges before the connection is closed. */
  readonly authFailures: number;
  /** Milliseconds to wait for a whole command. RFC 5321 4.5.3.2.7: at least five minutes. */
  readonly commandMs: number;
  /** Milliseconds to wait for the next 16 KiB of a message, or its end. */
  readonly dataMs: number;
  /** Milliseconds of a whole session. */
  readonly sessionMs: number;
}

/** The defaults. */
export const serverLimits: ServerLimits = {
  messageOctets: 52_428_800,
  recipients: 1_000,
  bodyLineOctets: 0,
  commands: 100_000,
  errors: 20,
  authFailures: 3,
  commandMs: 300_000,
  dataMs: 600_000,
  sessionMs: 3_600_000,
};

/** Milliseconds that a client waits for each kind of answer. */
export interface ClientTimeouts {
  /** RFC 5321 4.5.3.2.1 */
  readonly greetingMs: number;
  /** EHLO, STARTTLS, AUTH, RSET and QUIT: as RFC 5321 4.5.3.2.2 says for MAIL. */
  readonly commandMs: number;
  /** RFC 5321 4.5.3.2.4: for 354. */
  readonly dataMs: number;
  /** RFC 5321 4.5.3.2.5: for one write of the message. */
  readonly blockMs: number;
  /** RFC 5321 4.5.3.2.6: after the final dot. Shorter ones make duplicates. */
  readonly finalMs: number;
}

/** The defaults, RFC 5321 4.5.3.2. */
export const clientTimeouts: ClientTimeouts = {
  greetingMs: 300_000,
  commandMs: 300_000,
  dataMs: 120_000,
  blockMs: 180_000,
  finalMs: 600_000,
};

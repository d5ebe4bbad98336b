import type { SaslFailure } from "@scop/sasl";
import type { CommandFault } from "./command.ts";
import { encodeReply, type Reply, reply } from "./reply.ts";
import type { DataFault } from "./server-state.ts";

/** What stands in the table of transitions besides `go`. RFC 5321 4.1.4 */
export type Misplaced = "helo-first" | "mail-first" | "recipient-first" | "transaction-open" | "chunks-open";

/** A command that must not come now. RFC 5321 4.1.4 */
export const misplacedReply: Record<Misplaced, Reply> = {
  "helo-first": reply(503, "5.5.1", "Send EHLO first"),
  "mail-first": reply(503, "5.5.1", "Send MAIL first"),
  "recipient-first": reply(503, "5.5.1", "No recipient was accepted"),
  "transaction-open": reply(503, "5.5.1", "Not during a mail transaction"),
  "chunks-open": reply(503, "5.5.1", "The message comes by BDAT; send BDAT or RSET"),
};

/** A line that is not a command. RFC 5321 4.2.4, RFC 3463, RFC 6531 3.5 */
export const faultReply: Record<CommandFault, Reply> = {
  "unknown-verb": reply(500, "5.5.2", "Command not recognized"),
  "foreign-protocol": reply(421, "4.7.0", "This is SMTP; closing the connection"),
  "malformed-text": reply(500, "5.5.2", "The line is not UTF-8"),
  argument: reply(501, "5.5.4", "Syntax error in the argument"),
  "sender-syntax": reply(501, "5.1.7", "Syntax error in the sender's address"),
  "recipient-syntax": reply(501, "5.1.3", "Syntax error in the recipient's address"),
  "parameter-unknown": reply(555, "5.5.4", "Parameter not recognized"),
  "parameter-value": reply(501, "5.5.4", "Syntax error in a parameter"),
  "size-value": reply(501, "5.5.4", "SIZE needs a number"),
  "chunk-size": reply(421, "4.5.4", "BDAT needs a size; closing the connection"),
  "utf8-not-declared": reply(553, "5.6.7", "An address outside US-ASCII needs SMTPUTF8"),
};

/** A message that was read to its end and not taken. RFC 5321 2.3.8, RFC 3463 3.7, RFC 1870 6.3 */
export const dataFaultReply: Record<DataFault, Reply> = {
  "bare-cr": reply(550, "5.6.0", "The message has a CR without LF"),
  "bare-lf": reply(550, "5.6.0", "The message has an LF without CR"),
  nul: reply(550, "5.6.0", "The message has a NUL octet"),
  "long-line": reply(550, "5.6.0", "The message has a line that is too long"),
  size: reply(552, "5.3.4", "The message is too large"),
};

/** AUTH that did not succeed. RFC 4954 4, 6 */
export const saslFailureReply: Record<SaslFailure["reason"], Reply> = {
  credentials: reply(535, "5.7.8", "Authentication credentials invalid"),
  authorization: reply(535, "5.7.8", "Acting for another user is not allowed"),
  malformed: reply(501, "5.5.2", "The mechanism's message cannot be read"),
  unavailable: reply(454, "4.7.0", "Temporary authentication failure"),
};

/** The name of such a reply. */
type Says =
  | "ok"
  | "mailOk"
  | "recipientOk"
  | "startMail"
  | "accepted"
  | "goodbye"
  | "help"
  | "cannotVerify"
  | "notImplemented"
  | "lineEnd"
  | "lineTooLong"
  | "authLineTooLong"
  | "authSyntax"
  | "authCancelled"
  | "authTwice"
  | "authMechanism"
  | "authOk"
  | "authNeedsTls"
  | "authRequired"
  | "tlsReady"
  | "tlsTwice"
  | "tlsInjection"
  | "tooManyRecipients"
  | "tooManyErrors"
  | "tooManyCommands"
  | "tooSlow"
  | "shuttingDown"
  | "parametersNeedEhlo"
  | "parameterNotOffered"
  | "holdTooLong"
  | "binaryNeedsChunks"
  | "fault";

/** Everything else that the server says by itself. */
export const says: Record<Says, Reply> = {
  ok: reply(250, "2.0.0", "OK"),
  mailOk: reply(250, "2.1.0", "Sender OK"),
  recipientOk: reply(250, "2.1.5", "Recipient OK"),
  startMail: reply(354, undefined, "Start mail input; end with <CRLF>.<CRLF>"),
  accepted: reply(250, "2.0.0", "Message accepted"),
  goodbye: reply(221, "2.0.0", "Closing the connection"),
  help: reply(214, "2.0.0", "EHLO HELO MAIL RCPT DATA RSET BDAT NOOP VRFY HELP QUIT STARTTLS AUTH", "See RFC 5321"),
  cannotVerify: reply(252, "2.5.0", "Cannot VRFY; send mail and see"),
  notImplemented: reply(502, "5.5.1", "Command not implemented"),
  lineEnd: reply(500, "5.5.2", "A line ends with CRLF and holds no other CR, LF or NUL"),
  lineTooLong: reply(500, "5.5.2", "Line too long"),
  authLineTooLong: reply(500, "5.5.6", "Authentication exchange line is too long"),
  authSyntax: reply(501, "5.5.2", "Not base64"),
  authCancelled: reply(501, "5.7.0", "Authentication cancelled"),
  authTwice: reply(503, "5.5.1", "Already authenticated"),
  authMechanism: reply(504, "5.5.4", "Mechanism not known"),
  authOk: reply(235, "2.7.0", "Authentication successful"),
  authNeedsTls: reply(538, "5.7.11", "Encryption required: send STARTTLS first"),
  authRequired: reply(530, "5.7.0", "Authentication required"),
  tlsReady: reply(220, "2.0.0", "Ready to start TLS"),
  tlsTwice: reply(503, "5.5.1", "TLS is active already"),
  tlsInjection: reply(421, "4.7.0", "Nothing may follow STARTTLS; closing the connection"),
  tooManyRecipients: reply(452, "4.5.3", "Too many recipients"),
  tooManyErrors: reply(421, "4.7.0", "Too many errors; closing the connection"),
  tooManyCommands: reply(421, "4.7.0", "Too many commands; closing the connection"),
  tooSlow: reply(421, "4.4.2", "Timeout; closing the connection"),
  shuttingDown: reply(421, "4.3.2", "The service is shutting down; try again later"),
  parameterNotOffered: reply(555, "5.5.4", "A parameter was not announced"),
  // RFC 4865 4
  holdTooLong: reply(501, "5.5.4", "The message is to be held for longer than was announced"),
  // RFC 3030 3
  binaryNeedsChunks: reply(503, "5.5.1", "BODY=BINARYMIME needs BDAT"),
  parametersNeedEhlo: reply(555, "5.5.4", "Parameters need EHLO"),
  fault: reply(451, "4.3.0", "Internal error; try again later"),
};

/** What the server says by itself, as it goes over the wire. */
const encoded: ReadonlyMap<Reply, string> = new Map(
  [misplacedReply, faultReply, dataFaultReply, saslFailureReply, says]
    .flatMap(table => Object.values<Reply>(table))
    .map(fixed => [fixed, encodeReply(fixed)]),
);

/** `encodeReply`, with the replies of this page encoded once. */
export function replyText(given: Reply): string {
  return encoded.get(given) ?? encodeReply(given);
}

import { assert, base64, EMPTY, latin1, unreachable } from "@scop/wire";
import { type Command, parseCommand } from "./command.ts";
import type { MailParameters } from "./handler.ts";
import type { Reply } from "./reply.ts";
import { reply } from "./reply.ts";
import { beginChunk } from "./server-chunk.ts";
import { faultReply, says } from "./server-replies.ts";
import type { Turn } from "./server-turn.ts";

/** Obeys one line that the table lets through, whose verb is this. */
export function runCommand(turn: Turn, line: Uint8Array, verb: string): Turn {
  const read = parseCommand(line, verb);
  if (!read.ok) return turn.refuse(faultReply[read.fault]);
  const { command } = read;
  switch (command.verb) {
    case "HELO":
    case "EHLO":
    case "LHLO":
      return hello(turn, command);
    case "MAIL":
      return mail(turn, command);
    case "RCPT":
      return recipient(turn, command);
    case "DATA":
      return data(turn);
    case "BDAT":
      return beginChunk(turn, command);
    case "STARTTLS":
      return startTls(turn);
    case "AUTH":
      return auth(turn, command);
    case "RSET":
      turn.giveUp();
      if (turn.phase.phase !== "start") turn.phase = { phase: "ready" };
      return turn.say(says.ok);
    case "NOOP":
      return turn.sayNow(says.ok);
    case "VRFY":
      return turn.sayNow(says.cannotVerify);
    case "EXPN":
      return turn.refuse(says.notImplemented);
    case "HELP":
      return turn.sayNow(says.help);
    case "QUIT":
      turn.say(says.goodbye);
      return turn.close();
    default:
      return unreachable(command);
  }
}

function hello(turn: Turn, command: Command & { verb: "HELO" | "EHLO" | "LHLO" }): Turn {
  const { options, session } = turn.state;
  // RFC 2033 4.1: HELO and EHLO are not for LMTP, LHLO is for nothing else
  if ((command.verb === "LHLO") !== (options.protocol === "lmtp")) return turn.refuse(faultReply["unknown-verb"]);
  const extended = command.verb !== "HELO";
  turn.giveUp();
  turn.phase = { phase: "ready" };
  turn.state.session = { ...session, helo: command.domain, extended };
  if (!extended) return turn.sayNow(reply(250, undefined, options.hostname));
  return turn.sayNow(reply(250, undefined, options.hostname, ...extensionsOf(turn)));
}

function extensionsOf(turn: Turn): readonly string[] {
  const { options, session } = turn.state;
  const { limits, futureRelease } = options;
  const lines = ["PIPELINING", `SIZE ${limits.messageOctets}`, "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];
  // RFC 8689 2: who asks for it in the clear has lost already
  const offered = options.extensions.filter(each => each !== "REQUIRETLS" || session.tls !== undefined);
  lines.push(...offered, `LIMITS RCPTMAX=${limits.recipients}`, "HELP");
  if (futureRelease !== undefined) {
    // RFC 4865 3: an interval in seconds, and an instant in UTC
    const until = `${new Date(futureRelease.until).toISOString().slice(0, 19)}Z`;
    lines.push(`FUTURERELEASE ${futureRelease.seconds} ${until}`);
  }
  if (options.tls === "offered" && session.tls === undefined) lines.push("STARTTLS");
  // RFC 4954 4: a mechanism that shows the password is announced under TLS alone; here all are
  if (session.tls !== undefined && options.mechanisms.length > 0) lines.push(`AUTH ${options.mechanisms.join(" ")}`);
  return lines;
}

function mail(turn: Turn, command: Command & { verb: "MAIL" }): Turn {
  const { options, session } = turn.state;
  const { path, parameters } = command;
  if (options.authRequired === "yes" && session.identity === undefined) return turn.refuse(says.authRequired);
  if (isGiven(parameters) && !session.extended) return turn.refuse(says.parametersNeedEhlo);
  const refusal = parameterRefusal(turn, parameters);
  if (refusal !== undefined) return turn.refuse(refusal);
  // RFC 1870 6.1: said before a single octet was sent in vain
  if ((parameters.size ?? 0) > options.limits.messageOctets) {
    return turn.say(reply(552, "5.3.4", `The message is larger than ${options.limits.messageOctets} octets`));
  }
  return turn.ask({ ask: "mail", session, path, parameters });
}

function isGiven({ body, utf8, size, returned, envelopeId, hold, tls }: MailParameters): boolean {
  return body !== "7bit" || utf8 || [size, returned, envelopeId, hold, tls].some(each => each !== undefined);
}

/** What was not announced is not obeyed. RFC 5321 4.1.1.11 */
function parameterRefusal(turn: Turn, parameters: MailParameters): Reply | undefined {
  const { options, session } = turn.state;
  const { body, tls, returned, envelopeId, hold } = parameters;
  const { extensions, futureRelease } = options;
  if (body === "binarymime" && !extensions.includes("BINARYMIME")) return says.parameterNotOffered;
  const wantsReport = returned !== undefined || envelopeId !== undefined;
  if (wantsReport && !extensions.includes("DSN")) return says.parameterNotOffered;
  const offersTls = extensions.includes("REQUIRETLS") && session.tls !== undefined;
  if (tls !== undefined && !offersTls) return says.parameterNotOffered;
  if (hold === undefined) return undefined;
  if (futureRelease === undefined) return says.parameterNotOffered;
  const isTooLong = "until" in hold ? hold.until > futureRelease.until : hold.forMs > futureRelease.seconds * 1000;
  return isTooLong ? says.holdTooLong : undefined;
}

function recipient(turn: Turn, command: Command & { verb: "RCPT" }): Turn {
  const { phase } = turn;
  assert(phase.phase === "mail" || phase.phase === "rcpt", "the table lets RCPT through in a transaction");
  const { envelope } = phase;
  if (command.utf8 && !envelope.parameters.utf8) return turn.refuse(faultReply["utf8-not-declared"]);
  const { options, session } = turn.state;
  const { path, parameters } = command;
  const wantsReport = parameters.notify !== undefined || parameters.originalRecipient !== undefined;
  if (wantsReport && !session.extended) return turn.refuse(says.parametersNeedEhlo);
  if (wantsReport && !options.extensions.includes("DSN")) return turn.refuse(says.parameterNotOffered);
  if (envelope.recipients.length >= options.limits.recipients) return turn.say(says.tooManyRecipients);
  return turn.ask({ ask: "recipient", session, path, envelope, parameters });
}

function data(turn: Turn): Turn {
  assert(turn.phase.phase === "rcpt", "the table lets DATA through after a recipient");
  const { envelope } = turn.phase;
  if (envelope.parameters.body === "binarymime") return turn.refuse(says.binaryNeedsChunks);
  return turn.ask({ ask: "data", session: turn.state.session, envelope, chunk: undefined });
}

/** RFC 3207 4 */
function startTls(turn: Turn): Turn {
  const { options, session, pending } = turn.state;
  if (session.tls !== undefined) return turn.refuse(says.tlsTwice);
  if (options.tls !== "offered") return turn.refuse(says.notImplemented);
  // CVE-2011-0411: commands that were put behind STARTTLS would be read as if they had come encrypted
  if (pending.length > 0) return turn.say(says.tlsInjection);
  turn.say(says.tlsReady);
  turn.flush();
  turn.phase = { phase: "handshake" };
  turn.perform({ do: "timer", afterMs: options.limits.commandMs });
  return turn.perform({ do: "start-tls" });
}

/** RFC 4954 4 */
function auth(turn: Turn, command: Command & { verb: "AUTH" }): Turn {
  const { options, session } = turn.state;
  if (options.mechanisms.length === 0) return turn.refuse(says.notImplemented);
  if (session.tls === undefined) return turn.refuse(says.authNeedsTls);
  if (session.identity !== undefined) return turn.refuse(says.authTwice);
  if (!session.extended) return turn.refuse(says.notImplemented);
  if (!options.mechanisms.includes(command.mechanism)) return turn.refuse(says.authMechanism);
  // RFC 4954 4: `=` is an initial response without octets
  const given = command.initial === "=" ? "" : command.initial;
  const response = given === undefined ? undefined : base64(given);
  if (response !== undefined && !response.ok) return turn.refuse(says.authSyntax);
  return turn.ask({ ask: "sasl", mechanism: command.mechanism, response: response?.value });
}

/** A line of the client within AUTH. RFC 4954 4 */
export function readAuthResponse(turn: Turn, line: Uint8Array): Turn {
  turn.phase = { phase: "ready" };
  const text = latin1(line);
  if (text === "*") return turn.refuse(says.authCancelled);
  const response = text === "" ? undefined : base64(text);
  if (response !== undefined && !response.ok) return turn.refuse(says.authSyntax);
  return turn.ask({ ask: "sasl", mechanism: undefined, response: response?.value ?? EMPTY });
}

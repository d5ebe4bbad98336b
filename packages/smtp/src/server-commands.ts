import { assert, base64, EMPTY, latin1, unreachable } from "@scop/wire";
import { type Command, parseCommand } from "./command.ts";
import { reply } from "./reply.ts";
import { faultReply, says } from "./server-replies.ts";
import type { Turn } from "./server-turn.ts";

/** Obeys one line that the table lets through. */
export function runCommand(turn: Turn, line: Uint8Array): Turn {
  const read = parseCommand(line);
  if (!read.ok) return turn.refuse(faultReply[read.fault]);
  const { command } = read;
  switch (command.verb) {
    case "HELO":
    case "EHLO":
      return hello(turn, command);
    case "MAIL":
      return mail(turn, command);
    case "RCPT":
      return recipient(turn, command);
    case "DATA":
      return data(turn);
    case "STARTTLS":
      return startTls(turn);
    case "AUTH":
      return auth(turn, command);
    case "RSET":
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

function hello(turn: Turn, command: Command & { verb: "HELO" | "EHLO" }): Turn {
  const { options, session } = turn.state;
  const extended = command.verb === "EHLO";
  turn.phase = { phase: "ready" };
  turn.state.session = { ...session, helo: command.domain, extended };
  if (!extended) return turn.sayNow(reply(250, undefined, options.hostname));
  const lines = [
    options.hostname,
    "PIPELINING",
    `SIZE ${options.limits.messageOctets}`,
    "8BITMIME",
    "SMTPUTF8",
    "ENHANCEDSTATUSCODES",
    "HELP",
  ];
  if (options.tls === "offered" && session.tls === undefined) lines.push("STARTTLS");
  // RFC 4954 4: a mechanism that shows the password is announced under TLS alone; here all are
  if (session.tls !== undefined && options.mechanisms.length > 0) lines.push(`AUTH ${options.mechanisms.join(" ")}`);
  return turn.sayNow(reply(250, undefined, ...lines));
}

function mail(turn: Turn, command: Command & { verb: "MAIL" }): Turn {
  const { options, session } = turn.state;
  const { path, parameters } = command;
  if (options.authRequired === "yes" && session.identity === undefined) return turn.refuse(says.authRequired);
  const given = parameters.size !== undefined || parameters.body !== "7bit" || parameters.utf8;
  if (given && !session.extended) return turn.refuse(says.parametersNeedEhlo);
  // RFC 1870 6.1: said before a single octet was sent in vain
  if ((parameters.size ?? 0) > options.limits.messageOctets) {
    return turn.say(reply(552, "5.3.4", `The message is larger than ${options.limits.messageOctets} octets`));
  }
  return turn.ask({ ask: "mail", session, path, parameters });
}

function recipient(turn: Turn, command: Command & { verb: "RCPT" }): Turn {
  const { phase } = turn;
  assert(phase.phase === "mail" || phase.phase === "rcpt", "the table lets RCPT through in a transaction");
  const { envelope } = phase;
  if (command.utf8 && !envelope.parameters.utf8) return turn.refuse(faultReply["utf8-not-declared"]);
  if (envelope.recipients.length >= turn.state.options.limits.recipients) return turn.say(says.tooManyRecipients);
  return turn.ask({ ask: "recipient", session: turn.state.session, path: command.path, envelope });
}

function data(turn: Turn): Turn {
  assert(turn.phase.phase === "rcpt", "the table lets DATA through after a recipient");
  return turn.ask({ ask: "data", session: turn.state.session, envelope: turn.phase.envelope });
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

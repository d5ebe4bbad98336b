import type { TlsInfo } from "@scop/platform";
import type { SaslAnswer } from "@scop/sasl";
import { assert, base64Encode, concat, EMPTY, latin1, Octet, unreachable } from "@scop/wire";
import { isVerb, parseCommand, verbOf } from "./command.ts";
import { dataStart } from "./data-reader.ts";
import { AUTH_LINE_OCTETS_MAX, COMMAND_OCTETS_MAX, OVERLONG_OCTETS_MAX } from "./limits.ts";
import { isFinalReply, isPositive, type Reply, reply, withEnhanced } from "./reply.ts";
import { readBody } from "./server-body.ts";
import { discardChunk, openChunks, readChunkOctets } from "./server-chunk.ts";
import { readAuthResponse, runCommand } from "./server-commands.ts";
import { faultReply, misplacedReply, saslFailureReply, says } from "./server-replies.ts";
import type { ServerInput, ServerPhase, ServerState, ServerStep } from "./server-state.ts";
import { type CommandPhase, transitions } from "./server-table.ts";
import { repliesFor, Turn } from "./server-turn.ts";

/**
 * One step of an SMTP server. It never throws on what the client sends; an answer to a question that was not asked is a programmer's
 * error. While a question is open, bytes are kept and not processed: the host should not read then. RFC 5321 3
 */
export function stepServer(state: ServerState, input: ServerInput): ServerStep {
  const turn = new Turn(state);
  switch (input.on) {
    case "connected":
      greet(turn);
      break;
    case "bytes":
      take(turn, input.bytes);
      break;
    case "decision":
      decide(turn, input.reply);
      break;
    case "decisions":
      decideEach(turn, input.replies);
      break;
    case "sasl":
      authenticate(turn, input.answer);
      break;
    case "secured":
      secure(turn, input.tls, input.mechanisms ?? state.options.mechanisms);
      break;
    case "timeout":
      if (turn.idle) turn.say(says.tooSlow);
      break;
    case "closing":
      turn.state.closing = true;
      break;
    case "ended":
      turn.state.replies = "";
      turn.close();
      break;
    default:
      return unreachable(input);
  }
  advance(turn);
  return turn.finish();
}

function greet(turn: Turn): void {
  assert(turn.phase.phase === "connected", "a session begins once");
  turn.phase = { phase: "start" };
  turn.say(reply(220, undefined, `${turn.state.options.hostname} ESMTP SCoP`));
  turn.rearm();
}

function take(turn: Turn, bytes: Uint8Array): Turn {
  if (turn.phase.phase === "closed") return turn;
  // CVE-2011-0411: what came before the handshake is not to be believed
  if (turn.phase.phase === "handshake") return turn.close();
  const { pending } = turn.state;
  turn.state.pending = pending.length === 0 ? bytes : concat([pending, bytes]);
  return turn;
}

/** Processes what is there until a question is open or more is needed. */
function advance(turn: Turn): void {
  let more = true;
  while (more && turn.idle) {
    if (turn.reading) {
      more = turn.state.pending.length > 0;
      if (more) (turn.phase.phase === "body" ? readBody : readChunkOctets)(turn);
    } else if (turn.state.closing && turn.phase.phase !== "connected") {
      turn.say(says.shuttingDown);
    } else more = readLine(turn);
  }
}

/** Takes one line from what is there. Answers whether there was one. */
function readLine(turn: Turn): boolean {
  const { state } = turn;
  const lf = lineEnd(state.pending);
  const lineOctetsMax = isAuthLine(turn) ? AUTH_LINE_OCTETS_MAX : COMMAND_OCTETS_MAX;
  if (lf < 0) {
    if (state.pending.length > lineOctetsMax) throwAway(turn);
    return false;
  }
  const ended = lf > 0 && state.pending[lf - 1] === Octet.cr;
  const line = state.pending.subarray(0, ended ? lf - 1 : lf);
  const overlong = state.overlongOctets > 0 || lf + 1 > lineOctetsMax;
  const sound = ended && !state.broken && isSound(line);
  const within = isAuthLine(turn) ? says.authLineTooLong : says.lineTooLong;
  state.pending = lf + 1 === state.pending.length ? EMPTY : state.pending.subarray(lf + 1);
  state.overlongOctets = 0;
  // CR and LF mean something together alone: until the next CRLF nothing is believed
  state.broken = !ended;
  turn.rearm();
  state.commands += 1;
  if (state.commands > state.options.limits.commands) turn.say(says.tooManyCommands);
  else if (overlong || !sound) {
    if (turn.phase.phase === "auth") turn.phase = { phase: "ready" };
    turn.refuse(overlong ? within : says.lineEnd);
  } else if (turn.phase.phase === "auth") readAuthResponse(turn, line);
  else readCommand(turn, line);
  return true;
}

// Lines are short: a plain loop over one takes less time than the call of a search.

/** Where the first LF is, or -1. */
function lineEnd(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === Octet.lf) return at;
  return -1;
}

/** Whether there is neither CR nor NUL. */
function isSound(line: Uint8Array): boolean {
  for (let at = 0; at < line.length; at += 1) if (line[at] === Octet.cr || line[at] === Octet.nul) return false;
  return true;
}

/** RFC 4954 4: such a line may be longer than others. */
function isAuthLine(turn: Turn): boolean {
  const { pending } = turn.state;
  if (turn.phase.phase === "auth") return true;
  // Most lines are told apart by their first letter.
  const mayBe = pending.length > 4 && (pending[0]! | 0x20) === 0x61;
  return mayBe && latin1(pending, 0, 5).toUpperCase() === "AUTH ";
}

/** Drops what is there of a line that is too long already, except a CR that the next octet may complete. */
function throwAway(turn: Turn): void {
  const { state } = turn;
  const keptFrom = state.pending.length - (state.pending.at(-1) === Octet.cr ? 1 : 0);
  state.overlongOctets += keptFrom;
  state.pending = state.pending.slice(keptFrom);
  if (state.overlongOctets > OVERLONG_OCTETS_MAX) turn.say({ ...says.lineTooLong, code: 421, enhanced: "4.7.0" });
}

function readCommand(turn: Turn, line: Uint8Array): void {
  const verb = verbOf(line);
  const meets = isVerb(verb) ? transitions[verb][turn.phase.phase as CommandPhase] : "go";
  if (meets === "go") return void runCommand(turn, line, verb);
  const read = verb === "BDAT" ? parseCommand(line, verb) : undefined;
  if (read === undefined) turn.refuse(misplacedReply[meets]);
  // RFC 3030 2: the octets of a BDAT that comes at the wrong time are no commands
  else if (read.ok && read.command.verb === "BDAT") discardChunk(turn, read.command.octets, misplacedReply[meets]);
  else turn.say(faultReply["chunk-size"]);
}

/** The answer to `mail`, `recipient`, `data` or `end`. */
function decide(turn: Turn, given: Reply | undefined): Turn {
  const { question } = turn.state;
  assert(question !== undefined && question.ask !== "sasl", "a decision was asked for");
  assert(given === undefined || isFinalReply(given), "a decision is 2xx, 4xx or 5xx");
  turn.state.question = undefined;
  turn.rearm();
  const accepted = given === undefined || isPositive(given);
  const said = given === undefined ? undefined : withEnhanced(given);
  switch (question.ask) {
    case "mail": {
      const { path, parameters } = question;
      const envelope = { reversePath: path, parameters, recipients: [], recipientParameters: [] };
      turn.phase = accepted ? { phase: "mail", envelope } : { phase: "ready" };
      return turn.say(said ?? says.mailOk);
    }
    case "recipient": {
      const { envelope } = question;
      const recipients = [...envelope.recipients, question.path];
      const recipientParameters = [...envelope.recipientParameters, question.parameters];
      if (accepted) turn.phase = { phase: "rcpt", envelope: { ...envelope, recipients, recipientParameters } };
      return turn.say(said ?? says.recipientOk);
    }
    case "data":
      if (question.chunk !== undefined) return openChunks(turn, question, accepted ? undefined : said);
      turn.phase = accepted ? bodyStart(repliesFor(turn, question.envelope)) : { phase: "ready" };
      return turn.sayNow(accepted ? says.startMail : (said ?? says.fault)).flush();
    case "end":
      return turn.sayTimes(said ?? says.accepted, question.replies).flush();
    default:
      return unreachable(question);
  }
}

/** The answer to `end` for each recipient. RFC 2033 4.2 */
function decideEach(turn: Turn, given: readonly Reply[]): void {
  const { question } = turn.state;
  assert(question?.ask === "end" && given.length === question.replies, "a reply for each recipient was asked for");
  assert(given.every(isFinalReply), "a decision is 2xx, 4xx or 5xx");
  turn.state.question = undefined;
  turn.rearm();
  for (const each of given) if (turn.phase.phase !== "closed") turn.sayNow(withEnhanced(each));
  turn.flush();
}

function bodyStart(replies: number): ServerPhase {
  return { phase: "body", reading: dataStart, octets: 0, sinceTimer: 0, fault: undefined, replies };
}

function authenticate(turn: Turn, answer: SaslAnswer): Turn {
  assert(turn.state.question?.ask === "sasl", "an answer of SASL was asked for");
  turn.state.question = undefined;
  turn.rearm();
  switch (answer.answer) {
    case "challenge":
      turn.phase = { phase: "auth" };
      return turn.sayNow(reply(334, undefined, base64Encode(answer.bytes)));
    case "done":
      turn.phase = { phase: "ready" };
      turn.state.session = { ...turn.state.session, identity: answer.identity };
      return turn.sayNow(says.authOk);
    case "failed":
      turn.phase = { phase: "ready" };
      turn.state.authFailures += 1;
      turn.sayNow(saslFailureReply[answer.failure.reason]);
      return turn.state.authFailures < turn.state.options.limits.authFailures ? turn : turn.say(says.tooManyErrors);
    default:
      return unreachable(answer);
  }
}

/** RFC 3207 4.2: everything that was learned before is forgotten. */
function secure(turn: Turn, tls: TlsInfo, mechanisms: readonly string[]): void {
  if (turn.phase.phase !== "handshake") return;
  assert(turn.state.pending.length === 0, "nothing is kept over STARTTLS");
  turn.phase = { phase: "start" };
  turn.state.options = { ...turn.state.options, mechanisms };
  turn.state.session = { ...turn.state.session, tls, helo: "", extended: false, identity: undefined };
  turn.rearm();
}

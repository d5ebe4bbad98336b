import { type Diagnostic, describe, unreachable } from "@scop/wire";
import { bye, fault, finish, flush, isFull, perform, send, status } from "./answer.ts";
import { appendChunk, appendEnd, appendLiteral, beginAppend, onAppendAnswer } from "./append-job.ts";
import { capabilitiesOf } from "./capability.ts";
import { endIdle, onSaslAnswer, onSaslLine, onTlsStarted } from "./connection-commands.ts";
import { runCommand } from "./dispatch.ts";
import type { AppendPlace } from "./extensions/append-messages.ts";
import { onCompressed } from "./extensions/compress.ts";
import { continueGather } from "./extensions/gather-job.ts";
import { nameFormOf } from "./extensions/imap4rev2.ts";
import { pushesSelected, pushNotices } from "./extensions/notify.ts";
import { continueFetch } from "./fetch-job.ts";
import { acceptLiteral, type Frame, type FrameLimits, feed, nextFrame, type Piece, refuseCommand } from "./framer.ts";
import {
  COMMAND_OCTETS_MAX,
  COMMAND_OCTETS_MAX_BEFORE_LOGIN,
  LITERAL_OCTETS_MAX_BEFORE_LOGIN,
  LITERALS_MAX,
  LITERALS_OCTETS_MAX,
  SKIPPED_OCTETS_MAX,
  SKIPPED_OCTETS_MAX_BEFORE_LOGIN,
} from "./limits.ts";
import { askIdle } from "./mailbox-updates.ts";
import { onAnswer } from "./on-answer.ts";
import { literalPurpose } from "./parse-append.ts";
import { parseCommand, tagOf } from "./parse-command.ts";
import { continueSearch } from "./search-job.ts";
import { beginTurn, endTurn, type Input, type Session, type Step, type Turn } from "./session.ts";

const BEFORE_LOGIN: FrameLimits = {
  commandOctets: COMMAND_OCTETS_MAX_BEFORE_LOGIN,
  skippedOctets: SKIPPED_OCTETS_MAX_BEFORE_LOGIN,
};
const AFTER_LOGIN: FrameLimits = { commandOctets: COMMAND_OCTETS_MAX, skippedOctets: SKIPPED_OCTETS_MAX };

/**
 * One input, what follows from it, and the session after it. Never throws on what a client sends. Effects are performed in order; see
 * `Effect` for which of them are answered with which input. RFC 3501 3
 */
export function step(session: Session, input: Input): Step {
  const turn = beginTurn(session);
  if (turn.phase.at !== "logout") {
    take(turn, input);
    drain(turn);
    pushNotices(turn);
  }
  flush(turn);
  return endTurn(turn);
}

/** Whether the session wants to hear from its client: octets, a timeout, changes. Otherwise it waits for an answer of the host. */
export function wantsInput(session: Session): boolean {
  const { job } = session;
  switch (job.job) {
    case "none":
      return true;
    case "idle":
      return job.asked === "no";
    case "sasl":
      return job.waits === "client";
    case "append":
      return job.waits !== "answer";
    case "append-refused":
      return true;
    default:
      return false;
  }
}

function take(turn: Turn, input: Input): undefined {
  switch (input.on) {
    case "start": {
      perform(turn, { do: "timer", afterMs: turn.settings.limits.loginTimeoutMs });
      const capabilities = capabilitiesOf(turn);
      return send(turn, status("*", "OK", `${turn.settings.hostname} ready`, { code: "CAPABILITY", capabilities }));
    }
    case "bytes":
      turn.framer = feed(turn.framer, input.bytes);
      return;
    case "answer":
      return turn.job.job === "append" ? onAppendAnswer(turn, turn.job, input) : onAnswer(turn, input);
    case "sasl":
      return onSaslAnswer(turn, input.answer);
    case "tls-started":
      return onTlsStarted(turn);
    case "compressed":
      return onCompressed(turn);
    case "changed":
      turn.dirty = true;
      return turn.job.job === "idle" && !pushesSelected(turn) ? askIdle(turn, turn.job) : undefined;
    case "account-changed":
      if (turn.notify !== undefined) turn.notify = { ...turn.notify, stale: "yes" };
      return;
    case "turn":
      if (turn.job.job === "fetch") continueFetch(turn, turn.job);
      else if (turn.job.job === "search") continueSearch(turn, turn.job);
      else if (turn.job.job === "gather") continueGather(turn, turn.job);
      return;
    case "timeout":
      return leave(turn, "Too long without a command");
    case "closing":
      return leave(turn, "The server is going down; connect again soon", "UNAVAILABLE");
    default:
      return unreachable(input);
  }
}

function leave(turn: Turn, text: string, code?: "UNAVAILABLE"): undefined {
  if (turn.job.job === "append") perform(turn, { do: "append-abort" });
  bye(turn, text, code === undefined ? undefined : { code });
}

/** Reads what the client sent as far as the session is ready for it. Each turn consumes octets or leaves. */
function drain(turn: Turn): undefined {
  while (wantsInput(turn)) {
    const raw = turn.job.job === "sasl" || turn.job.job === "idle";
    const limits = turn.phase.at === "not-authenticated" ? BEFORE_LOGIN : AFTER_LOGIN;
    const { framer, frame } = nextFrame(turn.framer, limits, raw);
    turn.framer = framer;
    if (frame.frame === "bytes") return;
    onFrame(turn, frame);
    if (isFull(turn)) flush(turn);
  }
}

function onFrame(turn: Turn, frame: Exclude<Frame, { frame: "bytes" }>): undefined {
  switch (frame.frame) {
    case "command":
      return onCommand(turn, frame.pieces);
    case "literal":
      return onLiteral(turn, frame);
    case "chunk":
      return appendChunk(turn, frame.bytes, frame.last);
    case "refused":
      return onRefused(turn, frame.pieces, frame.error);
    case "overflow":
      return overflow(turn, frame.error);
    default:
      return unreachable(frame);
  }
}

function overflow(turn: Turn, error: Diagnostic): undefined {
  if (turn.job.job === "append") perform(turn, { do: "append-abort" });
  bye(turn, describe(error), error.code === "message-too-large" ? { code: "TOOBIG" } : undefined);
}

function restartTimer(turn: Turn): undefined {
  if (turn.phase.at === "not-authenticated") return;
  perform(turn, { do: "timer", afterMs: turn.settings.limits.idleTimeoutMs });
}

function onCommand(turn: Turn, pieces: readonly Piece[]): undefined {
  restartTimer(turn);
  switch (turn.job.job) {
    case "sasl":
      return onSaslLine(turn, turn.job, pieces[0]!.bytes);
    case "idle":
      return endIdle(turn, turn.job, pieces[0]!.bytes);
    case "append":
      return appendEnd(turn, turn.job, pieces);
    case "append-refused":
      return finish(turn, turn.job.done);
    default:
  }
  const parsed = parseCommand(pieces, nameFormOf(turn));
  if (!parsed.ok) return fault(turn, tagOf(pieces), parsed.error);
  return runCommand(turn, parsed.value.tag, parsed.value.command);
}

function onRefused(turn: Turn, pieces: readonly Piece[], error: Diagnostic): undefined {
  const { job } = turn;
  if (job.job === "append-refused") return finish(turn, job.done);
  if (job.job === "append") perform(turn, { do: "append-abort" });
  const tag = job.job === "append" || job.job === "sasl" || job.job === "idle" ? job.tag : tagOf(pieces);
  fault(turn, tag, error);
}

type LiteralFrame = Extract<Frame, { frame: "literal" }>;

function onLiteral(turn: Turn, frame: LiteralFrame): undefined {
  const { job } = turn;
  // Each literal has a piece of text before it.
  if (frame.pieces.length > 2 * LITERALS_MAX)
    return refuse(turn, diagnosticAt(frame, "too-many-literals", "RFC 7888 4"));
  if (job.job === "append") {
    const wrong = wrongMessage(turn, frame, job.place);
    if (wrong !== undefined) return refuse(turn, wrong);
    const taken = appendLiteral(turn, job, frame.pieces, frame);
    if (taken === "argument") return collectLiteral(turn, frame);
    return taken === "taken" ? undefined : refuse(turn, taken);
  }
  const purpose = literalPurpose(frame.pieces, nameFormOf(turn));
  if (!purpose.ok) return refuse(turn, purpose.error);
  if (purpose.value.purpose === "argument") return collectLiteral(turn, frame);
  if (turn.phase.at === "not-authenticated")
    return refuse(turn, diagnosticAt(frame, "not-allowed-while-not-authenticated", "RFC 3501 3"));
  const { tag, mailbox, stretch } = purpose.value;
  const wrong = wrongMessage(turn, frame, stretch.behind);
  if (wrong !== undefined) return refuse(turn, wrong);
  beginAppend(turn, tag, mailbox, stretch.steps, { wants: frame, behind: stretch.behind });
}

/** A literal that is too large for a message, or that is an empty one. RFC 3502 6.3.11 */
function wrongMessage(turn: Turn, frame: LiteralFrame, behind: AppendPlace): Diagnostic | undefined {
  if (frame.octets > turn.settings.limits.messageOctetsMax)
    return diagnosticAt(frame, "message-too-large", "RFC 3501 6.3.11");
  return frame.octets === 0 && behind === "messages"
    ? diagnosticAt(frame, "message-empty", "RFC 3501 6.3.11")
    : undefined;
}

/** A string of a command. */
function collectLiteral(turn: Turn, frame: LiteralFrame): undefined {
  if (frame.binary) return refuse(turn, diagnosticAt(frame, "literal8-unexpected", "RFC 3516 7"));
  const beforeLogin = turn.phase.at === "not-authenticated";
  let held = 0;
  for (const piece of frame.pieces) if (piece.kind === "literal") held += piece.bytes.length;
  const most = beforeLogin ? LITERAL_OCTETS_MAX_BEFORE_LOGIN : LITERALS_OCTETS_MAX;
  const room = beforeLogin ? 2 * LITERAL_OCTETS_MAX_BEFORE_LOGIN - held : LITERALS_OCTETS_MAX - held;
  if (frame.octets > Math.min(most, room)) return refuse(turn, diagnosticAt(frame, "literal-too-large", "RFC 7888 4"));
  turn.framer = acceptLiteral(turn.framer);
  if (frame.synchronising) send(turn, { response: "continue", text: "Ready for the literal" });
}

function diagnosticAt(frame: LiteralFrame, code: string, rule: string): Diagnostic {
  let offset = 0;
  for (const piece of frame.pieces) offset += piece.bytes.length;
  return { code, offset, length: 0, rule };
}

function refuse(turn: Turn, error: Diagnostic): undefined {
  turn.framer = refuseCommand(turn.framer, error);
}

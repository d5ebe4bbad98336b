import { assert, type Diagnostic, Octet } from "@scop/wire";
import { ask, fault, finish, perform, refusal, refusalOfTarget, send, status } from "./answer.ts";
import type { Outcome } from "./backend.ts";
import type { AppendPlace, AppendStep } from "./extensions/append-messages.ts";
import type { UrlAnswer } from "./extensions/catenate.ts";
import { type Piece, refuseCommand, streamLiteral } from "./framer.ts";
import type { JobOf } from "./job.ts";
import { APPEND_OCTETS_MAX, APPEND_URLS_MAX } from "./limits.ts";
import { parseAppendStretch } from "./parse-append.ts";
import type { StatusResponse } from "./response.ts";
import type { Answer, Turn } from "./session.ts";

type AppendJob = JobOf<"append">;

/** A literal that was announced and waits for what is done before it. */
export interface AppendLiteral {
  readonly octets: number;
  readonly synchronising: boolean;
  readonly binary: boolean;
}

/** Asks for a place for the messages before any of them is taken. RFC 3501 6.3.11 */
export function beginAppend(
  turn: Turn,
  tag: string,
  mailbox: string,
  steps: readonly AppendStep[],
  literal: { readonly wants: AppendLiteral; readonly behind: AppendPlace } | undefined,
): undefined {
  const counts = { messages: countOf(steps), urls: 0, octets: 0, total: 0, read: 0 };
  const next = { place: literal?.behind ?? "messages", literal: literal?.wants } as const;
  turn.job = { job: "append", tag, waits: "answer", todo: steps, ...next, ...counts };
  ask(turn, { ask: "append", name: mailbox });
}

function countOf(steps: readonly AppendStep[]): number {
  return steps.filter(({ step }) => step === "begin").length;
}

/** The answers to the questions of an APPEND. */
export function onAppendAnswer(turn: Turn, job: AppendJob, answer: Answer): undefined {
  switch (answer.ask) {
    case "append":
      if (!answer.outcome.ok) return give(turn, job, refusalOfTarget(job.tag, answer.outcome.failure));
      return goOn(turn, job);
    case "append-message":
      if (!answer.outcome.ok) return give(turn, job, refusal(job.tag, answer.outcome.failure));
      return goOn(turn, { ...job, todo: job.todo.slice(1), octets: 0 });
    case "append-url":
      return onUrl(turn, job, answer.outcome);
    case "append-end": {
      if (!answer.outcome.ok) {
        const { failure } = answer.outcome;
        return finish(turn, failure === "missing" ? refusalOfTarget(job.tag, failure) : refusal(job.tag, failure));
      }
      const { mailbox, uidValidity, uids } = answer.outcome.value;
      // RFC 3501 6.3.11: in the selected mailbox it is announced at once.
      if (turn.phase.at === "selected" && turn.phase.view.mailbox === mailbox) turn.dirty = true;
      return finish(turn, status(job.tag, "OK", "APPEND completed", { code: "APPENDUID", uidValidity, uids }));
    }
    default:
      return;
  }
}

/** What comes before the literal that waits, or before the end. */
function goOn(turn: Turn, job: AppendJob): undefined {
  const [next] = job.todo;
  const { messageOctetsMax } = turn.settings.limits;
  turn.job = job;
  if (next === undefined) return job.literal === undefined ? end(turn, job) : stream(turn, job, job.literal);
  switch (next.step) {
    case "begin": {
      const octets = job.todo.length === 1 ? (job.literal?.octets ?? 0) : 0;
      const { flags, internalDate } = next;
      return ask(turn, { ask: "append-message", octets, flags, internalDate });
    }
    case "url": {
      const { url, text } = next;
      if (url === undefined) return give(turn, job, badUrl(job.tag, text));
      if (job.urls === APPEND_URLS_MAX) return give(turn, job, status(job.tag, "BAD", "There are too many URLs"));
      const octetsMax = Math.min(messageOctetsMax - job.octets, APPEND_OCTETS_MAX - job.total);
      return ask(turn, { ask: "append-url", url, octetsMax });
    }
    default:
      if (job.octets === 0) return give(turn, job, status(job.tag, "BAD", "A message is empty"));
      return goOn(turn, { ...job, todo: job.todo.slice(1) });
  }
}

function badUrl(tag: string, url: string): StatusResponse {
  return status(tag, "NO", "There is no such part of a message", { code: "BADURL", url });
}

function tooLarge(tag: string): StatusResponse {
  return status(tag, "NO", "The messages are too large", { code: "TOOBIG" });
}

function onUrl(turn: Turn, job: AppendJob, outcome: Outcome<UrlAnswer>): undefined {
  const [next, ...todo] = job.todo;
  assert(next?.step === "url", "a URL was asked for");
  if (!outcome.ok) return give(turn, job, refusal(job.tag, outcome.failure));
  if (outcome.value.url === "bad") return give(turn, job, badUrl(job.tag, next.text));
  if (outcome.value.url === "too-large") return give(turn, job, tooLarge(job.tag));
  const { octets } = outcome.value;
  goOn(turn, { ...job, todo, urls: job.urls + 1, octets: job.octets + octets, total: job.total + octets });
}

/** Takes the literal, now that there is a place for it. */
function stream(turn: Turn, job: AppendJob, literal: AppendLiteral): undefined {
  const octets = job.octets + literal.octets;
  const total = job.total + literal.octets;
  if (octets > turn.settings.limits.messageOctetsMax || total > APPEND_OCTETS_MAX) {
    return give(turn, job, tooLarge(job.tag));
  }
  turn.framer = streamLiteral(turn.framer);
  turn.job = { ...job, waits: "octets", octets, total };
  if (literal.synchronising) send(turn, { response: "continue", text: "Ready for the message" });
}

function end(turn: Turn, job: AppendJob): undefined {
  turn.job = { ...job, waits: "answer" };
  ask(turn, { ask: "append-end" });
}

/** Gives all messages up: what is on its way is skipped, then the client is told. */
function give(turn: Turn, job: AppendJob, done: StatusResponse): undefined {
  perform(turn, { do: "append-abort" });
  if (job.literal === undefined) return finish(turn, done);
  turn.job = { job: "append-refused", done };
  turn.framer = refuseCommand(turn.framer, { code: "append-refused", offset: 0, length: 0, rule: "RFC 3501 6.3.11" });
}

/** Hands octets of a message on. RFC 3501 4.3: NUL is not allowed in it; RFC 3516 4.4: nor is it kept where it is. */
export function appendChunk(turn: Turn, bytes: Uint8Array, last: boolean): undefined {
  const { job } = turn;
  if (job.job !== "append") return;
  if (bytes.includes(Octet.nul)) {
    const isBinary = job.literal?.binary === true;
    const unknown = status(job.tag, "NO", "Messages with NUL octets are not kept", { code: "UNKNOWN-CTE" });
    return give(turn, job, isBinary ? unknown : status(job.tag, "BAD", "The message has a NUL octet"));
  }
  perform(turn, { do: "timer", afterMs: turn.settings.limits.idleTimeoutMs });
  if (bytes.length > 0) perform(turn, { do: "append-chunk", bytes });
  if (last) turn.job = { ...job, waits: "line", literal: undefined, read: turn.framer.pieces.length };
}

/** Another literal in an APPEND, behind one that was taken: undefined where it is a string of the command. */
export function appendLiteral(
  turn: Turn,
  job: AppendJob,
  pieces: readonly Piece[],
  wants: AppendLiteral,
): "argument" | "taken" | Diagnostic {
  const read = parseAppendStretch(pieces.slice(job.read), job.place, "follows", job.messages);
  if (!read.ok) return placed(read.error, pieces, job.read);
  const stretch = read.value;
  if (stretch.ends !== "literal") return "argument";
  const messages = job.messages + countOf(stretch.steps);
  const next = {
    ...job,
    waits: "answer",
    todo: stretch.steps,
    place: stretch.behind,
    literal: wants,
    messages,
  } as const;
  goOn(turn, next);
  return "taken";
}

/** A mistake with its place in the whole command; literals of messages are not counted. */
function placed(error: Diagnostic, pieces: readonly Piece[], read: number): Diagnostic {
  let before = 0;
  for (const piece of pieces.slice(0, read)) before += piece.bytes.length;
  return { ...error, offset: before + error.offset };
}

/** The end of the command. */
export function appendEnd(turn: Turn, job: AppendJob, pieces: readonly Piece[]): undefined {
  const read = parseAppendStretch(pieces.slice(job.read), job.place, "none", job.messages);
  if (!read.ok) {
    perform(turn, { do: "append-abort" });
    return fault(turn, job.tag, placed(read.error, pieces, job.read));
  }
  assert(read.value.ends === "command", "no literal follows");
  const { steps } = read.value;
  const messages = job.messages + countOf(steps);
  goOn(turn, { ...job, waits: "answer", todo: steps, literal: undefined, messages });
}

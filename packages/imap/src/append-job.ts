import { Octet } from "@scop/wire";
import { ask, fault, finish, perform, refusal, refusalOfTarget, send, status } from "./answer.ts";
import { type Piece, refuseCommand, streamLiteral } from "./framer.ts";
import type { JobOf } from "./job.ts";
import type { AppendCommand } from "./parse-append.ts";
import type { StatusResponse } from "./response.ts";
import type { Answer, Turn } from "./session.ts";

type AppendJob = JobOf<"append">;

/** Asks for a place for the message before any of it is taken. RFC 3501 6.3.11 */
export function beginAppend(
  turn: Turn,
  tag: string,
  command: AppendCommand,
  literal: { readonly octets: number; readonly synchronising: boolean },
): undefined {
  turn.job = { job: "append", tag, synchronising: literal.synchronising, step: "asked" };
  const { mailbox: name, flags, internalDate } = command;
  ask(turn, { ask: "append", name, octets: literal.octets, flags, internalDate });
}

/** The answers to `append` and `append-end`. */
export function onAppendAnswer(turn: Turn, job: AppendJob, answer: Answer): undefined {
  if (answer.ask === "append") {
    if (!answer.outcome.ok) return skip(turn, refusalOfTarget(job.tag, answer.outcome.failure));
    turn.framer = streamLiteral(turn.framer);
    turn.job = { ...job, step: "body" };
    if (job.synchronising) send(turn, { response: "continue", text: "Ready for the message" });
    return;
  }
  if (answer.ask !== "append-end") return;
  if (!answer.outcome.ok) {
    const { failure } = answer.outcome;
    return finish(turn, failure === "missing" ? refusalOfTarget(job.tag, failure) : refusal(job.tag, failure));
  }
  const { mailbox, uidValidity, uid } = answer.outcome.value;
  // RFC 3501 6.3.11: in the selected mailbox it is announced at once.
  if (turn.phase.at === "selected" && turn.phase.view.mailbox === mailbox) turn.dirty = true;
  finish(turn, status(job.tag, "OK", "APPEND completed", { code: "APPENDUID", uidValidity, uid }));
}

/** Gives the message up: what is on its way is skipped, then the client is told. */
function skip(turn: Turn, done: StatusResponse): undefined {
  turn.job = { job: "append-refused", done };
  turn.framer = refuseCommand(turn.framer, { code: "append-refused", offset: 0, length: 0, rule: "RFC 3501 6.3.11" });
}

/** Hands octets of the message on. RFC 3501 4.3: NUL is not allowed in it. */
export function appendChunk(turn: Turn, bytes: Uint8Array, last: boolean): undefined {
  if (turn.job.job !== "append") return;
  if (bytes.includes(Octet.nul)) {
    perform(turn, { do: "append-abort" });
    return skip(turn, status(turn.job.tag, "BAD", "The message has a NUL octet"));
  }
  perform(turn, { do: "timer", afterMs: turn.settings.limits.idleTimeoutMs });
  perform(turn, { do: "append-chunk", bytes });
  if (last) turn.job = { ...turn.job, step: "line" };
}

/** The line end after the message. */
export function appendEnd(turn: Turn, job: AppendJob, pieces: readonly Piece[]): undefined {
  if (pieces[pieces.length - 1]!.bytes.length > 0) {
    perform(turn, { do: "append-abort" });
    return fault(turn, job.tag, { code: "end-expected", offset: 0, length: 0, rule: "RFC 3501 6.3.11" });
  }
  turn.job = { ...job, step: "end" };
  ask(turn, { ask: "append-end" });
}

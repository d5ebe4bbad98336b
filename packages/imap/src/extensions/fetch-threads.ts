import { ask, finish, refusal } from "../answer.ts";
import type { Entry, MessageThread, Outcome } from "../backend.ts";
import type { FetchJob } from "../job.ts";
import { THREADS_PER_QUESTION } from "../limits.ts";
import type { Turn } from "../session.ts";
import { indexOfUid } from "../view.ts";

/** Asks for the threads of the messages that are fetched next: finding one may take reading its header. RFC 8474 5.2 */
export function askThreads(turn: Turn, job: FetchJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  const uids = job.uids.slice(job.next, job.next + THREADS_PER_QUESTION).filter(uid => !view.gone.has(uid));
  const entries: readonly Entry[] = uids.map(uid => view.entries[indexOfUid(view.entries, uid)]!);
  turn.job = { ...job, doing: { step: "threads" } };
  ask(turn, { ask: "threads", entries });
}

/** The job with the threads that were found; undefined after the command was refused. A message without one is gone. */
export function withThreads(
  turn: Turn,
  job: FetchJob,
  outcome: Outcome<readonly MessageThread[]>,
): FetchJob | undefined {
  if (!outcome.ok && "resume" in job.done) {
    turn.job = job.done.resume;
    return undefined;
  }
  if (!outcome.ok) return finish(turn, refusal(job.tag, outcome.failure), job.expunges);
  const threads = new Map(outcome.value.map(({ message, thread }) => [message, thread]));
  return { ...job, threads, doing: { step: "next" } };
}

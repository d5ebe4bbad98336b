import { ask, finish, refusal } from "../answer.ts";
import type { MessageThread, Outcome } from "../backend.ts";
import type { JobOf, SearchJob } from "../job.ts";
import { THREADS_PER_QUESTION } from "../limits.ts";
import type { SearchProgram } from "../search-key.ts";
import type { Turn } from "../session.ts";

/** Whether a SEARCH asks which thread messages belong to. RFC 8474 6 */
export function searchesThreads(program: SearchProgram): boolean {
  return program.some(step => "test" in step && step.test === "thread");
}

/** Asks for the threads of all messages, some at a time: a thread is only known once it was asked for. */
export function askSearchThreads(turn: Turn, job: SearchJob): undefined {
  askNext(turn, { job: "search-threads", search: job, next: 0, threads: new Map() });
}

type ThreadsJob = JobOf<"search-threads">;

function askNext(turn: Turn, job: ThreadsJob): undefined {
  if (turn.phase.at !== "selected") return;
  turn.job = job;
  const entries = turn.phase.view.entries.slice(job.next, job.next + THREADS_PER_QUESTION);
  ask(turn, { ask: "threads", entries });
}

/** Threads of some messages; with the last of them the search, which then begins. */
export function onSearchThreads(
  turn: Turn,
  job: ThreadsJob,
  outcome: Outcome<readonly MessageThread[]>,
): SearchJob | undefined {
  if (turn.phase.at !== "selected") return undefined;
  if (!outcome.ok) return finish(turn, refusal(job.search.tag, outcome.failure));
  for (const { message, thread } of outcome.value) job.threads.set(message, thread);
  const next = job.next + THREADS_PER_QUESTION;
  if (next >= turn.phase.view.entries.length) return { ...job.search, threads: job.threads };
  return askNext(turn, { ...job, next });
}

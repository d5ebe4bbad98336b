import { parseHeader, parseMessage } from "@scop/mime";
import type { Instant } from "@scop/platform";
import { ask, finish, perform, refusal } from "./answer.ts";
import type { Entry, MessageThread, Outcome, TextCandidates } from "./backend.ts";
import type { CommandOf } from "./command.ts";
import { enableCondstore } from "./extensions/enable.ts";
import { beginGather } from "./extensions/gather-job.ts";
import { finishSearch, searchesModseq, tellFound } from "./extensions/search-result.ts";
import { askSearchThreads, onSearchThreads, searchesThreads } from "./extensions/search-threads.ts";
import { hasWholeHeader } from "./fetch-plan.ts";
import type { JobOf, SearchJob } from "./job.ts";
import { HEADER_READ_OCTETS, SEARCH_MESSAGES_PER_TURN } from "./limits.ts";
import {
  gatherText,
  hasEnough,
  indexedTexts,
  isToBeIndexed,
  type SearchIndex,
  searchIndex,
  textsOf,
} from "./search-index.ts";
import type { SearchTest } from "./search-key.ts";
import { matchMessage } from "./search-match.ts";
import type { SearchSource } from "./search-source.ts";
import { resolveSet, type SequenceSet, setOf } from "./sequence-set.ts";
import type { Turn } from "./session.ts";
import { savedIndexes, type View } from "./view.ts";

type SearchCommand = CommandOf<"SEARCH" | "SORT" | "THREAD">;

/** RFC 3501 6.4.4. Where the age of messages is asked for, the time is asked for first. */
export function beginSearch(turn: Turn, tag: string, command: SearchCommand): undefined {
  if (searchesModseq(command.program)) enableCondstore(turn);
  const isAge = command.program.some(step => "test" in step && (step.test === "younger" || step.test === "older"));
  if (!isAge) return search(turn, tag, command, 0);
  turn.job = { job: "search-time", tag, command };
  ask(turn, { ask: "time" });
}

/** The time is known. */
export function onSearchTime(turn: Turn, { tag, command }: JobOf<"search-time">, outcome: Outcome<Instant>): undefined {
  if (!outcome.ok) return finish(turn, refusal(tag, outcome.failure));
  search(turn, tag, command, outcome.value);
}

function search(turn: Turn, tag: string, command: SearchCommand, now: Instant): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  const sets = command.program.map(step => ("test" in step ? setFor(step, view) : undefined));
  const begun: SearchJob = {
    job: "search",
    tag,
    command,
    sets,
    texts: textsOf(command.program),
    index: undefined,
    now,
    threads: new Map(),
    next: 0,
    found: [],
    lost: "none",
    reading: 0,
  };
  if (searchesThreads(command.program) && view.entries.length > 0) return askSearchThreads(turn, begun);
  askCandidates(turn, begun);
}

/** Asks which messages need not be read, where texts are wanted. */
function askCandidates(turn: Turn, job: SearchJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { mailbox, entries } = turn.phase.view;
  const texts = indexedTexts(job.texts);
  if (texts.length === 0 || entries.length === 0) return continueSearch(turn, job);
  turn.job = job;
  ask(turn, { ask: "text-candidates", mailbox, texts });
}

/** What the index knows. Without it every message is read. */
export function onCandidates(turn: Turn, job: SearchJob, outcome: Outcome<TextCandidates>): undefined {
  if (turn.phase.at !== "selected") return;
  if (!outcome.ok) return continueSearch(turn, job);
  const index = searchIndex(turn.phase.view.entries, indexedTexts(job.texts), outcome.value, job.command.program);
  continueSearch(turn, { ...job, index });
}

/** Texts were indexed, or could not be: then no more of them are gathered. */
export function onIndexed(turn: Turn, job: SearchJob, outcome: Outcome<undefined>): undefined {
  const { index } = job;
  if (outcome.ok || index === undefined) return continueSearch(turn, job);
  continueSearch(turn, { ...job, index: { ...index, unindexed: new Uint8Array(0) } });
}

function indexWaiting(turn: Turn, job: SearchJob, index: SearchIndex): undefined {
  turn.job = { ...job, index: { ...index, waiting: [], units: 0 } };
  ask(turn, { ask: "index-texts", texts: index.waiting });
}

/** Threads are known, of some messages or of all. */
export function onSearchKnowsThreads(
  turn: Turn,
  job: JobOf<"search-threads">,
  outcome: Outcome<readonly MessageThread[]>,
): undefined {
  const search = onSearchThreads(turn, job, outcome);
  if (search !== undefined) askCandidates(turn, search);
}

/** The set of a test against the view as it is. */
function setFor(test: SearchTest, view: View): SequenceSet | undefined {
  if (test.test !== "sequence" && test.test !== "uid") return undefined;
  const isUid = test.test === "uid";
  if (test.set === "saved") return setOf(isUid ? view.saved : savedIndexes(view).map(place => place + 1));
  const { entries } = view;
  return resolveSet(test.set, isUid ? (entries[entries.length - 1]?.uid ?? 0) : entries.length);
}

/** Looks at the next messages, until one has to be read, others should have a turn, or all are done. */
export function continueSearch(turn: Turn, job: SearchJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  const { found, command, index } = job;
  if (index !== undefined && hasEnough(index)) return indexWaiting(turn, job, index);
  const stop = Math.min(view.entries.length, job.next + SEARCH_MESSAGES_PER_TURN);
  for (let next = job.next; next < stop; next += 1) {
    const entry = view.entries[next]!;
    if (view.gone.has(entry.uid)) continue;
    const verdict = matchMessage(job, { sequence: next + 1, entry, source: { read: "nothing" } });
    if (verdict === "unknown") {
      return read(turn, { ...job, next }, entry, isToBeIndexed(index, next, entry) ? entry.size : HEADER_READ_OCTETS);
    }
    if (verdict === "yes") found.push(next);
  }
  if (stop < view.entries.length) {
    turn.job = { ...job, next: stop };
    return perform(turn, { do: "turn" });
  }
  if (index !== undefined && index.waiting.length > 0) return indexWaiting(turn, { ...job, next: stop }, index);
  if (command.command !== "SEARCH") return beginGather(turn, command, job);
  tellFound(turn, command, job, found);
  finishSearch(turn, job);
}

function read(turn: Turn, job: SearchJob, entry: Entry, most: number): undefined {
  if (turn.phase.at !== "selected") return;
  const reading = Math.min(most, entry.size);
  turn.job = { ...job, reading };
  ask(turn, { ask: "read", mailbox: turn.phase.view.mailbox, entry, start: 0, end: reading });
}

/** A message, or its beginning, is here. */
export function onSearchRead(turn: Turn, job: SearchJob, outcome: Outcome<Uint8Array>): undefined {
  if (turn.phase.at !== "selected") return;
  const entry = turn.phase.view.entries[job.next]!;
  const skipped: SearchJob = { ...job, next: job.next + 1 };
  if (!outcome.ok) {
    // A message that is gone fits nothing.
    return continueSearch(turn, outcome.failure === "missing" ? skipped : { ...skipped, lost: "some" });
  }
  const whole = job.reading >= entry.size;
  if (!whole && !hasWholeHeader(outcome.value, entry.size)) return read(turn, job, entry, entry.size);
  const source: SearchSource = whole
    ? { read: "message", message: parseMessage(outcome.value) }
    : { read: "header", header: parseHeader(outcome.value) };
  const verdict = matchMessage(job, { sequence: job.next + 1, entry, source });
  if (verdict === "unknown") return read(turn, job, entry, entry.size);
  if (verdict === "yes") job.found.push(job.next);
  continueSearch(turn, { ...skipped, index: job.index && gatherText(job.index, job.next, entry, source) });
}

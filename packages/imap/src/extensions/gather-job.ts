import { type HeaderView, parseHeader } from "@scop/mime";
import { ask, perform, send } from "../answer.ts";
import type { Entry, Outcome } from "../backend.ts";
import type { CommandOf } from "../command.ts";
import { hasWholeHeader } from "../fetch-plan.ts";
import type { JobOf, SearchJob } from "../job.ts";
import { HEADER_READ_OCTETS, REFERENCES_MAX, SEARCH_MESSAGES_PER_TURN } from "../limits.ts";
import type { Turn } from "../session.ts";
import { finishSearch, numberOf, tellFound } from "./search-result.ts";
import { needsHeader, referencesOf, type Sortable, sentAt, sortPlaces, sortValue, subjectKey } from "./sort.ts";
import { type ThreadMessage, threadsOf } from "./thread.ts";

type GatherJob = JobOf<"gather">;
type GatherCommand = CommandOf<"SORT" | "THREAD">;

/** What is known of the messages so far, by the order in which they were found. Grows in place. */
export interface Gathered {
  readonly sortable: Sortable[];
  readonly threadable: ThreadMessage[];
  /** Identifiers by their text, so that each is held once. */
  readonly ids: Map<string, number>;
}

/** Reads of each message that was found what SORT or THREAD needs. RFC 5256 3 */
export function beginGather(turn: Turn, command: GatherCommand, { tag, found, lost }: SearchJob): undefined {
  const gathered = { sortable: [], threadable: [], ids: new Map() };
  continueGather(turn, { job: "gather", tag, command, found, lost, gathered, next: 0, reading: 0 });
}

/** Goes on with the next messages, until one has to be read, others should have a turn, or all are done. */
export function continueGather(turn: Turn, job: GatherJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { entries } = turn.phase.view;
  const { command, found } = job;
  const reads = command.command === "THREAD" || needsHeader(command.keys);
  if (reads && job.next < found.length) return read(turn, job, entries[found[job.next]!]!, HEADER_READ_OCTETS);
  const stop = Math.min(found.length, job.next + SEARCH_MESSAGES_PER_TURN);
  for (let next = job.next; next < stop; next += 1) keep(job, next, entries[found[next]!]!, undefined);
  if (stop === found.length) return end(turn, job);
  turn.job = { ...job, next: stop };
  perform(turn, { do: "turn" });
}

function read(turn: Turn, job: GatherJob, entry: Entry, most: number): undefined {
  if (turn.phase.at !== "selected") return;
  const reading = Math.min(most, entry.size);
  turn.job = { ...job, reading };
  ask(turn, { ask: "read", mailbox: turn.phase.view.mailbox, entry, start: 0, end: reading });
}

/** A header is here. A message that can't be read is sorted as one without a header, and the answer is a NO. */
export function onGatherRead(turn: Turn, job: GatherJob, outcome: Outcome<Uint8Array>): undefined {
  if (turn.phase.at !== "selected") return;
  const entry = turn.phase.view.entries[job.found[job.next]!]!;
  if (outcome.ok && job.reading < entry.size && !hasWholeHeader(outcome.value, entry.size)) {
    return read(turn, job, entry, entry.size);
  }
  keep(job, job.next, entry, outcome.ok ? parseHeader(outcome.value) : undefined);
  const isLost = !outcome.ok && outcome.failure !== "missing";
  const after: GatherJob = { ...job, next: job.next + 1, lost: isLost ? "some" : job.lost };
  if (after.next % SEARCH_MESSAGES_PER_TURN > 0) return continueGather(turn, after);
  turn.job = after;
  perform(turn, { do: "turn" });
}

function keep({ command, found, gathered }: GatherJob, index: number, entry: Entry, header: HeaderView | undefined) {
  const place = found[index]!;
  if (command.command === "SORT") {
    gathered.sortable.push({ place, values: command.keys.map(key => sortValue(key, entry, header)) });
    return;
  }
  const subject = header === undefined ? ({ text: "", kind: "first" } as const) : subjectKey(header);
  const { id, to } = header === undefined ? { id: undefined, to: [] } : referencesOf(header);
  gathered.threadable.push({
    place,
    sent: sentAt(entry, header),
    subject,
    id: id === undefined ? undefined : idNumber(gathered.ids, id),
    to: to.slice(-REFERENCES_MAX).map(reference => idNumber(gathered.ids, reference)),
  });
}

function idNumber(ids: Map<string, number>, id: string): number {
  const known = ids.get(id);
  if (known !== undefined) return known;
  ids.set(id, ids.size);
  return ids.size - 1;
}

function end(turn: Turn, job: GatherJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { command, gathered } = job;
  if (command.command === "SORT") tellFound(turn, command, job, sortPlaces(gathered.sortable, command.keys));
  else {
    const roots = threadsOf(gathered.threadable, command.algorithm);
    send(turn, { response: "thread", roots, numberOf: numberOf(turn.phase.view, command.byUid) });
  }
  finishSearch(turn, job);
}

import { parseHeader, parseMessage } from "@scop/mime";
import { ask, finish, perform, send, status } from "./answer.ts";
import type { Entry, Outcome } from "./backend.ts";
import type { CommandOf } from "./command.ts";
import { enableCondstore } from "./extensions/enable.ts";
import { hasWholeHeader } from "./fetch-plan.ts";
import type { SearchJob } from "./job.ts";
import { HEADER_READ_OCTETS, SEARCH_MESSAGES_PER_TURN } from "./limits.ts";
import { matchMessage, type SearchSource } from "./search-match.ts";
import { resolveSet } from "./sequence-set.ts";
import type { Turn } from "./session.ts";
import { indexOfUid } from "./view.ts";

type SearchCommand = CommandOf<"SEARCH">;

/** RFC 3501 6.4.4 */
export function beginSearch(turn: Turn, tag: string, command: SearchCommand): undefined {
  if (turn.phase.at !== "selected") return;
  const { entries } = turn.phase.view;
  const lastUid = entries[entries.length - 1]?.uid ?? 0;
  const sets = command.program.map(step => {
    if (!("test" in step)) return undefined;
    if (step.test === "sequence") return resolveSet(step.set, entries.length);
    return step.test === "uid" ? resolveSet(step.set, lastUid) : undefined;
  });
  if (searchesModseq(command)) enableCondstore(turn);
  continueSearch(turn, { job: "search", tag, command, sets, next: 0, found: [], lost: "none", reading: 0 });
}

/** Looks at the next messages, until one has to be read, others should have a turn, or all are done. */
export function continueSearch(turn: Turn, job: SearchJob): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  const { found } = job;
  const stop = Math.min(view.entries.length, job.next + SEARCH_MESSAGES_PER_TURN);
  for (let next = job.next; next < stop; next += 1) {
    const entry = view.entries[next]!;
    if (view.gone.has(entry.uid)) continue;
    const verdict = matchMessage(job.command.program, job.sets, {
      sequence: next + 1,
      entry,
      source: { read: "nothing" },
    });
    if (verdict === "unknown") return read(turn, { ...job, next }, entry, HEADER_READ_OCTETS);
    if (verdict === "yes") found.push(job.command.byUid ? entry.uid : next + 1);
  }
  if (stop < view.entries.length) {
    turn.job = { ...job, next: stop };
    return perform(turn, { do: "turn" });
  }
  send(turn, { response: "search", numbers: found, modseq: highestFound(turn, job) });
  const done =
    job.lost === "none"
      ? status(job.tag, "OK", "SEARCH completed")
      : status(job.tag, "NO", "Some of the messages could not be read", { code: "UNAVAILABLE" });
  finish(turn, done, job.command.byUid ? "now" : "later");
}

/** RFC 7162 3.1.5: told where mod-sequences were searched and something was found. */
function highestFound(turn: Turn, { command, found }: SearchJob): number | undefined {
  if (turn.phase.at !== "selected" || found.length === 0 || !searchesModseq(command)) return undefined;
  const { entries } = turn.phase.view;
  let highest = 0;
  for (const number of found) {
    const index = command.byUid ? indexOfUid(entries, number) : number - 1;
    highest = Math.max(highest, entries[index]!.modseq);
  }
  return highest;
}

function searchesModseq({ program }: SearchCommand): boolean {
  return program.some(step => "test" in step && step.test === "modseq");
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
  const after: SearchJob = { ...job, next: job.next + 1 };
  if (!outcome.ok) {
    // A message that is gone fits nothing.
    return continueSearch(turn, outcome.failure === "missing" ? after : { ...after, lost: "some" });
  }
  const whole = job.reading >= entry.size;
  if (!whole && !hasWholeHeader(outcome.value, entry.size)) return read(turn, job, entry, entry.size);
  const source: SearchSource = whole
    ? { read: "message", message: parseMessage(outcome.value) }
    : { read: "header", header: parseHeader(outcome.value) };
  const verdict = matchMessage(job.command.program, job.sets, { sequence: job.next + 1, entry, source });
  if (verdict === "unknown") return read(turn, job, entry, entry.size);
  if (verdict === "yes") job.found.push(job.command.byUid ? entry.uid : job.next + 1);
  continueSearch(turn, after);
}

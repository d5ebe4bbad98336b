import { ask } from "../answer.ts";
import type { JobOf } from "../job.ts";
import { NUMBER_MAX } from "../limits.ts";
import { type MessageSet, resolveSet, type SequenceSet, setOf } from "../sequence-set.ts";
import type { Turn } from "../session.ts";
import type { View } from "../view.ts";
import type { ChangedSince } from "./condstore-parameters.ts";

/** Asks for what went since a mod-sequence; what is done then is `job.next`. RFC 7162 3.2.5, 3.2.6 */
export function askVanished(turn: Turn, job: Omit<JobOf<"vanished">, "job">): undefined {
  if (turn.phase.at !== "selected") return;
  turn.job = { job: "vanished", ...job };
  ask(turn, { ask: "vanished", mailbox: turn.phase.view.mailbox, since: job.since });
}

/** All UIDs that a set may mean: those after the last message, which `*` is not, among them. */
export function everyUidIn(set: MessageSet, view: View): SequenceSet {
  return set === "saved" ? setOf(view.saved) : resolveSet(set, NUMBER_MAX);
}

/** Whether VANISHED may be asked for here. RFC 7162 3.2.6 */
export function mayAskVanished(turn: Turn, changed: ChangedSince | undefined): boolean {
  return changed?.vanished !== "asked" || turn.enabled.has("QRESYNC");
}

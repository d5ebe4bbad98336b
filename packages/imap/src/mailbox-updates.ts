import { announceGone, announceUpdate, answer, ask, bye } from "./answer.ts";
import type { Changes, Outcome } from "./backend.ts";
import type { JobOf } from "./job.ts";
import type { Turn } from "./session.ts";
import { applyChanges } from "./view.ts";

type IdleJob = JobOf<"idle">;
type SyncJob = JobOf<"sync">;

/** While idling: asks what changed, one question at a time. */
export function askIdle(turn: Turn, job: IdleJob): undefined {
  if (job.asked === "yes" || turn.phase.at !== "selected") return;
  turn.dirty = false;
  turn.job = { ...job, asked: "yes" };
  ask(turn, { ask: "changes", mailbox: turn.phase.view.mailbox, since: turn.phase.view.modseq });
}

/** What changed, in IDLE or before the answer of a command. */
export function onChanges(turn: Turn, job: IdleJob | SyncJob, outcome: Outcome<Changes>): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  if (!outcome.ok && outcome.failure === "missing") return bye(turn, "The selected mailbox was deleted");
  const expunges = job.job === "idle" ? "now" : job.expunges;
  if (outcome.ok) announceUpdate(turn, applyChanges(view, outcome.value), expunges);
  else {
    // It is asked again before the next answer.
    turn.dirty = true;
    if (expunges === "now") announceGone(turn, view);
  }
  if (job.job === "sync") return answer(turn, job.done);
  turn.job = { ...job, asked: "no" };
  if (outcome.ok && turn.dirty) askIdle(turn, { ...job, asked: "no" });
}

import { finish, refusal, sendVanished, status } from "../answer.ts";
import type { Outcome } from "../backend.ts";
import { continueFetch, fetchUids } from "../fetch-job.ts";
import { planFetch } from "../fetch-plan.ts";
import type { JobOf } from "../job.ts";
import { NUMBER_MAX } from "../limits.ts";
import { resolvedHas, type SequenceSet } from "../sequence-set.ts";
import type { Turn } from "../session.ts";
import { indexOfUid, type View } from "../view.ts";
import { askVanished, everyUidIn } from "./vanished.ts";

const ALL: SequenceSet = [{ low: 1, high: NUMBER_MAX }];

/** Tells what went, then does the rest of the command: the FETCH, or the changes that SELECT tells. */
export function onVanished(turn: Turn, job: JobOf<"vanished">, outcome: Outcome<readonly number[]>): undefined {
  if (turn.phase.at !== "selected") return;
  if (!outcome.ok) return finish(turn, refusal(job.next.tag, outcome.failure));
  const { entries } = turn.phase.view;
  // One that the view still has is told at the end of the command, as gone now.
  const isTold = (uid: number): boolean => resolvedHas(job.among, uid) && indexOfUid(entries, uid) < 0;
  sendVanished(turn, "earlier", outcome.value.filter(isTold));
  continueFetch(turn, job.next);
}

/** Tells a client that comes back what went and what changed, before SELECT is answered. RFC 7162 3.2.5.1 */
export function resynchronise(
  turn: Turn,
  tag: string,
  view: View,
  known: { readonly modseq: number; readonly uids: SequenceSet | undefined },
): undefined {
  const among = everyUidIn(known.uids ?? ALL, view);
  const uids: number[] = [];
  for (const { uid, modseq } of view.entries) if (modseq > known.modseq && resolvedHas(among, uid)) uids.push(uid);
  const plan = planFetch([{ item: "UID" }, { item: "FLAGS" }, { item: "MODSEQ" }], true);
  const code = { code: view.readOnly ? "READ-ONLY" : "READ-WRITE" } as const;
  const done = status(tag, "OK", `${view.readOnly ? "EXAMINE" : "SELECT"} completed`, code);
  askVanished(turn, { since: known.modseq, among, next: fetchUids(plan, uids, tag, done, "now") });
}

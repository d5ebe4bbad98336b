import { announceUpdate, ask, fault, finish, refusal, refusalOfTarget, send, status } from "./answer.ts";
import type { Copied, Outcome, Stored } from "./backend.ts";
import type { CommandOf } from "./command.ts";
import { enableCondstore } from "./extensions/enable.ts";
import type { JobOf } from "./job.ts";
import type { StatusResponse } from "./response.ts";
import type { MessageSet } from "./sequence-set.ts";
import type { Turn } from "./session.ts";
import { applyFlags, markGone, selectIndexes, type View } from "./view.ts";

type StoreCommand = CommandOf<"STORE">;
type CopyCommand = CommandOf<"COPY" | "MOVE">;

/** The UIDs in a set; where a sequence number does not exist the command is answered with BAD and undefined is given. */
export function uidsOf(turn: Turn, tag: string, set: MessageSet, byUid: boolean): readonly number[] | undefined {
  if (turn.phase.at !== "selected") return undefined;
  const { view } = turn.phase;
  const indexes = selectIndexes(view, set, byUid);
  if (indexes !== undefined) return indexes.map(index => view.entries[index]!.uid);
  fault(turn, tag, { code: "no-such-message", offset: 0, length: 0, rule: "RFC 3501 6.4" });
  return undefined;
}

/** Refuses what would change a mailbox that was opened by EXAMINE. */
function writableView(turn: Turn, tag: string): View | undefined {
  if (turn.phase.at !== "selected") return undefined;
  if (!turn.phase.view.readOnly) return turn.phase.view;
  finish(turn, status(tag, "NO", "The mailbox was opened to be read only", { code: "READ-ONLY" }), "later");
  return undefined;
}

/** RFC 3501 6.4.6 */
export function storeFlags(turn: Turn, tag: string, command: StoreCommand): undefined {
  const view = writableView(turn, tag);
  if (view === undefined) return;
  const uids = uidsOf(turn, tag, command.set, command.byUid);
  if (uids === undefined) return;
  if (uids.length === 0) return finish(turn, status(tag, "OK", "Nothing to do"));
  if (command.unchangedSince !== undefined) enableCondstore(turn);
  turn.job = { job: "store", tag, command };
  ask(turn, { ask: "store", mailbox: view.mailbox, uids, ...command });
}

/**
 * Tells the new flags of every message that was meant, changed or not, unless the client said `.SILENT`; also then where it has to learn
 * new mod-sequences (RFC 7162 3.1.3).
 */
export function onStored(turn: Turn, job: JobOf<"store">, outcome: Outcome<Stored>): undefined {
  if (turn.phase.at !== "selected") return;
  const { tag, command } = job;
  const expunges = command.byUid ? "now" : "later";
  if (!outcome.ok) return finish(turn, refusal(tag, outcome.failure), expunges);
  const newer = new Set(outcome.value.newer);
  const update = applyFlags(turn.phase.view, outcome.value.changed);
  const { entries, gone } = update.view;
  const meant = selectIndexes(update.view, command.set, command.byUid) ?? [];
  const told = meant.filter(index => !newer.has(entries[index]!.uid));
  const marks = command.silent ? update.marks : told;
  const known = command.silent ? "flags" : "none";
  announceUpdate(turn, { ...update, flags: command.silent ? [] : told, marks }, "later", known);
  const someGone = meant.some(index => gone.has(entries[index]!.uid));
  // What others did to the messages that were left alone.
  if (newer.size > 0) turn.dirty = true;
  const left = meant.filter(index => newer.has(entries[index]!.uid));
  finish(
    turn,
    storeDone(
      tag,
      someGone,
      left.map(index => (command.byUid ? entries[index]!.uid : index + 1)),
    ),
    expunges,
  );
}

/** RFC 2180 4.2, RFC 7162 3.1.3 */
function storeDone(tag: string, someGone: boolean, left: readonly number[]): StatusResponse {
  if (left.length > 0) {
    const code = { code: "MODIFIED", numbers: left } as const;
    return status(tag, someGone ? "NO" : "OK", "Some of the messages were changed by others", code);
  }
  if (someGone) return status(tag, "NO", "Some of the messages are gone", { code: "EXPUNGEISSUED" });
  return status(tag, "OK", "STORE completed");
}

/** RFC 3501 6.4.7, RFC 6851 3.1 */
export function copyMessages(turn: Turn, tag: string, command: CopyCommand): undefined {
  const moves = command.command === "MOVE";
  const view = moves ? writableView(turn, tag) : turn.phase.at === "selected" ? turn.phase.view : undefined;
  if (view === undefined) return;
  const uids = uidsOf(turn, tag, command.set, command.byUid);
  if (uids === undefined) return;
  if (uids.length === 0) return finish(turn, status(tag, "OK", "Nothing to do"));
  turn.job = { job: moves ? "move" : "copy", tag };
  ask(turn, { ask: moves ? "move" : "copy", mailbox: view.mailbox, uids, to: command.mailbox });
}

/** Tells where the copies are. RFC 4315 3; RFC 6851 4.3: with MOVE before the EXPUNGE responses. */
export function onCopied(turn: Turn, job: JobOf<"copy" | "move">, outcome: Outcome<Copied>): undefined {
  if (turn.phase.at !== "selected") return;
  // The target may be the mailbox that is selected.
  turn.dirty = true;
  if (!outcome.ok) return finish(turn, refusalOfTarget(job.tag, outcome.failure));
  const { uidValidity, pairs } = outcome.value;
  const from = pairs.map(pair => pair.from);
  const to = pairs.map(pair => pair.to);
  const code = pairs.length === 0 ? undefined : ({ code: "COPYUID", uidValidity, from, to } as const);
  if (job.job === "copy") return finish(turn, status(job.tag, "OK", "COPY completed", code));
  if (code !== undefined) send(turn, status("*", "OK", "Moved", code));
  turn.phase = { at: "selected", view: markGone(turn.phase.view, from) };
  finish(turn, status(job.tag, "OK", "MOVE completed"));
}

/** RFC 3501 6.4.3, RFC 4315 2.1 */
export function expungeMessages(turn: Turn, tag: string, set: MessageSet | undefined): undefined {
  const view = writableView(turn, tag);
  if (view === undefined) return;
  const uids = set === undefined ? undefined : uidsOf(turn, tag, set, true);
  if (set !== undefined && uids === undefined) return;
  turn.job = { job: "expunge", tag };
  ask(turn, { ask: "expunge", mailbox: view.mailbox, uids });
}

/** Tells which went, those that others expunged meanwhile among them. */
export function onExpunged(turn: Turn, job: JobOf<"expunge">, outcome: Outcome<readonly number[]>): undefined {
  if (turn.phase.at !== "selected") return;
  turn.dirty = true;
  if (!outcome.ok) return finish(turn, refusal(job.tag, outcome.failure));
  turn.phase = { at: "selected", view: markGone(turn.phase.view, outcome.value) };
  // RFC 7162 3.2.7
  const tellsModseq = turn.enabled.has("CONDSTORE") && outcome.value.length > 0;
  const code = tellsModseq ? ({ code: "HIGHESTMODSEQ", number: turn.phase.view.modseq } as const) : undefined;
  finish(turn, status(job.tag, "OK", "EXPUNGE completed", code));
}

import { finish, send, status } from "../answer.ts";
import type { CommandOf } from "../command.ts";
import type { SearchJob } from "../job.ts";
import type { SearchProgram } from "../search-key.ts";
import type { Turn } from "../session.ts";
import type { View } from "../view.ts";
import { searchReturns } from "./imap4rev2.ts";
import type { ReturnOption } from "./search-return.ts";

/** A search whose messages are found. */
type FoundJob = Pick<SearchJob, "tag" | "command" | "lost">;

/** What stands for the message at a place: its UID, or its number. */
export function numberOf({ entries }: View, byUid: boolean): (place: number) => number {
  return byUid ? place => entries[place]!.uid : place => place + 1;
}

/** Tells, and saves, what SEARCH or SORT found, in this order. RFC 4731 3.1, RFC 5182 2.1, RFC 5267 3.1 */
export function tellFound(
  turn: Turn,
  command: CommandOf<"SEARCH" | "SORT">,
  job: FoundJob,
  places: readonly number[],
): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  const { byUid } = command;
  const returns = command.command === "SEARCH" ? searchReturns(turn, command.returns) : command.returns;
  const number = numberOf(view, byUid);
  const first = places[0];
  const last = places[places.length - 1];
  const isShort = returns !== undefined && !returns.includes("ALL") && !returns.includes("COUNT");
  const chosen = isShort && (returns.includes("MIN") || returns.includes("MAX")) ? ends(returns, places) : places;
  const modseq = searchesModseq(command.program) ? highest(view, chosen) : undefined;
  if (returns === undefined) {
    const response = command.command === "SORT" ? "sort" : "search";
    send(turn, { response, numbers: places.map(number), modseq });
  } else if (returns.some(option => option !== "SAVE")) {
    const min = returns.includes("MIN") && first !== undefined ? number(first) : undefined;
    const max = returns.includes("MAX") && last !== undefined ? number(last) : undefined;
    const all = returns.includes("ALL") ? places.map(number) : undefined;
    const count = returns.includes("COUNT") ? places.length : undefined;
    send(turn, { response: "esearch", tag: job.tag, byUid, min, max, all, count, modseq });
  }
  if (returns?.includes("SAVE") === true) save(turn, view, job.lost === "none" ? chosen : []);
}

/** RFC 5182 2.1: where only the ends are told, they are what is saved, and what the mod-sequence is of (RFC 7162 3.1.10). */
function ends(returns: readonly ReturnOption[], places: readonly number[]): readonly number[] {
  const first = returns.includes("MIN") ? places.slice(0, 1) : [];
  return returns.includes("MAX") && (first.length === 0 || places.length > 1) ? [...first, ...places.slice(-1)] : first;
}

function save(turn: Turn, view: View, places: readonly number[]): undefined {
  const saved = places.map(place => view.entries[place]!.uid).sort((one, other) => one - other);
  turn.phase = { at: "selected", view: { ...view, saved } };
}

/** RFC 7162 3.1.5: told where mod-sequences were searched and something was found. */
function highest({ entries }: View, places: readonly number[]): number | undefined {
  let found: number | undefined;
  for (const place of places) found = Math.max(found ?? 0, entries[place]!.modseq);
  return found;
}

/** Whether a client that searches like this wants mod-sequences. RFC 7162 3.1 */
export function searchesModseq(program: SearchProgram): boolean {
  return program.some(step => "test" in step && step.test === "modseq");
}

/** Ends the command. */
export function finishSearch(turn: Turn, { tag, command, lost }: FoundJob): undefined {
  const done =
    lost === "none"
      ? status(tag, "OK", `${command.command} completed`)
      : status(tag, "NO", "Some of the messages could not be read", { code: "UNAVAILABLE" });
  finish(turn, done, command.byUid ? "now" : "later");
}

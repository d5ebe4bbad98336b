import { ask, finish, refusal, send, status } from "./answer.ts";
import { upperInbox } from "./arguments.ts";
import type { Mailbox, Outcome } from "./backend.ts";
import type { CommandOf } from "./command.ts";
import { enableCondstore } from "./extensions/enable.ts";
import { statusFigure } from "./extensions/status-items.ts";
import type { JobOf } from "./job.ts";
import { DELIMITER, matchesPattern, parentsOf } from "./mailbox-name.ts";
import type { Turn } from "./session.ts";

type ListCommand = CommandOf<"LIST">;

/** A name that may be told: a mailbox, or a subscribed name that none has. */
interface Candidate {
  readonly name: string;
  readonly mailbox: Mailbox | undefined;
  readonly subscribed: boolean;
}

/** RFC 3501 6.3.8 and 6.3.9, RFC 5258 */
export function listMailboxes(turn: Turn, tag: string, command: CommandOf<"LIST" | "LSUB">): undefined {
  // RFC 3501 6.3.8: an empty pattern asks for the delimiter.
  if (command.command === "LIST" && command.patterns.length === 1 && command.patterns[0] === "") {
    send(turn, { response: "list", attributes: ["\\Noselect"], delimiter: DELIMITER, mailbox: "", childInfo: [] });
    return finish(turn, status(tag, "OK", "LIST completed"));
  }
  turn.job = { job: "list", tag, command };
  ask(turn, { ask: "mailboxes" });
}

/** All mailboxes; subscribed names without one are asked for where they count. */
export function onMailboxes(turn: Turn, job: JobOf<"list">, outcome: Outcome<readonly Mailbox[]>): undefined {
  const { tag, command } = job;
  if (!outcome.ok) return finish(turn, refusal(tag, outcome.failure));
  if (command.command === "LIST" && !command.select.includes("SUBSCRIBED")) {
    return tellList(turn, tag, command, candidates(outcome.value, []));
  }
  turn.job = { job: "list-lost", tag, command, mailboxes: outcome.value };
  ask(turn, { ask: "subscriptions" });
}

/** Subscribed names that no mailbox has. */
export function onLostSubscriptions(
  turn: Turn,
  job: JobOf<"list-lost">,
  outcome: Outcome<readonly string[]>,
): undefined {
  const { tag, command, mailboxes } = job;
  if (!outcome.ok) return finish(turn, refusal(tag, outcome.failure));
  const all = candidates(mailboxes, outcome.value);
  if (command.command === "LIST") return tellList(turn, tag, command, all);
  return tellSubscribed(turn, tag, upperInbox(command.reference + command.pattern), all);
}

function candidates(mailboxes: readonly Mailbox[], lost: readonly string[]): readonly Candidate[] {
  const known = mailboxes.map(mailbox => ({ name: mailbox.name, mailbox, subscribed: mailbox.subscribed }));
  return [...known, ...lost.map(name => ({ name, mailbox: undefined, subscribed: true }))];
}

function namesAbove(all: readonly Candidate[]): ReadonlySet<string> {
  return new Set(all.flatMap(({ name }) => parentsOf(name)));
}

function isSelected({ subscribed, mailbox }: Candidate, command: ListCommand): boolean {
  if (command.select.includes("SUBSCRIBED") && !subscribed) return false;
  return !command.select.includes("SPECIAL-USE") || mailbox?.specialUse !== undefined;
}

function tellList(turn: Turn, tag: string, command: ListCommand, all: readonly Candidate[]): undefined {
  if (command.status?.includes("HIGHESTMODSEQ") === true) enableCondstore(turn);
  const patterns = command.patterns.map(pattern => upperInbox(command.reference + pattern));
  const matches = (name: string): boolean => patterns.some(pattern => matchesPattern(pattern, name));
  const parents = namesAbove(all.filter(({ mailbox }) => mailbox !== undefined));
  const selected = all.filter(candidate => isSelected(candidate, command));
  const isRecursive = command.select.includes("RECURSIVEMATCH");
  const aboveSelected: ReadonlySet<string> = isRecursive ? namesAbove(selected) : new Set();
  const told = new Set<string>();
  for (const candidate of selected) {
    if (!matches(candidate.name)) continue;
    told.add(candidate.name);
    tell(turn, command, candidate, parents, aboveSelected);
  }
  if (isRecursive) {
    // RFC 5258 3.1: of what was not selected, only levels above something that is not told itself.
    const wanted = namesAbove(selected.filter(({ name }) => !told.has(name)));
    const known = new Map(all.map(candidate => [candidate.name, candidate]));
    for (const name of wanted) {
      if (told.has(name) || !matches(name)) continue;
      const candidate = known.get(name) ?? { name, mailbox: undefined, subscribed: false };
      tell(turn, command, candidate, parents, aboveSelected);
    }
  }
  finish(turn, status(tag, "OK", "LIST completed"));
}

/** RFC 5258 3.4, 3.5, 4; RFC 5819 2: STATUS of what can be selected. */
function tell(
  turn: Turn,
  command: ListCommand,
  candidate: Candidate,
  parents: ReadonlySet<string>,
  aboveSelected: ReadonlySet<string>,
): undefined {
  const { name, mailbox, subscribed } = candidate;
  const attributes = [parents.has(name) ? "\\HasChildren" : "\\HasNoChildren"];
  if (mailbox === undefined) attributes.push("\\NonExistent");
  else if (mailbox.specialUse !== undefined) attributes.push(mailbox.specialUse);
  const asked = command.select.includes("SUBSCRIBED") || command.returns.includes("SUBSCRIBED");
  if (subscribed && asked) attributes.push("\\Subscribed");
  const meant = command.select.filter(option => option === "SUBSCRIBED" || option === "SPECIAL-USE");
  const childInfo = aboveSelected.has(name) ? meant : [];
  send(turn, { response: "list", attributes, delimiter: DELIMITER, mailbox: name, childInfo });
  if (command.status === undefined || mailbox === undefined) return;
  const appendLimit = turn.settings.limits.messageOctetsMax;
  const items = command.status.map(item => statusFigure(item, mailbox, appendLimit));
  send(turn, { response: "mailbox-status", mailbox: name, items });
}

/** RFC 3501 6.3.9: with `%`, levels above a subscribed mailbox are told although they are not subscribed. */
function tellSubscribed(turn: Turn, tag: string, pattern: string, all: readonly Candidate[]): undefined {
  const subscribed = all.filter(candidate => candidate.subscribed);
  const parents = namesAbove(all);
  const told = new Set<string>();
  for (const { name, mailbox } of subscribed) {
    if (!matchesPattern(pattern, name)) continue;
    told.add(name);
    const attributes = [parents.has(name) ? "\\HasChildren" : "\\HasNoChildren"];
    if (mailbox?.specialUse !== undefined) attributes.push(mailbox.specialUse);
    send(turn, { response: "lsub", attributes, delimiter: DELIMITER, mailbox: name });
  }
  const above = pattern.endsWith("%") ? namesAbove(subscribed.filter(({ name }) => !told.has(name))) : [];
  for (const parent of above) {
    if (told.has(parent) || !matchesPattern(pattern, parent)) continue;
    send(turn, { response: "lsub", attributes: ["\\Noselect"], delimiter: DELIMITER, mailbox: parent });
  }
  finish(turn, status(tag, "OK", "LSUB completed"));
}

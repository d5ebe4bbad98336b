import { announceUpdate, ask, bye, finish, perform, refusal, send, status } from "../answer.ts";
import type { Changes, Mailbox, Outcome } from "../backend.ts";
import type { CommandOf, StatusItem } from "../command.ts";
import { continueFetch, fetchUids } from "../fetch-job.ts";
import { planFetch } from "../fetch-plan.ts";
import type { JobOf } from "../job.ts";
import { NOTIFY_RESPONSES_MAX } from "../limits.ts";
import { DELIMITER } from "../mailbox-name.ts";
import type { Turn } from "../session.ts";
import { applyChanges } from "../view.ts";
import { groupOf, isAboutSelected, NOTIFY_EVENTS, type NotifyGroup } from "./notify-groups.ts";
import { statusFigure } from "./status-items.ts";

/** What a session tells without being asked. RFC 5465 */
export interface NotifyState {
  readonly selected: NotifyGroup | undefined;
  readonly others: readonly NotifyGroup[];
  /** Mailboxes as they were told last, by `Mailbox.key`. */
  readonly known: ReadonlyMap<number, Mailbox>;
  /** Something in the account changed since. */
  readonly stale: "yes" | "no";
}

/** NOTIFY SET and NOTIFY NONE. RFC 5465 3 */
export function notify(turn: Turn, tag: string, command: CommandOf<"NOTIFY">): undefined {
  if (command.unknown === "yes") {
    const code = { code: "BADEVENT", events: NOTIFY_EVENTS } as const;
    return finish(turn, status(tag, "NO", "There are events that nobody tells here", code));
  }
  if (command.groups.length === 0) {
    turn.notify = undefined;
    perform(turn, { do: "watch-all", watch: "no" });
    return finish(turn, status(tag, "OK", "NOTIFY completed"));
  }
  // It is watched before it is read, so that nothing falls between.
  perform(turn, { do: "watch-all", watch: "yes" });
  turn.job = { job: "notify-set", tag, command };
  ask(turn, { ask: "mailboxes" });
}

/** All mailboxes: from here on differences are told. */
export function onNotifySet(turn: Turn, job: JobOf<"notify-set">, outcome: Outcome<readonly Mailbox[]>): undefined {
  const { tag, command } = job;
  if (!outcome.ok) return finish(turn, refusal(tag, outcome.failure));
  const others = command.groups.filter(group => !isAboutSelected(group));
  const selected = command.groups.find(isAboutSelected);
  const known = new Map(outcome.value.map(mailbox => [mailbox.key, mailbox]));
  turn.notify = { selected, others, known, stale: "no" };
  if (command.status === "asked") {
    for (const mailbox of outcome.value) {
      if (isSelected(turn, mailbox) || !tellsMessages(groupOf(others, mailbox))) continue;
      tellFigures(turn, mailbox);
    }
  }
  finish(turn, status(tag, "OK", "NOTIFY completed"));
}

function tellsMessages(group: NotifyGroup | undefined): boolean {
  return group?.events.has("MessageNew") === true;
}

function isSelected(turn: Turn, mailbox: Mailbox): boolean {
  return turn.phase.at === "selected" && turn.phase.view.mailbox === mailbox.key;
}

/** RFC 5465 5.2, 5.3: STATUS of a mailbox that is not selected. */
function tellFigures(turn: Turn, mailbox: Mailbox): undefined {
  const items: StatusItem[] = ["MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN"];
  if (turn.enabled.has("CONDSTORE")) items.push("HIGHESTMODSEQ");
  const figures = items.map(item => statusFigure(item, mailbox, turn.settings.limits.messageOctetsMax));
  send(turn, { response: "mailbox-status", mailbox: mailbox.name, items: figures });
}

/** Whether what happens in the selected mailbox is told without a command. */
export function pushesSelected(turn: Turn): boolean {
  return tellsMessages(turn.notify?.selected);
}

/** While nothing else is done: asks what is to be told, one question at a time. */
export function pushNotices(turn: Turn): undefined {
  const { job } = turn;
  const isFree = job.job === "none" || (job.job === "idle" && job.asked === "no");
  if (turn.notify === undefined || !isFree) return;
  if (turn.notify.stale === "yes") {
    turn.notify = { ...turn.notify, stale: "no" };
    turn.job = { job: "notify", resume: job };
    return ask(turn, { ask: "mailboxes" });
  }
  if (!turn.dirty || turn.phase.at !== "selected" || !pushesSelected(turn)) return;
  turn.dirty = false;
  turn.job = { job: "notify", resume: job };
  ask(turn, { ask: "changes", mailbox: turn.phase.view.mailbox, since: turn.phase.view.modseq });
}

/** What is different in the account. A client that would have to read too much is told to look for itself. RFC 5465 5.8 */
export function onNotifyMailboxes(turn: Turn, job: JobOf<"notify">, outcome: Outcome<readonly Mailbox[]>): undefined {
  turn.job = job.resume;
  if (turn.notify === undefined) return;
  if (!outcome.ok) return overflow(turn);
  const before = turn.notify.known;
  const now = new Map(outcome.value.map(mailbox => [mailbox.key, mailbox]));
  const gone = [...before.values()].filter(({ key }) => !now.has(key));
  const changed = outcome.value.filter(mailbox => !isSame(before.get(mailbox.key), mailbox));
  if (gone.length + changed.length > NOTIFY_RESPONSES_MAX) return overflow(turn);
  turn.notify = { ...turn.notify, known: now };
  for (const mailbox of gone) tellGone(turn, mailbox);
  for (const mailbox of changed) tellChanged(turn, before.get(mailbox.key), mailbox);
}

function isSame(before: Mailbox | undefined, mailbox: Mailbox): boolean {
  return (
    before !== undefined &&
    before.name === mailbox.name &&
    before.subscribed === mailbox.subscribed &&
    before.highestModseq === mailbox.highestModseq
  );
}

function overflow(turn: Turn): undefined {
  turn.notify = undefined;
  perform(turn, { do: "watch-all", watch: "no" });
  send(turn, status("*", "OK", "Too much changed; nothing more is told", { code: "NOTIFICATIONOVERFLOW" }));
}

/** RFC 5465 5.4: a mailbox that was deleted. */
function tellGone(turn: Turn, mailbox: Mailbox): undefined {
  if (groupOf(turn.notify?.others ?? [], mailbox)?.events.has("MailboxName") !== true) return;
  const attributes = ["\\NonExistent"];
  send(turn, { response: "list", attributes, delimiter: DELIMITER, mailbox: mailbox.name, childInfo: [] });
}

function tellChanged(turn: Turn, before: Mailbox | undefined, mailbox: Mailbox): undefined {
  const group = groupOf(turn.notify?.others ?? [], mailbox);
  if (group === undefined) return;
  const { events } = group;
  const isRenamed = before !== undefined && before.name !== mailbox.name;
  const isListed =
    ((before === undefined || isRenamed) && events.has("MailboxName")) ||
    (before !== undefined && before.subscribed !== mailbox.subscribed && events.has("SubscriptionChange"));
  if (isListed) {
    const attributes = [...(mailbox.specialUse === undefined ? [] : [mailbox.specialUse])];
    if (mailbox.subscribed) attributes.push("\\Subscribed");
    const oldName = isRenamed ? { oldName: before.name } : {};
    const response = { response: "list", delimiter: DELIMITER, mailbox: mailbox.name, childInfo: [] } as const;
    send(turn, { ...response, attributes, ...oldName });
  }
  if (isSelected(turn, mailbox) || before?.highestModseq === mailbox.highestModseq) return;
  if (before === undefined && mailbox.messages === 0) return;
  const isOfMessages = before?.messages !== mailbox.messages || before.uidNext !== mailbox.uidNext;
  if (events.has(isOfMessages ? "MessageNew" : "FlagChange")) tellFigures(turn, mailbox);
}

/** What changed in the selected mailbox, with what the client wants to know of new messages. RFC 5465 5.2, 6.1 */
export function onNotifyChanges(turn: Turn, job: JobOf<"notify">, outcome: Outcome<Changes>): undefined {
  turn.job = job.resume;
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  if (!outcome.ok && outcome.failure === "missing") return bye(turn, "The selected mailbox was deleted");
  if (!outcome.ok) {
    turn.dirty = true;
    return;
  }
  const group = turn.notify?.selected;
  const last = view.entries[view.entries.length - 1]?.uid ?? 0;
  // RFC 5465 6.2: who wants it delayed is told when a command allows it, as IDLE does.
  const isNow = group?.filter.of === "selected" || job.resume.job === "idle";
  announceUpdate(turn, applyChanges(view, outcome.value), isNow ? "now" : "later");
  if (group === undefined || group.items.length === 0) return;
  const uids = turn.phase.view.entries.filter(({ uid }) => uid > last).map(({ uid }) => uid);
  // A message that is told is not seen: nothing asks for flags to be set here.
  if (uids.length > 0)
    continueFetch(turn, fetchUids(planFetch(group.items, true), uids, "*", { resume: job.resume }, "later"));
}

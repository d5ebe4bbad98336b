import { answer, ask, fault, finish, perform, refusal, send, sendPermanentFlags, status } from "./answer.ts";
import type { Entry, Mailbox, Outcome } from "./backend.ts";
import type { CommandOf } from "./command.ts";
import { enableCondstore } from "./extensions/enable.ts";
import { sendRecent, sendSelectedName, tellsUnseen } from "./extensions/imap4rev2.ts";
import { mailboxId } from "./extensions/objectid.ts";
import { resynchronise } from "./extensions/qresync.ts";
import { statusFigure } from "./extensions/status-items.ts";
import type { JobOf, MailboxChange } from "./job.ts";
import { DELIMITER, newMailboxName } from "./mailbox-name.ts";
import type { Turn } from "./session.ts";
import { openView, viewFlags } from "./view.ts";

type StatusCommand = CommandOf<"STATUS">;

/** Leaves the selected mailbox, if there is one. */
export function unselect(turn: Turn): undefined {
  if (turn.phase.at !== "selected") return;
  perform(turn, { do: "watch", mailbox: undefined });
  turn.phase = { at: "authenticated" };
  turn.dirty = false;
}

/** RFC 3501 6.3.1: the mailbox that was selected is left, whatever comes of it. */
export function selectMailbox(turn: Turn, tag: string, command: CommandOf<"SELECT" | "EXAMINE">): undefined {
  const { condstore, known } = command.parameters;
  if (known !== undefined && !turn.enabled.has("QRESYNC")) {
    return fault(turn, tag, { code: "qresync-not-enabled", offset: 0, length: 0, rule: "RFC 7162 3.2.5" });
  }
  // RFC 7162 3.2.11
  if (turn.phase.at === "selected") send(turn, status("*", "OK", "The mailbox was left", { code: "CLOSED" }));
  unselect(turn);
  if (condstore === "asked") enableCondstore(turn);
  turn.job = { job: "select", tag, readOnly: command.command === "EXAMINE", known };
  ask(turn, { ask: "mailbox", name: command.mailbox });
}

/** The mailbox is there: it is watched before it is read, so that nothing falls between. */
export function onSelectMailbox(turn: Turn, job: JobOf<"select">, outcome: Outcome<Mailbox>): undefined {
  if (!outcome.ok) return answer(turn, refusal(job.tag, outcome.failure));
  const mailbox = outcome.value;
  turn.job = { ...job, job: "select-entries", mailbox };
  perform(turn, { do: "watch", mailbox: mailbox.key });
  ask(turn, { ask: "entries", mailbox: mailbox.key });
}

/** RFC 3501 6.3.1: what a client must be told of its mailbox. */
export function onSelectEntries(
  turn: Turn,
  job: JobOf<"select-entries">,
  outcome: Outcome<readonly Entry[]>,
): undefined {
  const { tag, readOnly, mailbox, known } = job;
  if (!outcome.ok) {
    perform(turn, { do: "watch", mailbox: undefined });
    return answer(turn, refusal(tag, outcome.failure));
  }
  const view = openView(mailbox, outcome.value, readOnly);
  turn.phase = { at: "selected", view };
  const { entries } = view;
  const unseen = entries.findIndex(entry => !entry.flags.includes("\\Seen"));
  const uidNext = Math.max(mailbox.uidNext, (entries[entries.length - 1]?.uid ?? 0) + 1);
  send(turn, { response: "flags", flags: viewFlags(view) });
  send(turn, { response: "exists", number: entries.length });
  sendRecent(turn);
  if (unseen >= 0 && tellsUnseen(turn))
    send(turn, status("*", "OK", "First unseen", { code: "UNSEEN", number: unseen + 1 }));
  sendPermanentFlags(turn, view);
  send(turn, status("*", "OK", "Next UID", { code: "UIDNEXT", number: uidNext }));
  send(turn, status("*", "OK", "UIDs stay valid", { code: "UIDVALIDITY", number: mailbox.uidValidity }));
  send(turn, status("*", "OK", "Mod-sequences are kept", { code: "HIGHESTMODSEQ", number: view.modseq }));
  send(turn, status("*", "OK", "Its name for good", { code: "MAILBOXID", id: mailboxId(mailbox.object) }));
  sendSelectedName(turn, mailbox);
  if (known?.uidValidity === mailbox.uidValidity) return resynchronise(turn, tag, view, known);
  const code = { code: readOnly ? "READ-ONLY" : "READ-WRITE" } as const;
  answer(turn, status(tag, "OK", `${readOnly ? "EXAMINE" : "SELECT"} completed`, code));
}

/** CREATE, DELETE, RENAME, SUBSCRIBE and UNSUBSCRIBE. RFC 3501 6.3.3 to 6.3.7 */
export function changeMailbox(turn: Turn, tag: string, command: MailboxChange | CommandOf<"CREATE">): undefined {
  if (command.command === "CREATE") return createMailbox(turn, tag, command);
  turn.job = { job: "simple", tag, command };
  switch (command.command) {
    case "DELETE":
      return ask(turn, { ask: "remove", name: command.mailbox });
    case "RENAME": {
      const to = newMailboxName(command.to);
      const within = command.to.startsWith(`${command.from}${DELIMITER}`) && command.from !== "INBOX";
      if (to === undefined || within) return finish(turn, refusal(tag, "invalid-name"));
      return ask(turn, { ask: "rename", from: command.from, to });
    }
    default:
      return ask(turn, { ask: "subscribe", name: command.mailbox, subscribed: command.command === "SUBSCRIBE" });
  }
}

function createMailbox(turn: Turn, tag: string, command: CommandOf<"CREATE">): undefined {
  const name = newMailboxName(command.mailbox);
  if (name === undefined) return finish(turn, refusal(tag, "invalid-name"));
  turn.job = { job: "create", tag };
  ask(turn, { ask: "create", name, uses: command.uses });
}

/** RFC 8474 4.1: a client is told by which name it can find the mailbox again. */
export function onCreated(turn: Turn, job: JobOf<"create">, outcome: Outcome<number>): undefined {
  if (!outcome.ok) return finish(turn, refusal(job.tag, outcome.failure));
  finish(turn, status(job.tag, "OK", "CREATE completed", { code: "MAILBOXID", id: mailboxId(outcome.value) }));
}

/** How a change of mailboxes went. */
export function onMailboxChanged(turn: Turn, job: JobOf<"simple">, outcome: Outcome<undefined>): undefined {
  const { tag, command } = job;
  if (!outcome.ok) return finish(turn, refusal(tag, outcome.failure));
  const here = turn.phase.at === "selected" ? turn.phase.view.name : undefined;
  if (command.command === "DELETE" && command.mailbox === here) unselect(turn);
  finish(turn, status(tag, "OK", `${command.command} completed`));
}

/** RFC 3501 6.3.10 */
export function mailboxStatus(turn: Turn, tag: string, command: StatusCommand): undefined {
  turn.job = { job: "status", tag, command };
  ask(turn, { ask: "mailbox", name: command.mailbox });
}

/** The figures that were asked for. */
export function onMailboxStatus(turn: Turn, job: JobOf<"status">, outcome: Outcome<Mailbox>): undefined {
  if (!outcome.ok) return finish(turn, refusal(job.tag, outcome.failure));
  const mailbox = outcome.value;
  if (job.command.items.includes("HIGHESTMODSEQ")) enableCondstore(turn);
  const appendLimit = turn.settings.limits.messageOctetsMax;
  const items = job.command.items.map(item => statusFigure(item, mailbox, appendLimit));
  send(turn, { response: "mailbox-status", mailbox: mailbox.name, items });
  finish(turn, status(job.tag, "OK", "STATUS completed"));
}

/** RFC 3501 6.4.2: what is marked goes without a word, except where nothing may be changed. */
export function closeMailbox(turn: Turn, tag: string): undefined {
  if (turn.phase.at !== "selected") return;
  const { view } = turn.phase;
  unselect(turn);
  if (view.readOnly) return answer(turn, status(tag, "OK", "CLOSE completed"));
  turn.job = { job: "close", tag };
  ask(turn, { ask: "expunge", mailbox: view.mailbox, uids: undefined });
}

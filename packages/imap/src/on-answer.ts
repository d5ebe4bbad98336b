import { answer, refusal, status } from "./answer.ts";
import { onOpened } from "./connection-commands.ts";
import { onGatherRead } from "./extensions/gather-job.ts";
import { onNotifyChanges, onNotifyMailboxes, onNotifySet } from "./extensions/notify.ts";
import { onVanished } from "./extensions/qresync.ts";
import { onQuota, onQuotaMailbox } from "./extensions/quota.ts";
import { onFetchAnswer } from "./fetch-job.ts";
import { onLostSubscriptions, onMailboxes } from "./list-commands.ts";
import { onCreated, onMailboxChanged, onMailboxStatus, onSelectEntries, onSelectMailbox } from "./mailbox-commands.ts";
import { onChanges } from "./mailbox-updates.ts";
import { onCopied, onExpunged, onStored } from "./message-commands.ts";
import { onCandidates, onIndexed, onSearchKnowsThreads, onSearchRead, onSearchTime } from "./search-job.ts";
import type { Answer, Turn } from "./session.ts";

/** Gives an answer of the provider to the job that asked; an answer that nobody waits for is dropped. */
export function onAnswer(turn: Turn, given: Answer): undefined {
  const { job } = turn;
  switch (given.ask) {
    case "open":
      return job.job === "open" ? onOpened(turn, job.tag, given.outcome) : undefined;
    case "mailboxes":
      if (job.job === "list") onMailboxes(turn, job, given.outcome);
      else if (job.job === "notify-set") onNotifySet(turn, job, given.outcome);
      else if (job.job === "notify") onNotifyMailboxes(turn, job, given.outcome);
      return;
    case "mailbox":
      if (job.job === "select") onSelectMailbox(turn, job, given.outcome);
      else if (job.job === "status") onMailboxStatus(turn, job, given.outcome);
      else if (job.job === "quota-root") onQuotaMailbox(turn, job, given.outcome);
      return;
    case "quota":
      return job.job === "quota" ? onQuota(turn, job, given.outcome) : undefined;
    case "subscriptions":
      return job.job === "list-lost" ? onLostSubscriptions(turn, job, given.outcome) : undefined;
    case "create":
      return job.job === "create" ? onCreated(turn, job, given.outcome) : undefined;
    case "remove":
    case "rename":
    case "subscribe":
      return job.job === "simple" ? onMailboxChanged(turn, job, given.outcome) : undefined;
    case "entries":
      return job.job === "select-entries" ? onSelectEntries(turn, job, given.outcome) : undefined;
    case "changes":
      if (job.job === "sync" || job.job === "idle") onChanges(turn, job, given.outcome);
      else if (job.job === "notify") onNotifyChanges(turn, job, given.outcome);
      return;
    case "time":
      return job.job === "search-time" ? onSearchTime(turn, job, given.outcome) : undefined;
    case "text-candidates":
      return job.job === "search" ? onCandidates(turn, job, given.outcome) : undefined;
    case "index-texts":
      return job.job === "search" ? onIndexed(turn, job, given.outcome) : undefined;
    case "vanished":
      return job.job === "vanished" ? onVanished(turn, job, given.outcome) : undefined;
    default:
      return onMessageAnswer(turn, given);
  }
}

type MessageAnswer = Extract<
  Answer,
  {
    ask:
      | "read"
      | "threads"
      | "store"
      | "copy"
      | "move"
      | "expunge"
      | "append"
      | "append-message"
      | "append-url"
      | "append-end";
  }
>;

function onMessageAnswer(turn: Turn, given: MessageAnswer): undefined {
  const { job } = turn;
  switch (given.ask) {
    case "read":
      if (job.job === "fetch") onFetchAnswer(turn, job, given);
      else if (job.job === "search") onSearchRead(turn, job, given.outcome);
      else if (job.job === "gather") onGatherRead(turn, job, given.outcome);
      return;
    case "threads":
      if (job.job === "fetch") onFetchAnswer(turn, job, given);
      else if (job.job === "search-threads") onSearchKnowsThreads(turn, job, given.outcome);
      return;
    case "store":
      if (job.job === "fetch") onFetchAnswer(turn, job, given);
      else if (job.job === "store") onStored(turn, job, given.outcome);
      return;
    case "copy":
    case "move":
      return job.job === "copy" || job.job === "move" ? onCopied(turn, job, given.outcome) : undefined;
    case "expunge":
      if (job.job === "expunge") onExpunged(turn, job, given.outcome);
      else if (job.job === "close") {
        // RFC 3501 6.4.2: the mailbox is left either way.
        const closed = status(job.tag, "OK", "CLOSE completed");
        answer(turn, given.outcome.ok ? closed : refusal(job.tag, given.outcome.failure));
      }
      return;
    default:
      return;
  }
}

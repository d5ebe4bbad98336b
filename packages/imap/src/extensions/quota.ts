import { ask, finish, refusal, send, status } from "../answer.ts";
import { readMailbox } from "../arguments.ts";
import type { Mailbox, Outcome, QuotaUsage } from "../backend.ts";
import type { CommandOf } from "../command.ts";
import type { JobOf } from "../job.ts";
import type { Reader } from "../reader.ts";
import type { QuotaResource } from "../response.ts";
import type { Turn } from "../session.ts";

/** RFC 9208 5.1: the unit of STORAGE. */
const STORAGE_OCTETS = 1024;

/** All that belongs to an account is under one root, whose name is empty. RFC 9208 3 */
const ROOT = "";

/** RFC 9208 6: getquota = "GETQUOTA" SP quota-root-name */
export function readGetQuota(reader: Reader): CommandOf<"GETQUOTA"> | undefined {
  const root = reader.space() ? reader.astring("quota-root-expected") : undefined;
  return root === undefined ? undefined : { command: "GETQUOTA", root: root.length === 0 ? "ours" : "unknown" };
}

/** RFC 9208 6: getquotaroot = "GETQUOTAROOT" SP mailbox */
export function readGetQuotaRoot(reader: Reader): CommandOf<"GETQUOTAROOT"> | undefined {
  const mailbox = reader.space() ? readMailbox(reader) : undefined;
  return mailbox === undefined ? undefined : { command: "GETQUOTAROOT", mailbox };
}

/** RFC 9208 4.1.1, 4.1.2 */
export function askQuota(turn: Turn, tag: string, command: CommandOf<"GETQUOTA" | "GETQUOTAROOT">): undefined {
  if (command.command === "GETQUOTAROOT") {
    turn.job = { job: "quota-root", tag };
    return ask(turn, { ask: "mailbox", name: command.mailbox });
  }
  if (command.root === "unknown") {
    return finish(turn, status(tag, "NO", "There is no such quota root", { code: "NONEXISTENT" }));
  }
  turn.job = { job: "quota", tag, command: "GETQUOTA" };
  ask(turn, { ask: "quota" });
}

/** The mailbox is there. */
export function onQuotaMailbox(turn: Turn, job: JobOf<"quota-root">, outcome: Outcome<Mailbox>): undefined {
  if (!outcome.ok) return finish(turn, refusal(job.tag, outcome.failure));
  send(turn, { response: "quota-root", mailbox: outcome.value.name, root: ROOT });
  turn.job = { job: "quota", tag: job.tag, command: "GETQUOTAROOT" };
  ask(turn, { ask: "quota" });
}

/** What the account has and may have; what is not limited is not told. RFC 9208 4.2.1 */
export function onQuota(turn: Turn, job: JobOf<"quota">, outcome: Outcome<QuotaUsage>): undefined {
  if (!outcome.ok) return finish(turn, refusal(job.tag, outcome.failure));
  const { octets, messages } = outcome.value;
  const resources: QuotaResource[] = [];
  if (octets.limit !== undefined) {
    const used = Math.ceil(octets.used / STORAGE_OCTETS);
    resources.push({ name: "STORAGE", used, limit: Math.floor(octets.limit / STORAGE_OCTETS) });
  }
  if (messages.limit !== undefined) resources.push({ name: "MESSAGE", used: messages.used, limit: messages.limit });
  send(turn, { response: "quota", root: ROOT, resources });
  finish(turn, status(job.tag, "OK", `${job.command} completed`));
}

import { assert } from "@scop/wire";
import type { Quota, Usage } from "../index.ts";
import type { Work } from "./work.ts";

/** What an account became with a change of what it has. */
interface Advanced {
  readonly modseq: number;
  readonly inbox: number;
  readonly octets: number;
  readonly messages: number;
  readonly quota_octets: number | null;
  readonly quota_messages: number | null;
}

/** The next mod-sequence of an account: one counter for all its mailboxes. RFC 7162 3.1 */
export function nextModseq(work: Work, account: number): number {
  const row = work.db.get<{ modseq: number }>(
    "UPDATE account SET modseq = modseq + 1 WHERE id = ? RETURNING modseq",
    account,
  );
  assert(row !== undefined, "a mailbox has its account");
  return row.modseq;
}

/** As `nextModseq`, where an account gets or loses messages; undefined if there is no such account. */
export function advance(work: Work, account: number, by: Usage): Advanced | undefined {
  return work.db.get<Advanced>(
    `UPDATE account SET modseq = modseq + 1, octets = octets + ?2, messages = messages + ?3 WHERE id = ?1
     RETURNING modseq, inbox, octets, messages, quota_octets, quota_messages`,
    account,
    by.octets,
    by.messages,
  );
}

/** Whether an account has more than its limits, or than `usual` where it has none of its own. RFC 9208 5 */
export function isOver(account: Advanced, usual: Quota): boolean {
  const octets = account.quota_octets ?? usual.octets ?? Number.POSITIVE_INFINITY;
  const messages = account.quota_messages ?? usual.messages ?? Number.POSITIVE_INFINITY;
  return account.octets > octets || account.messages > messages;
}

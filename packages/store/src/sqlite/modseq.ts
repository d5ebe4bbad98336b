import { assert } from "@scop/wire";
import type { Work } from "./work.ts";

/** The next mod-sequence of an account: one counter for all its mailboxes. RFC 7162 3.1 */
export function nextModseq(work: Work, account: number): number {
  const row = work.db.get<{ modseq: number }>(
    "UPDATE account SET modseq = modseq + 1 WHERE id = ? RETURNING modseq",
    account,
  );
  assert(row !== undefined, "a mailbox has its account");
  return row.modseq;
}

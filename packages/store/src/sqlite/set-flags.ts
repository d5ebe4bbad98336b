import { addFlags, DELETED, type FlagSet, flagList, flagSet, removeFlags, SEEN, sameFlags } from "../flags.ts";
import type { ChangeResults, Refusal } from "../index.ts";
import { mailboxRow, rising } from "./messages.ts";
import { nextModseq } from "./modseq.ts";
import type { ChangeOf, Work } from "./work.ts";

interface FlagRow {
  readonly size: number;
  readonly flags: number;
  readonly keywords: string;
  readonly modseq: number;
}

/** RFC 3501 6.4.6, RFC 7162 3.1.3. What has the flags already is not changed and gets no new mod-sequence. */
export function setFlags(work: Work, change: ChangeOf<"set-flags">): ChangeResults["set-flags"] | Refusal {
  const { mailbox, unchangedSince } = change;
  const row = mailboxRow(work, mailbox);
  if (row === undefined) return "missing";
  const changed: { uid: number; flags: string[]; modseq: number }[] = [];
  const newer: number[] = [];
  let modseq: number | undefined;
  let unseen = 0;
  let deleted = 0;
  let deletedOctets = 0;
  for (const uid of rising(change.uids)) {
    const before = flagsOf(work, mailbox, uid);
    if (before === undefined) continue;
    if (unchangedSince !== undefined && before.modseq > unchangedSince) {
      newer.push(uid);
      continue;
    }
    const after = changedFlags(change, { bits: before.flags, keywords: before.keywords });
    if (after === undefined) continue;
    modseq ??= nextModseq(work, row.account);
    work.db.run(
      "UPDATE entry SET flags = ?, keywords = ?, modseq = ? WHERE mailbox = ? AND uid = ?",
      after.bits,
      after.keywords,
      modseq,
      mailbox,
      uid,
    );
    unseen += bit(before.flags, SEEN) - bit(after.bits, SEEN);
    const moved = bit(after.bits, DELETED) - bit(before.flags, DELETED);
    deleted += moved;
    deletedOctets += moved * before.size;
    changed.push({ uid, flags: flagList(after), modseq });
  }
  if (modseq !== undefined) {
    work.db.run(
      `UPDATE mailbox SET highest_modseq = ?, unseen = unseen + ?, deleted = deleted + ?, deleted_octets = deleted_octets + ?
       WHERE id = ?`,
      modseq,
      unseen,
      deleted,
      deletedOctets,
      mailbox,
    );
    work.touched.mailboxes.set(mailbox, row.account);
  }
  return { changed, newer };
}

function flagsOf(work: Work, mailbox: number, uid: number): FlagRow | undefined {
  return work.db.get<FlagRow>(
    "SELECT size, flags, keywords, modseq FROM entry WHERE mailbox = ? AND uid = ?",
    mailbox,
    uid,
  );
}

/** The flags after the change; undefined if it changes nothing. */
function changedFlags({ mode, flags }: ChangeOf<"set-flags">, before: FlagSet): FlagSet | undefined {
  const after =
    mode === "replace" ? flagSet(flags) : mode === "add" ? addFlags(before, flags) : removeFlags(before, flags);
  return sameFlags(before, after) ? undefined : after;
}

function bit(flags: number, mask: number): 0 | 1 {
  return (flags & mask) === 0 ? 0 : 1;
}

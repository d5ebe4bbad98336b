import type { Instant } from "@scop/platform";
import type { ChangeResults, LeasedRecord, QueueId, QueueState, Refusal, SubmissionId } from "../index.ts";
import { dropBlob, useBlob } from "./blob-rows.ts";
import { dsnText, type ItemRow, itemRecord, QUEUE_STATES, SELECT_ITEM, TLS_DEMANDS } from "./queue-rows.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

export function enqueue(work: Work, change: ChangeOf<"enqueue">): ChangeResults["enqueue"] | Refusal {
  const blob = useBlob(work, change.blob, change.recipients.length);
  if (blob === undefined) return "missing";
  const submission = work.state.next("submission") as SubmissionId;
  const items: QueueId[] = [];
  for (const { recipient, destination, dsn, held } of change.recipients) {
    const id = work.state.next("item") as QueueId;
    work.db.run(
      `INSERT INTO item (id, submission, blob, blob_offset, size, reverse_path, recipient, destination, eight_bit, utf8, state,
       attempts, created, due, expires, last_reply, token, wake, binary, dsn, tls)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, 0, ?, ?, ?, ?)`,
      id,
      submission,
      blob.id,
      change.blobOffset,
      blob.octets,
      change.reversePath,
      recipient,
      destination,
      change.eightBit ? 1 : 0,
      change.utf8 ? 1 : 0,
      held === undefined ? 0 : 2,
      work.now,
      change.due,
      change.expires,
      held ?? "",
      held === undefined ? change.due : null,
      change.content === "binary" ? 1 : 0,
      dsnText(dsn),
      TLS_DEMANDS.indexOf(change.tls ?? "usual"),
    );
    work.touched.counts[held === undefined ? "ready" : "held"] += 1;
    items.push(id);
    work.touched.destinations.add(destination);
  }
  work.touched.queue = true;
  return { submission, items };
}

export function settle(work: Work, { item, token, outcome }: ChangeOf<"settle">): object | Refusal {
  // One statement each: of all changes these are the ones that a busy server makes most.
  if (outcome.outcome === "done") {
    const gone = work.db.get<SettledRow>(
      "DELETE FROM item WHERE id = ? AND token = ? AND state = 1 RETURNING blob, destination, state",
      item,
      token,
    );
    if (gone === undefined) return "lost-lease";
    dropBlob(work, gone.blob);
    moved(work, gone, undefined);
    return DONE;
  }
  const kept = work.db.get<SettledRow>(
    `UPDATE item SET state = 0, token = 0, due = ?3, wake = ?3, attempts = attempts + 1, last_reply = ?4,
     delay_told = max(delay_told, ?5) WHERE id = ?1 AND token = ?2 AND state = 1 RETURNING blob, destination, 1 AS state`,
    item,
    token,
    outcome.due,
    outcome.reply,
    outcome.told === undefined ? 0 : 1,
  );
  if (kept === undefined) return "lost-lease";
  moved(work, kept, "ready");
  return DONE;
}

/** What is left to do after an item changed: `state` is the one before. */
type SettledRow = Pick<ItemRow, "blob" | "destination" | "state">;

export function release(work: Work, { item, token }: ChangeOf<"release">): object | Refusal {
  const row = itemRow(work, item);
  if (row !== undefined && row.state === 1 && row.token === token) makeReady(work, row, row.due);
  return DONE;
}

export function control(work: Work, { item, action, now }: ChangeOf<"control">): object | Refusal {
  const row = itemRow(work, item);
  if (row === undefined) return "missing";
  if (row.state === 1 && row.wake !== null && row.wake > now) return "in-use";
  if (action === "drop") remove(work, row);
  else if (action === "retry") makeReady(work, row, now);
  else {
    work.db.run("UPDATE item SET state = 2, token = 0, wake = NULL WHERE id = ?", item);
    moved(work, row, "held");
  }
  return DONE;
}

export function mendDue(work: Work, { now, latest }: ChangeOf<"mend-due">): object {
  const mended = [
    ...work.db.all<{ destination: string }>(
      "UPDATE item SET due = ?1, wake = ?1 WHERE state = 0 AND attempts = 0 AND due <= created AND due > ?1 RETURNING destination",
      now,
    ),
    ...work.db.all<{ destination: string }>(
      "UPDATE item SET due = ?1, wake = ?1 WHERE state = 0 AND attempts > 0 AND due > ?1 RETURNING destination",
      latest,
    ),
  ];
  for (const { destination } of mended) work.touched.destinations.add(destination);
  work.touched.queue ||= mended.length > 0;
  return DONE;
}

/** Leases due items. Not a change of the port, but a transaction like any other. */
export function lease(work: Work, destination: string, leaseMs: number, limit: number, now: Instant): LeasedRecord[] {
  const rows = work.db.all<ItemRow>(
    `${SELECT_ITEM} WHERE destination = ? AND wake IS NOT NULL AND wake <= ? ORDER BY wake, submission, id LIMIT ?`,
    destination,
    now,
    limit,
  );
  const bySubmission = new Map<number, LeasedRecord[]>();
  for (const row of rows) {
    const token = work.state.next("lease") as LeasedRecord["token"];
    work.db.run("UPDATE item SET state = 1, token = ?, wake = ? WHERE id = ?", token, now + leaseMs, row.id);
    moved(work, row, "leased");
    const together = bySubmission.get(row.submission);
    const record: LeasedRecord = { ...itemRecord(row), state: "leased", token };
    if (together === undefined) bySubmission.set(row.submission, [record]);
    else together.push(record);
  }
  // A lease is news to nobody: whoever waits for the queue would only wake itself.
  work.touched.queue = false;
  return [...bySubmission.values()].flat();
}

/** Ends all leases: the daemon that held them is gone. */
export function endLeases(work: Work): void {
  for (const row of work.db.all<ItemRow>(`${SELECT_ITEM} WHERE state = 1 AND state <> 0`))
    makeReady(work, row, row.due);
}

/** Finds again when each touched destination has work next. At the end of a batch. */
export function refreshDestinations(work: Work): void {
  for (const destination of work.touched.destinations) {
    const first = work.db.get<{ wake: number }>(
      "SELECT wake FROM item WHERE destination = ? AND wake IS NOT NULL ORDER BY wake LIMIT 1",
      destination,
    );
    if (first === undefined) work.db.run("DELETE FROM destination WHERE name = ?", destination);
    else {
      work.db.run(
        "INSERT INTO destination (name, wake) VALUES (?, ?) ON CONFLICT DO UPDATE SET wake = excluded.wake WHERE wake <> excluded.wake",
        destination,
        first.wake,
      );
    }
  }
}

function itemRow(work: Work, item: QueueId): ItemRow | undefined {
  return work.db.get<ItemRow>(`${SELECT_ITEM} WHERE id = ?`, item);
}

function makeReady(work: Work, row: ItemRow, due: Instant): void {
  work.db.run("UPDATE item SET state = 0, token = 0, due = ?2, wake = ?2 WHERE id = ?1", row.id, due);
  moved(work, row, "ready");
}

function remove(work: Work, row: ItemRow): void {
  work.db.run("DELETE FROM item WHERE id = ?", row.id);
  dropBlob(work, row.blob);
  moved(work, row, undefined);
}

function moved(work: Work, row: Pick<ItemRow, "state" | "destination">, to: QueueState | undefined): void {
  work.touched.counts[QUEUE_STATES[row.state]!] -= 1;
  if (to !== undefined) work.touched.counts[to] += 1;
  work.touched.destinations.add(row.destination);
  work.touched.queue = true;
}

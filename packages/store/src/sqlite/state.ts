import type { Instant } from "@scop/platform";
import { assert } from "@scop/wire";
import type { QueueState } from "../index.ts";
import type { Database } from "./database.ts";

/** The keys that are counted up, each for the life of the store. */
type Counter = "account" | "mailbox" | "blob" | "item" | "submission" | "lease" | "stream" | "room" | "node";

/** RFC 3501 2.3.1.1 */
const UID_VALIDITY_MAX = 2 ** 32 - 1;

interface StateRow extends Record<Counter | QueueState, number> {
  uid_validity: number;
  tallies: number;
}

/** The one row of counters: read when a batch begins, so that another process is never overlooked, written when it ends. */
export class State {
  readonly #db: Database;
  #row: StateRow;
  #changed = false;

  constructor(db: Database) {
    this.#db = db;
    this.#row = load(db);
  }

  /** The next key. A rolled back one leaves a gap, never a second use: the row is written even then. */
  next(counter: Counter): number {
    this.#changed = true;
    this.#row[counter] += 1;
    return this.#row[counter];
  }

  /** A UIDVALIDITY larger than any before, the time in seconds while that is so. RFC 3501 2.3.1.1 */
  nextUidValidity(now: Instant): number {
    const seconds = Math.floor(now / 1000);
    const next = this.#row.uid_validity + 1;
    this.#row.uid_validity = seconds > next && seconds <= UID_VALIDITY_MAX ? seconds : next;
    assert(this.#row.uid_validity <= UID_VALIDITY_MAX, "a store has at most 2^32 - 1 UIDVALIDITY values");
    this.#changed = true;
    return this.#row.uid_validity;
  }

  /** Queue items that came to a state, or left it. */
  count(by: Readonly<Record<QueueState, number>>): void {
    this.#row.ready += by.ready;
    this.#row.leased += by.leased;
    this.#row.held += by.held;
    this.#changed ||= by.ready !== 0 || by.leased !== 0 || by.held !== 0;
  }

  /** Rows of tallies, without those of transactions that run. */
  get tallies(): number {
    return this.#row.tallies;
  }

  /** So many rows of tallies more, or fewer. */
  addTallies(by: number): void {
    this.#row.tallies += by;
    this.#changed ||= by !== 0;
  }

  /** Writes the row if anything in it changed. Within the transaction. */
  save(): void {
    if (!this.#changed) return;
    const row = this.#row;
    this.#db.run(
      `UPDATE state SET account = ?, mailbox = ?, blob = ?, item = ?, submission = ?, lease = ?, uid_validity = ?,
       ready = ?, leased = ?, held = ?, tallies = ?, stream = ?, room = ?, node = ?`,
      row.account,
      row.mailbox,
      row.blob,
      row.item,
      row.submission,
      row.lease,
      row.uid_validity,
      row.ready,
      row.leased,
      row.held,
      row.tallies,
      row.stream,
      row.room,
      row.node,
    );
  }
}

/** Queue items by state. */
export function queueCounts(db: Database): Record<QueueState, number> {
  const { ready, leased, held } = load(db);
  return { ready, leased, held };
}

/** Whether the last daemon closed the store. */
export function wasClosed(db: Database): boolean {
  return db.get<{ clean: number }>("SELECT clean FROM state")?.clean === 1;
}

/** Notes that the store is in use, or was closed. */
export function setClosed(db: Database, closed: boolean): void {
  db.run("UPDATE state SET clean = ?", closed ? 1 : 0);
}

function load(db: Database): StateRow {
  const row = db.get<StateRow>(
    `SELECT account, mailbox, blob, item, submission, lease, uid_validity, ready, leased, held, tallies, stream, room, node
     FROM state`,
  );
  assert(row !== undefined, "a store has its row of counters");
  return row;
}

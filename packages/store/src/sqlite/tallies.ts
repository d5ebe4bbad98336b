import {
  type ChangeResults,
  type Refusal,
  TALLIES_MAX,
  TALLIES_OF_DAY_MAX,
  type Tally,
  type TallyDay,
  type TallyKind,
} from "../index.ts";
import type { Database } from "./database.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

/** As the table has them. */
const KINDS: Readonly<Record<TallyKind, number>> = { dmarc: 0, tls: 1 };

export function tally(work: Work, { about, day, domain, key, by }: ChangeOf<"tally">): ChangeResults["tally"] {
  const kind = KINDS[about];
  const known = work.db.run(
    "UPDATE tally SET count = count + ? WHERE about = ? AND day = ? AND domain = ? AND key = ?",
    by,
    kind,
    day,
    domain,
    key,
  );
  if (known === 0) {
    if (!hasRoom(work, kind, day, domain)) return { counted: false };
    work.db.run(
      "INSERT INTO tally (about, day, domain, key, count) VALUES (?, ?, ?, ?, ?)",
      kind,
      day,
      domain,
      key,
      by,
    );
    work.touched.tallies += 1;
  }
  work.db.run(
    `INSERT INTO tally_day (about, day, domain, keys, counted) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET keys = keys + ?4, counted = counted + ?5`,
    kind,
    day,
    domain,
    1 - known,
    by,
  );
  return { counted: true };
}

/** Whether one more key fits. What else runs in the same commit is not seen: a few more than the limit are no harm. */
function hasRoom(work: Work, kind: number, day: number, domain: string): boolean {
  if (work.state.tallies + work.touched.tallies >= TALLIES_MAX) return false;
  const row = work.db.get<{ keys: number }>(
    "SELECT keys FROM tally_day WHERE about = ? AND day = ? AND domain = ?",
    kind,
    day,
    domain,
  );
  return (row?.keys ?? 0) < TALLIES_OF_DAY_MAX;
}

export function forgetTallies(
  work: Work,
  { about, day, domain, counted }: ChangeOf<"forget-tallies">,
): object | Refusal {
  const kind = KINDS[about];
  const row = work.db.get<{ keys: number; counted: number }>(
    "DELETE FROM tally_day WHERE about = ? AND day = ? AND domain = ? RETURNING keys, counted",
    kind,
    day,
    domain,
  );
  if (row === undefined) return "missing";
  if (row.counted !== counted) return "in-use";
  work.db.run("DELETE FROM tally WHERE about = ? AND day = ? AND domain = ?", kind, day, domain);
  work.touched.tallies -= row.keys;
  return DONE;
}

export function tallyDays(db: Database, about: TallyKind, before: number, limit: number): readonly TallyDay[] {
  return db
    .lists<[number, string, number]>(
      "SELECT day, domain, counted FROM tally_day WHERE about = ? AND day < ? ORDER BY day, domain LIMIT ?",
      KINDS[about],
      before,
      limit,
    )
    .map(([day, domain, counted]) => ({ day, domain, counted }));
}

export function tallies(db: Database, about: TallyKind, day: number, domain: string): readonly Tally[] {
  return db
    .lists<[string, number]>(
      "SELECT key, count FROM tally WHERE about = ? AND day = ? AND domain = ? ORDER BY key",
      KINDS[about],
      day,
      domain,
    )
    .map(([key, count]) => ({ key, count }));
}

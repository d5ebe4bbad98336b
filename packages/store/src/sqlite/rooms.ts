import type { ChangeResults, Refusal, StateId } from "../index.ts";
import type { Database } from "./database.ts";
import { noteMember, noteSender, stateWith, touchRoom } from "./room-notes.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

interface RoomRow {
  readonly id: number;
  readonly state: StateId;
  readonly latest: string;
  readonly depth: number;
}

export function addRoom(work: Work, { room, version }: ChangeOf<"add-room">): object | Refusal {
  const added = work.db.run(
    `INSERT INTO room (id, name, version, state, latest, depth, position) VALUES (?1, ?2, ?3, 0, '[]', 0, 0)
     ON CONFLICT (name) DO UPDATE SET version = ?3 WHERE latest = '[]'`,
    work.state.next("room"),
    room,
    version,
  );
  return added === 1 ? DONE : "exists";
}

export function addEvent(work: Work, change: ChangeOf<"add-event">): ChangeResults["add-event"] | Refusal {
  const { db } = work;
  const row = db.get<RoomRow>("SELECT id, state, latest, depth FROM room WHERE name = ?", change.room);
  if (row === undefined) return "missing";
  if (db.get("SELECT 1 FROM room_event WHERE name = ?", change.event) !== undefined) return "exists";
  if (row.latest !== JSON.stringify([...change.previous].sort())) return "in-use";
  const position = work.state.next("stream");
  const state = stateWith(work, row.state, change, position);
  db.run(
    "INSERT INTO room_event (position, place, room, name, type, state_key, state, json) VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    position,
    row.id,
    change.event,
    change.type,
    change.stateKey ?? null,
    state,
    change.json,
  );
  db.run(
    "UPDATE room SET state = ?, latest = ?, depth = ?, position = ? WHERE id = ?",
    state,
    JSON.stringify([change.event]),
    Math.max(row.depth, change.depth),
    position,
    row.id,
  );
  touchRoom(work, change.room);
  if (change.membership !== undefined && change.stateKey !== undefined) {
    const { room, stateKey: user, membership } = change;
    noteMember(work, { id: row.id, room }, { user, membership, position });
  }
  noteSender(work, change, position);
  return { position, event: change.event };
}

/** Where the stream ends. */
export function streamPosition(db: Database): number {
  return db.get<{ stream: number }>("SELECT stream FROM state")?.stream ?? 0;
}

import { createHash } from "node:crypto";
import type { ChangeResults, Refusal, StateId } from "../index.ts";
import { withEntry } from "../state-map.ts";
import type { Database } from "./database.ts";
import { stateNodes } from "./state-nodes.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

interface RoomRow {
  readonly id: number;
  readonly state: StateId;
  readonly latest: string;
  readonly depth: number;
}

export function addRoom(work: Work, { room, version }: ChangeOf<"add-room">): object | Refusal {
  const added = work.db.run(
    "INSERT INTO room (id, name, version, state, latest, depth, position) VALUES (?, ?, ?, 0, '[]', 0, 0) ON CONFLICT DO NOTHING",
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
    "INSERT INTO room_event (position, room, name, type, state_key, state, json) VALUES (?, ?, ?, ?, ?, ?, ?)",
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
  noteMember(work, row.id, change, position);
  noteSender(work, change, position);
  return { position, event: change.event };
}

function stateWith(work: Work, before: StateId, change: ChangeOf<"add-event">, position: number): StateId {
  if (change.stateKey === undefined) return before;
  const hash = stateHash(change.type, change.stateKey);
  return withEntry(stateNodes(work.db, work.state), before, [hash, position]) as StateId;
}

function noteMember(work: Work, room: number, change: ChangeOf<"add-event">, position: number): void {
  const users = work.touched.rooms.get(change.room) ?? new Set();
  work.touched.rooms.set(change.room, users);
  if (change.membership === undefined || change.stateKey === undefined) return;
  users.add(change.stateKey);
  work.db.run(
    `INSERT INTO room_member (room, user, membership, position) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT DO UPDATE SET membership = ?3, position = ?4, forgotten = 0`,
    room,
    change.stateKey,
    change.membership,
    position,
  );
}

function noteSender(work: Work, { sentBy }: ChangeOf<"add-event">, position: number): void {
  if (sentBy === undefined) return;
  work.db.run(
    "INSERT INTO room_event_sent (position, account, device, transaction_id) VALUES (?, ?, ?, ?)",
    position,
    sentBy.account,
    sentBy.device,
    sentBy.transaction,
  );
}

/** Where a type and a state key stand in a state: nobody can choose keys that crowd together. */
export function stateHash(type: string, stateKey: string): string {
  return createHash("sha256")
    .update(JSON.stringify([type, stateKey]))
    .digest("hex")
    .slice(0, 32);
}

/** Where the stream ends. */
export function streamPosition(db: Database): number {
  return db.get<{ stream: number }>("SELECT stream FROM state")?.stream ?? 0;
}

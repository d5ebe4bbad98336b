import type { ChangeResults, Refusal } from "../index.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

export function redactEvent(work: Work, { room, event, by, json }: ChangeOf<"redact-event">): object | Refusal {
  const found = work.db.get<{ redacted_by: string | null }>(
    "SELECT redacted_by FROM room_event WHERE name = ? AND room = (SELECT id FROM room WHERE name = ?)",
    event,
    room,
  );
  if (found === undefined || work.db.get("SELECT 1 FROM room_event WHERE name = ?", by) === undefined) return "missing";
  if (found.redacted_by !== null) return DONE;
  work.db.run("UPDATE room_event SET json = ?, redacted_by = ? WHERE name = ?", json, by, event);
  return DONE;
}

export function forgetRoom(work: Work, { room, user }: ChangeOf<"forget-room">): object | Refusal {
  const { db } = work;
  const member = db.get<{ membership: string }>(
    "SELECT membership FROM room_member WHERE room = (SELECT id FROM room WHERE name = ?) AND user = ? AND forgotten = 0",
    room,
    user,
  );
  if (member === undefined) return "missing";
  if (member.membership !== "leave" && member.membership !== "ban") return "in-use";
  db.run(
    "UPDATE room_member SET forgotten = 1 WHERE room = (SELECT id FROM room WHERE name = ?) AND user = ?",
    room,
    user,
  );
  return DONE;
}

export function putRoomAlias(work: Work, { alias, room, creator }: ChangeOf<"put-room-alias">): object | Refusal {
  const id = roomId(work, room);
  if (id === undefined) return "missing";
  const added = work.db.run(
    "INSERT INTO room_alias (alias, room, creator) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    alias,
    id,
    creator,
  );
  return added === 1 ? DONE : "exists";
}

export function removeRoomAlias(work: Work, { alias }: ChangeOf<"remove-room-alias">): object | Refusal {
  return work.db.run("DELETE FROM room_alias WHERE alias = ?", alias) === 1 ? DONE : "missing";
}

export function replaceRoom(work: Work, { room, by }: ChangeOf<"replace-room">): object | Refusal {
  const { db } = work;
  const [from, to] = [roomId(work, room), roomId(work, by)];
  if (from === undefined || to === undefined) return "missing";
  db.run("UPDATE room_alias SET room = ? WHERE room = ?", to, from);
  if (db.run("DELETE FROM published_room WHERE room = ?", from) === 1) {
    db.run("INSERT INTO published_room (room) VALUES (?) ON CONFLICT DO NOTHING", to);
  }
  return DONE;
}

export function publishRoom(work: Work, { room, isPublished }: ChangeOf<"publish-room">): object | Refusal {
  const id = roomId(work, room);
  if (id === undefined) return "missing";
  if (isPublished) work.db.run("INSERT INTO published_room (room) VALUES (?) ON CONFLICT DO NOTHING", id);
  else work.db.run("DELETE FROM published_room WHERE room = ?", id);
  return DONE;
}

export function putReceipt(work: Work, change: ChangeOf<"put-receipt">): ChangeResults["put-receipt"] | Refusal {
  const id = roomId(work, change.room);
  if (id === undefined) return "missing";
  const position = work.state.next("stream");
  work.db.run(
    `INSERT INTO receipt (room, user, type, thread, event, at, position) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT DO UPDATE SET event = ?5, at = ?6, position = ?7`,
    id,
    change.user,
    change.type,
    change.thread,
    change.event,
    change.at,
    position,
  );
  if (!work.touched.rooms.has(change.room)) work.touched.rooms.set(change.room, new Set());
  return { position };
}

function roomId(work: Work, room: string): number | undefined {
  return work.db.get<{ id: number }>("SELECT id FROM room WHERE name = ?", room)?.id;
}

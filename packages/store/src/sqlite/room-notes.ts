import { createHash } from "node:crypto";
import type { SentBy, StateId } from "../rooms.ts";
import { entriesNotIn, withEntry } from "../state-map.ts";
import type { Database } from "./database.ts";
import { stateNodes } from "./state-nodes.ts";
import type { Work } from "./work.ts";

/** A room by its key and by its name. */
interface RoomKey {
  readonly id: number;
  readonly room: string;
}

/** What somebody is from a position on. */
interface Membership {
  readonly user: string;
  readonly membership: string;
  readonly position: number;
}

/** Where a type and a state key stand in a state: nobody can choose keys that crowd together. */
export function stateHash(type: string, stateKey: string): string {
  return createHash("sha256")
    .update(JSON.stringify([type, stateKey]))
    .digest("hex")
    .slice(0, 32);
}

/** The state with an event, whose key is given. */
export function stateWith(
  work: Work,
  before: StateId,
  { type, stateKey }: { readonly type: string; readonly stateKey: string | undefined },
  key: number,
): StateId {
  if (stateKey === undefined) return before;
  return withEntry(stateNodes(work.db, work.state), before, [stateHash(type, stateKey), key]) as StateId;
}

/** Watchers hear of the room. */
export function touchRoom({ touched }: Work, room: string): Set<string> {
  const users = touched.rooms.get(room) ?? new Set();
  touched.rooms.set(room, users);
  return users;
}

/** Somebody is something else in a room now. */
export function noteMember(work: Work, { id, room }: RoomKey, { user, membership, position }: Membership): void {
  const { db } = work;
  touchRoom(work, room).add(user);
  const before = db.get<{ membership: string }>(
    "SELECT membership FROM room_member WHERE room = ? AND user = ?",
    id,
    user,
  );
  db.run(
    `INSERT INTO room_member (room, user, membership, position) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT DO UPDATE SET membership = ?3, position = ?4, forgotten = 0`,
    id,
    user,
    membership,
    position,
  );
  db.run("DELETE FROM room_stripped WHERE room = ? AND user = ?", id, user);
  const joined = (membership === "join" ? 1 : 0) - (before?.membership === "join" ? 1 : 0);
  if (joined !== 0) countServer(db, id, user.slice(user.indexOf(":") + 1), joined);
}

function countServer(db: Database, room: number, server: string, by: number): void {
  const row = db.get<{ members: number }>(
    "SELECT members FROM room_server WHERE room = ? AND server = ?",
    room,
    server,
  );
  const members = (row?.members ?? 0) + by;
  if (members > 0) {
    db.run(
      `INSERT INTO room_server (room, server, members) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET members = ?3`,
      room,
      server,
      members,
    );
  } else db.run("DELETE FROM room_server WHERE room = ? AND server = ?", room, server);
}

/** The members of a room whose state became another one. Costs as much as differs. */
export function noteMembers(work: Work, key: RoomKey, before: StateId, after: StateId, position: number): void {
  if (before === after) return;
  const nodes = stateNodes(work.db, undefined);
  const now = memberships(work.db, entriesNotIn(nodes, after, before));
  const gone = memberships(work.db, entriesNotIn(nodes, before, after));
  for (const user of gone.keys()) if (!now.has(user)) now.set(user, "leave");
  for (const [user, membership] of now) noteMember(work, key, { user, membership, position });
}

function memberships(db: Database, keys: readonly number[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const key of keys) {
    const row = db.get<{ type: string; state_key: string; json: string }>(
      "SELECT type, state_key, json FROM room_event WHERE position = ?",
      key,
    );
    if (row?.type !== "m.room.member") continue;
    const { membership } = (JSON.parse(row.json) as { content: { membership?: unknown } }).content;
    if (typeof membership === "string") found.set(row.state_key, membership);
  }
  return found;
}

/** Which device an event came from. */
export function noteSender(work: Work, { sentBy }: { readonly sentBy: SentBy | undefined }, position: number): void {
  if (sentBy === undefined) return;
  work.db.run(
    "INSERT INTO room_event_sent (position, account, device, transaction_id) VALUES (?, ?, ?, ?)",
    position,
    sentBy.account,
    sentBy.device,
    sentBy.transaction,
  );
}

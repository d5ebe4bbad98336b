import type { AccountId, EventRange, RoomEventRecord, RoomMember, RoomRecord, StateId } from "../index.ts";
import { entriesNotIn, entryOf } from "../state-map.ts";
import type { Database } from "./database.ts";
import { stateHash } from "./rooms.ts";
import { stateNodes } from "./state-nodes.ts";

export type EventRow = [
  position: number,
  event: string,
  type: string,
  stateKey: string | null,
  state: StateId,
  json: string,
  account: AccountId | null,
  device: string,
  transaction: string,
  redaction: string | null,
  redactionJson: string,
];

/** What `recordOf` reads. */
export const EVENT = `SELECT e.position, e.name, e.type, e.state_key, e.state, e.json, s.account, s.device, s.transaction_id, r.name, r.json
  FROM room_event e LEFT JOIN room_event_sent s ON s.position = e.position LEFT JOIN room_event r ON r.name = e.redacted_by`;
export const OF_ROOM = "e.room = (SELECT id FROM room WHERE name = ?)";

export function recordOf([
  position,
  event,
  type,
  stateKey,
  state,
  json,
  account,
  device,
  transaction,
  redactedBy,
  redactionJson,
]: EventRow): RoomEventRecord {
  const sentBy = account === null ? undefined : { account, device, transaction };
  const redaction = redactedBy === null ? undefined : { event: redactedBy, json: redactionJson };
  return { position, event, type, stateKey: stateKey ?? undefined, state, json, sentBy, redaction };
}

export function room(db: Database, name: string): RoomRecord | undefined {
  const row = db.get<Omit<RoomRecord, "room" | "latest"> & { latest: string }>(
    "SELECT version, state, latest, depth, position FROM room WHERE name = ?",
    name,
  );
  return row && { ...row, room: name, latest: JSON.parse(row.latest) as string[] };
}

export function roomEvent(db: Database, name: string, event: string): RoomEventRecord | undefined {
  const [row] = db.lists<EventRow>(`${EVENT} WHERE ${OF_ROOM} AND e.name = ?`, name, event);
  return row && recordOf(row);
}

export function roomEvents(db: Database, name: string, range: EventRange): readonly RoomEventRecord[] {
  const order = range.order === "rising" ? "ASC" : "DESC";
  return db
    .lists<EventRow>(
      `${EVENT} WHERE ${OF_ROOM} AND e.position > ? AND e.position <= ? ORDER BY e.position ${order} LIMIT ?`,
      name,
      range.after,
      range.upTo,
      range.limit,
    )
    .map(recordOf);
}

type MemberRow = [room: string, user: string, membership: string, position: number];

function memberOf([room, user, membership, position]: MemberRow): RoomMember {
  return { room, user, membership, position };
}

export function roomMembers(db: Database, name: string): readonly RoomMember[] {
  return db
    .lists<MemberRow>(
      `SELECT ?1, user, membership, position FROM room_member
       WHERE room = (SELECT id FROM room WHERE name = ?1) ORDER BY user`,
      name,
    )
    .map(memberOf);
}

export function roomsOf(db: Database, user: string): readonly RoomMember[] {
  return db
    .lists<MemberRow>(
      `SELECT room.name, m.user, m.membership, m.position FROM room_member m JOIN room ON room.id = m.room
       WHERE m.user = ? AND m.forgotten = 0 ORDER BY m.room`,
      user,
    )
    .map(memberOf);
}

export function stateEvent(db: Database, state: StateId, type: string, stateKey: string): RoomEventRecord | undefined {
  const position = entryOf(stateNodes(db, undefined), state, stateHash(type, stateKey));
  return position === undefined ? undefined : eventAt(db, position);
}

export function stateEvents(db: Database, state: StateId, notIn: StateId): readonly RoomEventRecord[] {
  const positions = entriesNotIn(stateNodes(db, undefined), state, notIn);
  return [...positions]
    .sort((one, other) => one - other)
    .map(position => eventAt(db, position))
    .filter(record => record !== undefined);
}

function eventAt(db: Database, position: number): RoomEventRecord | undefined {
  const [row] = db.lists<EventRow>(`${EVENT} WHERE e.position = ?`, position);
  return row && recordOf(row);
}

import type {
  AccountId,
  EventRange,
  RoomEdge,
  RoomEventRecord,
  RoomMember,
  RoomRecord,
  StateEntry,
  StateId,
  StrippedState,
} from "../index.ts";
import { entriesNotIn, entryOf } from "../state-map.ts";
import type { Database } from "./database.ts";
import { STANDINGS } from "./room-events.ts";
import { stateHash } from "./room-notes.ts";
import { stateNodes } from "./state-nodes.ts";

export type EventRow = [
  place: number | null,
  standing: number,
  event: string,
  type: string,
  stateKey: string | null,
  state: StateId,
  roomState: StateId | null,
  json: string,
  account: AccountId | null,
  device: string,
  transaction: string,
  redaction: string | null,
  redactionJson: string,
];

/** What `recordOf` reads. */
export const EVENT = `SELECT e.place, e.standing, e.name, e.type, e.state_key, e.state, e.room_state, e.json, s.account, s.device, s.transaction_id, r.name, r.json
  FROM room_event e LEFT JOIN room_event_sent s ON s.position = e.position LEFT JOIN room_event r ON r.name = e.redacted_by`;
export const OF_ROOM = "e.room = (SELECT id FROM room WHERE name = ?)";

export function recordOf([
  place,
  standing,
  event,
  type,
  stateKey,
  state,
  roomState,
  json,
  account,
  device,
  transaction,
  redactedBy,
  redactionJson,
]: EventRow): RoomEventRecord {
  const sentBy = account === null ? undefined : { account, device, transaction };
  const redaction = redactedBy === null ? undefined : { event: redactedBy, json: redactionJson };
  return {
    position: place ?? 0,
    standing: STANDINGS[standing]!,
    event,
    type,
    stateKey: stateKey ?? undefined,
    state,
    roomState: roomState ?? state,
    json,
    sentBy,
    redaction,
  };
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
      `${EVENT} WHERE ${OF_ROOM} AND e.place > ? AND e.place <= ? ORDER BY e.place ${order} LIMIT ?`,
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

/** Without the events themselves: a large state is read often where branches of a room meet. */
export function stateEntries(db: Database, state: StateId): readonly StateEntry[] {
  return entriesNotIn(stateNodes(db, undefined), state, 0)
    .flatMap(position =>
      db.lists<[type: string, stateKey: string, event: string]>(
        "SELECT type, state_key, name FROM room_event WHERE position = ?",
        position,
      ),
    )
    .map(([type, stateKey, event]) => ({ type, stateKey, event }));
}

export function roomServers(db: Database, name: string): readonly string[] {
  return db
    .lists<[server: string]>(
      "SELECT server FROM room_server WHERE room = (SELECT id FROM room WHERE name = ?) ORDER BY server",
      name,
    )
    .map(([server]) => server);
}

export function roomOfEvent(db: Database, event: string): string | undefined {
  const [row] = db.lists<[room: string]>(
    "SELECT room.name FROM room_event e JOIN room ON room.id = e.room WHERE e.name = ?",
    event,
  );
  return row?.[0];
}

export function roomEdges(db: Database, name: string, limit: number): readonly RoomEdge[] {
  return db
    .lists<[event: string, depth: number]>(
      `SELECT name, depth FROM room_edge WHERE room = (SELECT id FROM room WHERE name = ?)
       ORDER BY depth DESC LIMIT ?`,
      name,
      limit,
    )
    .map(([event, depth]) => ({ event, depth }));
}

export function isRoomEdge(db: Database, name: string, event: string): boolean {
  const row = db.get(
    "SELECT 1 FROM room_edge WHERE room = (SELECT id FROM room WHERE name = ?) AND name = ?",
    name,
    event,
  );
  return row !== undefined;
}

export function strippedState(db: Database, name: string, user: string): StrippedState | undefined {
  const row = db.get<StrippedState>(
    "SELECT event, json FROM room_stripped WHERE room = (SELECT id FROM room WHERE name = ?) AND user = ?",
    name,
    user,
  );
  return row && { ...row };
}

function eventAt(db: Database, position: number): RoomEventRecord | undefined {
  const [row] = db.lists<EventRow>(`${EVENT} WHERE e.position = ?`, position);
  return row && recordOf(row);
}

import type { Instant } from "@scop/platform";
import type {
  ChatReads,
  EventRange,
  PublishedRoom,
  ReceiptRecord,
  RoomAliasRecord,
  RoomEventRecord,
  ThreadRecord,
  ThreadSummary,
} from "../index.ts";
import type { Database } from "./database.ts";
import type { SqliteEngine } from "./engine.ts";
import { mediaOf, mediaUse } from "./media.ts";
import { EVENT, type EventRow, OF_ROOM, recordOf } from "./room-reads.ts";

/** Without being told, SQLite looks at each event of the room, in the order of their places, and reads its JSON. */
const BY_RELATION = "room_event e INDEXED BY room_event_by_relation";
const RELATED = EVENT.replace("room_event e", BY_RELATION);

/** What is read of what goes along with rooms, answered between the batches. */
export function chatReadsOf(engine: Pick<SqliteEngine, "read">): ChatReads {
  return {
    roomAlias: alias => engine.read(db => roomAlias(db, alias)),
    roomAliases: room => engine.read(db => roomAliases(db, room)),
    isRoomPublished: room => engine.read(db => isPublished(db, room)),
    publishedRooms: () => engine.read(publishedRooms),
    receipt: (room, user, type, thread) => engine.read(db => receipt(db, room, user, type, thread)),
    receipts: (room, after) => engine.read(db => receipts(db, room, after)),
    redactionsOf: (room, event, limit) => engine.read(db => redactionsOf(db, room, event, limit)),
    relatedEvents: (room, event, relation, range) => engine.read(db => relatedEvents(db, room, event, relation, range)),
    threadSummary: (room, root, user, upTo) => engine.read(db => threadSummary(db, room, root, user, upTo)),
    threadsOf: (room, before, limit) => engine.read(db => threadsOf(db, room, before, limit)),
    eventByTime: (room, at, direction) => engine.read(db => eventByTime(db, room, at, direction)),
    media: media => engine.read(db => mediaOf(db, media)),
    mediaUse: account => engine.read(db => mediaUse(db, account)),
  };
}

function roomAlias(db: Database, alias: string): RoomAliasRecord | undefined {
  const row = db.get<RoomAliasRecord>(
    `SELECT alias, room.name AS room, creator FROM room_alias JOIN room ON room.id = room_alias.room WHERE alias = ?`,
    alias,
  );
  return row && { ...row };
}

function roomAliases(db: Database, room: string): readonly string[] {
  return db
    .lists<[string]>(
      "SELECT alias FROM room_alias WHERE room = (SELECT id FROM room WHERE name = ?) ORDER BY alias",
      room,
    )
    .map(([alias]) => alias);
}

function isPublished(db: Database, room: string): boolean {
  const row = db.get("SELECT 1 FROM published_room WHERE room = (SELECT id FROM room WHERE name = ?)", room);
  return row !== undefined;
}

function publishedRooms(db: Database): readonly PublishedRoom[] {
  return db
    .lists<[string, number]>(
      `SELECT room.name, (SELECT count(*) FROM room_member m WHERE m.room = room.id AND m.membership = 'join') AS joined
       FROM published_room JOIN room ON room.id = published_room.room ORDER BY joined DESC, room.id`,
    )
    .map(([room, joined]) => ({ room, joined }));
}

type ReceiptRow = [user: string, type: string, thread: string, event: string, at: number, position: number];

function receipt(db: Database, room: string, user: string, type: string, thread: string): ReceiptRecord | undefined {
  const row = db.get<ReceiptRecord>(
    `SELECT user, type, thread, event, at, position FROM receipt
     WHERE room = (SELECT id FROM room WHERE name = ?) AND user = ? AND type = ? AND thread = ?`,
    room,
    user,
    type,
    thread,
  );
  return row && { ...row };
}

function receipts(db: Database, room: string, after: number): readonly ReceiptRecord[] {
  return db
    .lists<ReceiptRow>(
      `SELECT user, type, thread, event, at, position FROM receipt
       WHERE room = (SELECT id FROM room WHERE name = ?) AND position > ? ORDER BY position`,
      room,
      after,
    )
    .map(([user, type, thread, event, at, position]) => ({ user, type, thread, event, at, position }));
}

function redactionsOf(db: Database, room: string, event: string, limit: number): readonly RoomEventRecord[] {
  return db
    .lists<EventRow>(`${EVENT} WHERE ${OF_ROOM} AND e.redacts = ? ORDER BY e.position LIMIT ?`, room, event, limit)
    .map(recordOf);
}

function relatedEvents(
  db: Database,
  room: string,
  event: string,
  relation: string | undefined,
  { after, upTo, order, limit }: EventRange,
): readonly RoomEventRecord[] {
  return db
    .lists<EventRow>(
      `${RELATED} WHERE ${OF_ROOM} AND e.relates_to = ?2 AND e.relates_to IS NOT NULL AND e.place > ?3 AND e.place <= ?4 AND (?5 IS NULL OR e.relation = ?5)
       ORDER BY e.place ${order === "rising" ? "ASC" : "DESC"} LIMIT ?6`,
      room,
      event,
      after,
      upTo,
      relation ?? null,
      limit,
    )
    .map(recordOf);
}

function threadSummary(db: Database, room: string, root: string, user: string, upTo: number): ThreadSummary {
  const [row] = db.lists<[count: number, own: number | null]>(
    `SELECT count(*), sum(json_extract(e.json, '$.sender') = ?3) FROM ${BY_RELATION}
     WHERE e.room = (SELECT id FROM room WHERE name = ?1) AND e.relates_to = ?2 AND e.relates_to IS NOT NULL AND e.relation = 'm.thread' AND e.place <= ?4`,
    room,
    root,
    user,
    upTo,
  );
  return { count: row?.[0] ?? 0, isTakingPart: (row?.[1] ?? 0) > 0 };
}

function threadsOf(db: Database, room: string, before: number, limit: number): readonly ThreadRecord[] {
  return db
    .lists<[string, number]>(
      `SELECT e.relates_to, max(e.place) AS last FROM room_event e
       WHERE ${OF_ROOM} AND e.relates_to IS NOT NULL AND e.relation = 'm.thread' AND e.place IS NOT NULL
       GROUP BY e.relates_to HAVING last < ? ORDER BY last DESC LIMIT ?`,
      room,
      before,
      limit,
    )
    .map(([root, position]) => ({ root, position }));
}

function eventByTime(
  db: Database,
  room: string,
  at: Instant,
  direction: "after" | "before",
): RoomEventRecord | undefined {
  const sql =
    direction === "after"
      ? `${EVENT} WHERE ${OF_ROOM} AND e.said >= ? AND e.place IS NOT NULL ORDER BY e.said ASC, e.place ASC LIMIT 1`
      : `${EVENT} WHERE ${OF_ROOM} AND e.said <= ? AND e.place IS NOT NULL ORDER BY e.said DESC, e.place DESC LIMIT 1`;
  const [row] = db.lists<EventRow>(sql, room, at);
  return row && recordOf(row);
}

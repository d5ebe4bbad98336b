import type { ChangeResults, EventFate, EventStanding, Refusal, StateDraft, StateId } from "../index.ts";
import { EMPTY_STATE } from "../rooms.ts";
import { stateOf, withEntry, withoutEntry } from "../state-map.ts";
import type { Database } from "./database.ts";
import { noteMember, noteMembers, noteSender, stateHash, stateWith, touchRoom } from "./room-notes.ts";
import { stateNodes } from "./state-nodes.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

/** What became of an event, as the table has it. */
export const STANDINGS: readonly EventStanding[] = ["accepted", "outlier", "soft-failed", "rejected"];

interface RoomRow {
  readonly id: number;
  readonly state: StateId;
  readonly latest: string;
  readonly depth: number;
}

interface KnownRow {
  readonly position: number;
  readonly state: StateId;
}

/** An event that is taken, with its key and its states. */
interface Taken {
  readonly change: ChangeOf<"take-event">;
  readonly row: RoomRow;
  readonly key: number;
  readonly state: StateId;
}

/** An event of another server, or one of ours over several others. */
export function takeEvent(work: Work, change: ChangeOf<"take-event">): ChangeResults["take-event"] | Refusal {
  const { db } = work;
  const { become } = change;
  const row = db.get<RoomRow>("SELECT id, state, latest, depth FROM room WHERE name = ?", change.room);
  if (row === undefined) return "missing";
  const known = db.get<KnownRow>("SELECT position, state FROM room_event WHERE name = ?", change.event);
  if (known !== undefined && known.state !== EMPTY_STATE) return "exists";
  if (become.fate === "latest" && row.latest !== listed(become.seen)) return "in-use";
  if (isTaken(work, row.id, become)) return "in-use";
  const before = stateMade(work, change.room, change.before);
  if (before === undefined) return "missing";
  const key = known?.position ?? work.state.next("stream");
  const state = become.fate === "rejected" ? before : stateWith(work, before, change, key);
  const place = placeOf(work, become, known === undefined ? key : undefined);
  store(work, change, { id: row.id, key, state, place });
  noteEdges(db, row.id, change);
  if (become.fate === "latest" && !takeIntoRoom(work, { change, row, key, state }, become, place!)) return "missing";
  noteSender(work, change, key);
  return { position: place ?? 0, event: change.event };
}

/** Where clients find it: at the end of the stream, before everything, or nowhere. */
function placeOf(work: Work, become: EventFate, key: number | undefined): number | null {
  if (become.fate === "latest") return key ?? work.state.next("stream");
  return become.fate === "backfilled" ? become.place : null;
}

function isTaken({ db }: Work, room: number, become: EventFate): boolean {
  if (become.fate !== "backfilled") return false;
  return db.get("SELECT 1 FROM room_event WHERE room = ? AND place = ?", room, become.place) !== undefined;
}

function store(
  { db }: Work,
  change: ChangeOf<"take-event">,
  at: { readonly id: number; readonly key: number; readonly state: StateId; readonly place: number | null },
): void {
  const { fate } = change.become;
  db.run(
    `INSERT INTO room_event (position, place, room, name, type, state_key, state, standing, json)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
     ON CONFLICT (position) DO UPDATE SET place = ?2, state = ?7, standing = ?8, json = ?9`,
    at.key,
    at.place,
    at.id,
    change.event,
    change.type,
    change.stateKey ?? null,
    at.state,
    STANDINGS.indexOf(fate === "latest" || fate === "backfilled" ? "accepted" : fate),
    change.json,
  );
}

/** What it comes after and is not here is the edge of what is known, if it counts itself. */
function noteEdges(db: Database, room: number, { event, previous, depth, become }: ChangeOf<"take-event">): void {
  db.run("DELETE FROM room_edge WHERE room = ? AND name = ?", room, event);
  if (become.fate === "rejected" || become.fate === "soft-failed") return;
  for (const each of previous) {
    if (db.get("SELECT 1 FROM room_event WHERE name = ? AND state <> 0", each) !== undefined) continue;
    db.run("INSERT INTO room_edge (room, name, depth) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", room, each, depth);
  }
}

function takeIntoRoom(
  work: Work,
  { change, row, key, state }: Taken,
  { latest, state: draft }: Extract<EventFate, { readonly fate: "latest" }>,
  place: number,
): boolean {
  const roomState = draft === "own" ? state : stateMade(work, change.room, draft);
  if (roomState === undefined) return false;
  work.db.run(
    "UPDATE room SET state = ?, latest = ?, depth = ?, position = ? WHERE id = ?",
    roomState,
    listed(latest),
    Math.max(row.depth, change.depth),
    place,
    row.id,
  );
  if (roomState !== state) work.db.run("UPDATE room_event SET room_state = ? WHERE position = ?", roomState, key);
  touchRoom(work, change.room);
  noteMembers(work, { id: row.id, room: change.room }, row.state, roomState, place);
  return true;
}

/** The state of a draft; undefined where one of its events is not here. */
function stateMade(work: Work, room: string, { base, put, remove }: StateDraft): StateId | undefined {
  const entries: [string, number][] = [];
  for (const { type, stateKey, event } of put) {
    const row = work.db.get<{ position: number }>(
      "SELECT position FROM room_event WHERE name = ? AND room = (SELECT id FROM room WHERE name = ?)",
      event,
      room,
    );
    if (row === undefined) return undefined;
    entries.push([stateHash(type, stateKey), row.position]);
  }
  const nodes = stateNodes(work.db, work.state);
  if (base === EMPTY_STATE) return stateOf(nodes, entries) as StateId;
  let made: number = base;
  for (const { type, stateKey } of remove) made = withoutEntry(nodes, made, stateHash(type, stateKey));
  for (const entry of entries) made = withEntry(nodes, made, entry);
  return made as StateId;
}

/** An event that others are authorised by. */
export function addOutlier(work: Work, change: ChangeOf<"add-outlier">): object | Refusal {
  const row = work.db.get<{ id: number }>("SELECT id FROM room WHERE name = ?", change.room);
  if (row === undefined) return "missing";
  if (work.db.get("SELECT 1 FROM room_event WHERE name = ?", change.event) !== undefined) return DONE;
  work.db.run(
    "INSERT INTO room_event (position, room, name, type, state_key, state, standing, json) VALUES (?, ?, ?, ?, ?, 0, ?, ?)",
    work.state.next("stream"),
    row.id,
    change.event,
    change.type,
    change.stateKey ?? null,
    STANDINGS.indexOf(change.standing),
    change.json,
  );
  return DONE;
}

/** What somebody is in a room whose state is not here. */
export function putMember(work: Work, { room, user, membership, stripped }: ChangeOf<"put-member">): object | Refusal {
  const row = work.db.get<{ id: number }>("SELECT id FROM room WHERE name = ?", room);
  if (row === undefined) return "missing";
  noteMember(work, { id: row.id, room }, { user, membership, position: work.state.next("stream") });
  if (stripped === undefined) return DONE;
  work.db.run(
    "INSERT INTO room_stripped (room, user, event, json) VALUES (?, ?, ?, ?)",
    row.id,
    user,
    stripped.event,
    stripped.json,
  );
  return DONE;
}

function listed(latest: readonly string[]): string {
  return JSON.stringify([...latest].sort());
}

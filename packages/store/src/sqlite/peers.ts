import { type ChangeResults, PEER_EDUS_MAX, PEER_EVENTS_MAX, type Refusal, SLOW_PEER_EVENTS_MAX } from "../index.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

interface PeerRow {
  readonly id: number;
  readonly attempts: number;
  readonly events: number;
  readonly edus: number;
  /** So many events are thinned out. */
  readonly thin_at: number;
  /** The transaction that was begun; empty where none is, and then the two bounds are 0. */
  readonly txn: string;
  readonly through_event: number;
  readonly through_edu: number;
}

const PEER = "SELECT id, attempts, events, edus, thin_at, txn, through_event, through_edu FROM peer WHERE name = ?";

function known(work: Work, name: string): PeerRow | undefined {
  return work.db.get<PeerRow>(PEER, name);
}

function knownOrNew(work: Work, name: string): PeerRow {
  work.touched.peers = true;
  const found = known(work, name);
  if (found !== undefined) return found;
  work.db.run(
    `INSERT INTO peer (name, attempts, events, edus, thin_at, wake, txn, through_event, through_edu)
     VALUES (?, 0, 0, 0, 0, ?, '', 0, 0)`,
    name,
    work.now,
  );
  return known(work, name)!;
}

export function queueEvent(work: Work, { event, to }: ChangeOf<"queue-event">): object | Refusal {
  const found = work.db.get<{ position: number; room: number }>(
    "SELECT position, room FROM room_event WHERE name = ?",
    event,
  );
  if (found === undefined) return "missing";
  for (const name of to) {
    const peer = knownOrNew(work, name);
    const added = work.db.run(
      "INSERT INTO peer_event (peer, position, room) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
      peer.id,
      found.position,
      found.room,
    );
    if (added === 0) continue;
    work.db.run("UPDATE peer SET events = events + 1 WHERE id = ?", peer.id);
    const most = peer.attempts > 0 ? PEER_EVENTS_MAX : SLOW_PEER_EVENTS_MAX;
    if (peer.events + 1 > Math.max(most, peer.thin_at)) thinOut(work, peer);
  }
  return DONE;
}

/** Leaves the last event of each room, and those of the transaction that was begun: it has to stay as it is. */
function thinOut(work: Work, { id, events, through_event: through }: PeerRow): void {
  const gone = work.db.run(
    `DELETE FROM peer_event WHERE peer = ?1 AND position > ?2
     AND position NOT IN (SELECT max(position) FROM peer_event WHERE peer = ?1 GROUP BY room)`,
    id,
    through,
  );
  const left = events + 1 - gone;
  // With many rooms little goes: the next time is when there are twice as many.
  work.db.run("UPDATE peer SET events = ?, thin_at = ? WHERE id = ?", left, 2 * left, id);
}

export function queueEdu(work: Work, { to, json, key, keep }: ChangeOf<"queue-edu">): object {
  for (const name of to) {
    const before = known(work, name);
    if (keep === "while-reachable" && before !== undefined && before.attempts > 0) continue;
    const peer = before ?? knownOrNew(work, name);
    work.touched.peers = true;
    const { id, through_edu: through } = peer;
    let edus = peer.edus + 1;
    if (key !== undefined) {
      edus -= work.db.run("DELETE FROM peer_edu WHERE peer = ? AND key = ? AND id > ?", id, key, through);
    }
    if (edus > PEER_EDUS_MAX) {
      edus -= work.db.run(
        "DELETE FROM peer_edu WHERE id = (SELECT id FROM peer_edu WHERE peer = ? AND id > ? ORDER BY id LIMIT 1)",
        id,
        through,
      );
    }
    work.db.run("INSERT INTO peer_edu (peer, key, json) VALUES (?, ?, ?)", id, key ?? null, json);
    work.db.run("UPDATE peer SET edus = ? WHERE id = ?", edus, id);
  }
  return DONE;
}

export function beginSending(
  work: Work,
  { peer: name, transaction, eventsMax, edusMax }: ChangeOf<"begin-sending">,
): ChangeResults["begin-sending"] {
  const { db } = work;
  const peer = known(work, name);
  if (peer === undefined) return { sending: undefined };
  const { id, attempts } = peer;
  let { txn, through_event: throughEvent, through_edu: throughEdu } = peer;
  if (txn === "") {
    txn = transaction;
    const events = db.lists<[number]>(
      "SELECT position FROM peer_event WHERE peer = ? ORDER BY position LIMIT ?",
      id,
      eventsMax,
    );
    const edus = db.lists<[number]>("SELECT id FROM peer_edu WHERE peer = ? ORDER BY id LIMIT ?", id, edusMax);
    throughEvent = events.at(-1)?.[0] ?? 0;
    throughEdu = edus.at(-1)?.[0] ?? 0;
    db.run(
      "UPDATE peer SET txn = ?, through_event = ?, through_edu = ? WHERE id = ?",
      txn,
      throughEvent,
      throughEdu,
      id,
    );
  }
  const events = db.lists<[string]>(
    `SELECT e.json FROM peer_event p JOIN room_event e ON e.position = p.position
     WHERE p.peer = ? AND p.position <= ? ORDER BY p.position`,
    id,
    throughEvent,
  );
  const edus = db.lists<[string]>("SELECT json FROM peer_edu WHERE peer = ? AND id <= ? ORDER BY id", id, throughEdu);
  const all = { events: events.map(([json]) => json), edus: edus.map(([json]) => json) };
  return { sending: { transaction: txn, attempts, ...all } };
}

export function endSending(
  work: Work,
  { peer: name, transaction, outcome }: ChangeOf<"end-sending">,
): object | Refusal {
  const { db } = work;
  const peer = known(work, name);
  if (peer === undefined || peer.txn !== transaction) return "lost-lease";
  const { id } = peer;
  if (outcome.outcome === "retry") {
    db.run("UPDATE peer SET attempts = attempts + 1, wake = ? WHERE id = ?", outcome.due, id);
    return DONE;
  }
  const events =
    peer.events - db.run("DELETE FROM peer_event WHERE peer = ? AND position <= ?", id, peer.through_event);
  const edus = peer.edus - db.run("DELETE FROM peer_edu WHERE peer = ? AND id <= ?", id, peer.through_edu);
  if (events === 0 && edus === 0) db.run("DELETE FROM peer WHERE id = ?", id);
  else {
    db.run(
      `UPDATE peer SET attempts = 0, events = ?, edus = ?, thin_at = 0, wake = ?, txn = '', through_event = 0, through_edu = 0
       WHERE id = ?`,
      events,
      edus,
      work.now,
      id,
    );
  }
  return DONE;
}

export function retryPeer(work: Work, { peer }: ChangeOf<"retry-peer">): object | Refusal {
  work.touched.peers = true;
  return work.db.run("UPDATE peer SET wake = min(wake, ?) WHERE name = ?", work.now, peer) === 1 ? DONE : "missing";
}

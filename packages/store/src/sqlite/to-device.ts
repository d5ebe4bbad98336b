import {
  type AccountId,
  type Refusal,
  TO_DEVICE_MAX,
  TO_DEVICE_OCTETS_MAX,
  TO_DEVICE_OF_SERVER_MAX,
  TO_DEVICE_OF_USER_MAX,
} from "../index.ts";
import type { Database } from "./database.ts";
import { type ChangeOf, DONE, type Work } from "./work.ts";

export function sendToDevice(work: Work, change: ChangeOf<"send-to-device">): object | Refusal {
  const { db } = work;
  const { account, device, from, json } = change;
  const devices =
    device === undefined
      ? db.lists<[string]>("SELECT name FROM device WHERE account = ?", account)
      : db.lists<[string]>("SELECT name FROM device WHERE account = ? AND name = ?", account, device);
  const octets = Buffer.byteLength(json);
  for (const [name] of devices) {
    if (!hasRoom(db, account, name, from, octets)) continue;
    db.run(
      "INSERT INTO to_device (position, account, device, sender, octets, json) VALUES (?, ?, ?, ?, ?, ?)",
      work.state.next("stream"),
      account,
      name,
      from,
      octets,
      json,
    );
    work.touched.toDevice.set(account, (work.touched.toDevice.get(account) ?? new Set()).add(name));
  }
  return DONE;
}

function hasRoom(db: Database, account: AccountId, device: string, from: string, octets: number): boolean {
  const all = db.get<{ count: number; octets: number }>(
    "SELECT count(*) AS count, coalesce(sum(octets), 0) AS octets FROM to_device WHERE account = ? AND device = ?",
    account,
    device,
  );
  if ((all?.count ?? 0) >= TO_DEVICE_MAX || (all?.octets ?? 0) + octets > TO_DEVICE_OCTETS_MAX) return false;
  const ofOneMax = from.startsWith("@") ? TO_DEVICE_OF_USER_MAX : TO_DEVICE_OF_SERVER_MAX;
  if ((all?.count ?? 0) < ofOneMax) return true;
  const own = db.get<{ count: number }>(
    "SELECT count(*) AS count FROM to_device WHERE account = ? AND device = ? AND sender = ?",
    account,
    device,
    from,
  );
  return (own?.count ?? 0) < ofOneMax;
}

export function acknowledgeToDevice(
  { db }: Work,
  { account, device, upTo }: ChangeOf<"acknowledge-to-device">,
): object | Refusal {
  db.run("DELETE FROM to_device WHERE account = ? AND device = ? AND position <= ?", account, device, upTo);
  return DONE;
}

export function noteDeviceList(work: Work, { user, seenBy }: ChangeOf<"note-device-list">): object | Refusal {
  work.db.run(
    `INSERT INTO device_list (user, seen_by, position) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET position = ?3`,
    user,
    seenBy ?? "",
    work.state.next("stream"),
  );
  const { users, rooms } = work.touched.deviceLists;
  users.add(seenBy ?? user);
  if (seenBy !== undefined) return DONE;
  const joined = work.db.lists<[string]>(
    `SELECT room.name FROM room_member m JOIN room ON room.id = m.room WHERE m.user = ? AND m.membership = 'join'`,
    user,
  );
  for (const [room] of joined) rooms.add(room);
  return DONE;
}

import { isJsonObject, type JsonObject, type JsonValue, jsonObject, objectAt, textAt } from "@scop/matrix/json";
import { type BackedUpKey, type BackupPlace, type BackupState, KEY_BACKUPS_MAX, KEY_CHARACTERS_MAX } from "@scop/store";
import { canonicalText } from "../canonical-text.ts";
import { type Answered, type Context, type OwnCall, queryText } from "../context.ts";
import { MatrixFault } from "../http.ts";

/** Keys of one request. Our own bound: clients send a hundred at a time, and a body has 1 MiB. */
const KEYS_MAX = 5_000;
/** Characters of the id of a room or of a session. Client-server API, room ids: 255 */
const ID_CHARACTERS_MAX = 255;

/** `POST /room_keys/version` */
export async function postRoomKeysVersion({ store }: Context, { body, who }: OwnCall): Answered {
  const { account } = who;
  const change = {
    change: "add-key-backup",
    account,
    algorithm: textAt(body, "algorithm")!,
    authData: dataOf(body),
  } as const;
  const answer = await store.transaction({ changes: [change] });
  if (!answer.ok) {
    throw new MatrixFault(
      400,
      "M_TOO_LARGE",
      `An account keeps at most ${KEY_BACKUPS_MAX} backups: delete an old one.`,
    );
  }
  return { version: String(answer.results[0].version) };
}

/** `GET /room_keys/version`, and one version */
export async function getRoomKeysVersion({ store }: Context, call: OwnCall): Answered {
  const version = call.path.has("version") ? versionOf(call.path.get("version")) : undefined;
  const found = await store.encryption.keyBackup(call.who.account, version);
  if (found === undefined) throw noBackup();
  const { algorithm, authData, etag, count } = found;
  const shown = { algorithm, auth_data: JSON.parse(authData) as object, version: String(found.version) };
  return { ...shown, etag: String(etag), count };
}

/** `PUT /room_keys/version/{version}`: what belongs to the algorithm, which stays. */
export async function putRoomKeysVersion({ store }: Context, { path, body, who }: OwnCall): Answered {
  const version = versionOf(path.get("version"));
  const found = await store.encryption.keyBackup(who.account, version);
  if (found === undefined) throw noBackup();
  if (textAt(body, "algorithm") !== found.algorithm) {
    throw new MatrixFault(400, "M_INVALID_PARAM", "The algorithm of a backup stays.");
  }
  if ((textAt(body, "version") ?? path.get("version")) !== path.get("version")) {
    throw new MatrixFault(400, "M_INVALID_PARAM", "The version in the body is another one.");
  }
  const change = { change: "set-key-backup", account: who.account, version, authData: dataOf(body) } as const;
  const answer = await store.transaction({ changes: [change] });
  if (!answer.ok) throw noBackup();
  return {};
}

/** `DELETE /room_keys/version/{version}` */
export async function deleteRoomKeysVersion({ store }: Context, { path, who }: OwnCall): Answered {
  const version = versionOf(path.get("version"));
  const answer = await store.transaction({
    changes: [{ change: "remove-key-backup", account: who.account, version }],
  });
  if (!answer.ok) throw noBackup();
  return {};
}

/** `PUT /room_keys/keys`, those of a room, and one */
export async function putRoomKeys({ store }: Context, call: OwnCall): Answered {
  const { account } = call.who;
  const version = versionOf(queryText(call, "version"));
  const keys = [...keysIn(call)];
  const answer = await store.transaction({ changes: [{ change: "back-up-keys", account, version, keys }] });
  if (answer.ok) return shownState(answer.results[0]);
  if (answer.refusal === "over-quota") {
    throw new MatrixFault(400, "M_TOO_LARGE", "The account keeps as many room keys as it may.");
  }
  const newest = await store.encryption.keyBackup(account, undefined);
  if (answer.refusal === "missing" || newest === undefined) throw noBackup();
  throw new MatrixFault(403, "M_WRONG_ROOM_KEYS_VERSION", "There is a newer backup.", {
    current_version: String(newest.version),
  });
}

/** `GET /room_keys/keys`, those of a room, and one */
export async function getRoomKeys({ store }: Context, call: OwnCall): Answered {
  const place = placeOf(call);
  if ((await store.encryption.keyBackup(place.account, place.version)) === undefined) throw noBackup();
  const rooms = new Map<string, Map<string, object>>();
  for (const { room, session, json } of await store.encryption.backedUpKeys(place)) {
    const sessions = rooms.get(room) ?? new Map<string, object>();
    rooms.set(room, sessions.set(session, JSON.parse(json) as object));
  }
  const sessionsOf = (room: string): Readonly<Record<string, object>> => Object.fromEntries(rooms.get(room) ?? []);
  if (place.room === undefined) {
    return { rooms: Object.fromEntries([...rooms.keys()].map(room => [room, { sessions: sessionsOf(room) }])) };
  }
  if (place.session === undefined) return { sessions: sessionsOf(place.room) };
  const key = rooms.get(place.room)?.get(place.session);
  if (key === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "The backup has no such key.");
  return key;
}

/** `DELETE /room_keys/keys`, those of a room, and one */
export async function deleteRoomKeys({ store }: Context, call: OwnCall): Answered {
  const answer = await store.transaction({ changes: [{ change: "forget-backed-up-keys", place: placeOf(call) }] });
  if (!answer.ok) throw noBackup();
  return shownState(answer.results[0]);
}

function shownState({ etag, count }: BackupState): object {
  return { etag: String(etag), count };
}

function placeOf(call: OwnCall): BackupPlace {
  return {
    account: call.who.account,
    version: versionOf(queryText(call, "version")),
    room: call.path.get("roomId"),
    session: call.path.get("sessionId"),
  };
}

function versionOf(text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) throw noBackup();
  return Number(text);
}

function noBackup(): MatrixFault {
  return new MatrixFault(404, "M_NOT_FOUND", "There is no such backup.");
}

function dataOf(body: JsonObject): string {
  const text = canonicalText(objectAt(body, "auth_data")!);
  if (text.length > KEY_CHARACTERS_MAX) throw new MatrixFault(413, "M_TOO_LARGE", "auth_data is too large.");
  return text;
}

/** The keys of a request: of all rooms, of one, or one alone. */
function keysIn({ path, body }: OwnCall): readonly BackedUpKey[] {
  const [room, session] = [path.get("roomId"), path.get("sessionId")];
  if (room !== undefined && session !== undefined) return [keyOf(room, session, body)];
  const rooms = room === undefined ? objectAt(body, "rooms")! : new Map<string, JsonValue>([[room, body]]);
  const found: BackedUpKey[] = [];
  for (const [name, each] of rooms) {
    const sessions = isJsonObject(each) ? objectAt(each, "sessions") : undefined;
    if (sessions === undefined) throw new MatrixFault(400, "M_BAD_JSON", "Keys are by room and session.");
    for (const [id, key] of sessions) found.push(keyOf(name, id, key));
    if (found.length > KEYS_MAX) throw new MatrixFault(413, "M_TOO_LARGE", `At most ${KEYS_MAX} keys at a time.`);
  }
  return found;
}

/** Client-server API, KeyBackupData */
function keyOf(room: string, session: string, key: JsonValue): BackedUpKey {
  if (Math.max(room.length, session.length) > ID_CHARACTERS_MAX) {
    throw new MatrixFault(400, "M_INVALID_PARAM", `Ids have at most ${ID_CHARACTERS_MAX} characters.`);
  }
  const read = isJsonObject(key) ? key : new Map<string, JsonValue>();
  const [firstMessageIndex, forwardedCount, isVerified] = ["first_message_index", "forwarded_count", "is_verified"].map(
    name => read.get(name),
  );
  const data = objectAt(read, "session_data");
  if (!isCount(firstMessageIndex) || !isCount(forwardedCount) || typeof isVerified !== "boolean" || !data) {
    throw new MatrixFault(400, "M_BAD_JSON", "A key has an index, a count, whether it is verified, and its data.");
  }
  const kept = { first_message_index: firstMessageIndex, forwarded_count: forwardedCount, is_verified: isVerified };
  const json = canonicalText(jsonObject({ ...kept, session_data: data }));
  if (json.length > KEY_CHARACTERS_MAX) throw new MatrixFault(413, "M_TOO_LARGE", "The key is too large.");
  return { room, session, firstMessageIndex, forwardedCount, isVerified, json };
}

function isCount(value: JsonValue | undefined): value is number {
  return typeof value === "number" && value >= 0;
}

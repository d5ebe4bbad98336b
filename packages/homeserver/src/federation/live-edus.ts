import { serverOf } from "@scop/matrix/auth";
import { isJsonObject, type JsonObject, type JsonValue, objectAt, textAt } from "@scop/matrix/json";
import type { Context } from "../context.ts";
import { receiptChanges } from "../live/receipts.ts";
import { isList } from "../schema.ts";
import { isServerAllowed } from "./acl.ts";

/** Receipts of one EDU. Ours. */
const RECEIPTS_MAX = 1_000;
/** Users of one EDU of presence. Ours. */
const PRESENCES_MAX = 1_000;
/** Somebody elsewhere types until it is said again. Ours; servers say it again before. */
const TYPING_MS = 30_000;
const THREAD_CHARACTERS_MAX = 255;

/** `m.typing`: of a user of that server who is in the room. */
export async function typingElsewhere(context: Context, origin: string, content: JsonObject): Promise<void> {
  const [room, user] = [textAt(content, "room_id"), textAt(content, "user_id")];
  if (room === undefined || user === undefined || !(await mayTell(context, origin, room, user))) return;
  context.heard.typing.set(room, user, content.get("typing") === true ? TYPING_MS : 0);
}

/** `m.receipt`: of users of that server who are in the rooms, for events that are here; each is looked at alone. */
export async function receiptsElsewhere(context: Context, origin: string, content: JsonObject): Promise<void> {
  let looked = 0;
  for (const [room, types] of content) {
    const users = isJsonObject(types) ? objectAt(types, "m.read") : undefined;
    for (const [user, receipt] of users ?? []) {
      looked += 1;
      if (looked > RECEIPTS_MAX) return;
      if (isJsonObject(receipt)) await takeReceipt(context, origin, room, user, receipt);
    }
  }
}

async function takeReceipt(
  context: Context,
  origin: string,
  room: string,
  user: string,
  receipt: JsonObject,
): Promise<void> {
  if (!(await mayTell(context, origin, room, user))) return;
  const data = objectAt(receipt, "data");
  const thread = (data && textAt(data, "thread_id")) ?? "";
  if (thread.length > THREAD_CHARACTERS_MAX) return;
  for (const event of textsOf(receipt.get("event_ids")).slice(-1)) {
    if ((await context.store.roomEvent(room, event)) === undefined) continue;
    const changes = await receiptChanges(context, user, { room, type: "m.read", thread, event });
    if (changes.length > 0) await context.store.transaction({ changes });
  }
}

/** `m.presence`: of users of that server; who shares a room with them hears of it, where this server keeps any. */
export async function presenceElsewhere(
  { heard, store, io }: Context,
  origin: string,
  content: JsonObject,
): Promise<void> {
  const push = content.get("push");
  for (const each of (isList(push) ? push : []).slice(0, PRESENCES_MAX)) {
    const [user, presence] = isJsonObject(each) ? [textAt(each, "user_id"), textAt(each, "presence")] : [];
    if (user === undefined || serverOf(user) !== origin) continue;
    if (presence !== "online" && presence !== "offline" && presence !== "unavailable") continue;
    heard.presence?.heard(user, presence, io.clock.now());
    for (const { room, membership } of await store.roomsOf(user)) if (membership === "join") heard.tell(room);
  }
}

/** Whether a server may say something of a user in a room: the user is its own and in the room, and the room does not keep it out. */
async function mayTell(context: Context, origin: string, room: string, user: string): Promise<boolean> {
  if (serverOf(user) !== origin) return false;
  const record = await context.store.room(room);
  const member = (await context.store.roomsOf(user)).find(each => each.room === room);
  return record !== undefined && member?.membership === "join" && isServerAllowed(context, record, origin);
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  return isList(value) ? value.filter(each => typeof each === "string") : [];
}

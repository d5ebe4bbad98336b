import { textAt } from "@scop/matrix/json";
import type { ReceiptRecord, RoomChange } from "@scop/store";
import { putAccountData } from "../account-data.ts";
import type { Answered, Context, OwnCall } from "../context.ts";
import { joinedRoom } from "../directory/aliases.ts";
import { roomNews } from "../federation/live-news.ts";
import { MatrixFault } from "../http.ts";

/** What `POST /receipt` takes. */
const RECEIPTS: ReadonlySet<string> = new Set(["m.read", "m.read.private"]);
const FULLY_READ = "m.fully_read";
/** Receipts of one room in one answer. Our own bound: those given last. */
const RECEIPTS_MAX = 1_000;

/** `POST /rooms/{roomId}/receipt/{receiptType}/{eventId}` */
export async function postReceipt(context: Context, call: OwnCall): Answered {
  const { room } = await joinedRoom(context, call.path.get("roomId")!, call.who.user);
  const type = call.path.get("receiptType")!;
  const event = call.path.get("eventId")!;
  if (type === FULLY_READ) return markFullyRead(context, call, room, event);
  if (!RECEIPTS.has(type)) throw new MatrixFault(400, "M_INVALID_PARAM", `${type} is no type of receipts.`);
  const thread = textAt(call.body, "thread_id");
  if (thread === "") throw new MatrixFault(400, "M_INVALID_PARAM", "thread_id is a thread, or is left out.");
  const changes = await ownChanges(context, call, { room, type, thread: thread ?? "", event });
  if (changes.length > 0) await context.store.transaction({ changes });
  return {};
}

/** `POST /rooms/{roomId}/read_markers` */
export async function setReadMarker(context: Context, call: OwnCall): Answered {
  const { room } = await joinedRoom(context, call.path.get("roomId")!, call.who.user);
  const fully = textAt(call.body, FULLY_READ);
  if (fully !== undefined) await markFullyRead(context, call, room, fully);
  const changes: RoomChange[] = [];
  for (const type of RECEIPTS) {
    const event = textAt(call.body, type);
    if (event !== undefined) changes.push(...(await ownChanges(context, call, { room, type, thread: "", event })));
  }
  if (changes.length > 0) await context.store.transaction({ changes });
  return {};
}

async function markFullyRead(context: Context, { who }: OwnCall, room: string, event: string): Answered {
  await mustBeThere(context, room, event);
  return putAccountData(context, who, { room, type: FULLY_READ, json: JSON.stringify({ event_id: event }) });
}

/** What is read, of which thread. */
interface Read {
  readonly room: string;
  readonly type: string;
  readonly thread: string;
  readonly event: string;
}

/** A receipt of a user of ours: other servers in the room are told of it, unless it is private. */
async function ownChanges(context: Context, { who }: OwnCall, read: Read): Promise<readonly RoomChange[]> {
  const changes = await receiptChanges(context, who.user, read);
  if (changes.length === 0 || read.type !== "m.read") return changes;
  const { room, thread, event } = read;
  const data = { ts: context.io.clock.now(), ...(thread === "" ? {} : { thread_id: thread }) };
  const content = { [room]: { "m.read": { [who.user]: { data, event_ids: [event] } } } };
  const edu = { edu_type: "m.receipt", content };
  return [...changes, ...(await roomNews(context, room, { key: `receipt ${room} ${who.user} ${thread}`, edu }))];
}

/** A receipt goes forward alone: what is older than the one before changes nothing. */
export async function receiptChanges(context: Context, user: string, read: Read): Promise<readonly RoomChange[]> {
  const position = await mustBeThere(context, read.room, read.event);
  const known = await context.store.receipt(read.room, user, read.type, read.thread);
  const before = known && (await context.store.roomEvent(read.room, known.event));
  if (before !== undefined && before.position >= position) return [];
  return [{ change: "put-receipt", user, ...read, at: context.io.clock.now() }];
}

async function mustBeThere({ store }: Context, room: string, event: string): Promise<number> {
  const found = await store.roomEvent(room, event);
  if (found === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such event in this room.");
  return found.position;
}

/** Receipts as `/sync` tells them to a user; undefined where there are none. Private ones are for who gave them. */
export function receiptEvent(receipts: readonly ReceiptRecord[], reader: string): object | undefined {
  const content = new Map<string, Map<string, Map<string, object>>>();
  for (const { user, type, thread, event, at } of receipts.slice(-RECEIPTS_MAX)) {
    if (type === "m.read.private" && user !== reader) continue;
    const ofEvent = content.get(event) ?? new Map<string, Map<string, object>>();
    const ofType = ofEvent.get(type) ?? new Map<string, object>();
    content.set(event, ofEvent.set(type, ofType));
    // A user stands but once at an event: what is said of all threads wins.
    if (thread === "" || !ofType.has(user))
      ofType.set(user, { ts: at, ...(thread === "" ? {} : { thread_id: thread }) });
  }
  if (content.size === 0) return undefined;
  const shown = [...content].map(([event, types]) => {
    return [event, Object.fromEntries([...types].map(([type, users]) => [type, Object.fromEntries(users)]))];
  });
  return { type: "m.receipt", content: Object.fromEntries(shown) };
}

import { serverOf } from "@scop/matrix/auth";
import { eventIdOf } from "@scop/matrix/event";
import { isJsonObject, type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import type { RoomRecord } from "@scop/store";
import type { Answered, Context, PeerCall } from "../context.ts";
import { MatrixFault } from "../http.ts";
import { servedFormat } from "../pdu.ts";
import { isList } from "../schema.ts";
import { isServerAllowed } from "./acl.ts";
import { EDU_HANDLERS } from "./edus.ts";
import { peersOf } from "./peers-of.ts";
import { receive } from "./receive.ts";
import { readReceived } from "./received.ts";
import { takenBack } from "./taken-back.ts";

/** Server-server API, transactions */
const PDUS_MAX = 50;
const EDUS_MAX = 100;

/** What one event of a transaction became: nothing is said of one that has no id. */
type PduAnswer = readonly [event: string, answer: { readonly error?: string }];

/**
 * `PUT /send/{txnId}`: events, each looked at alone so that a bad one takes none of the others along, and what is no event. The same
 * transaction again has the same answer.
 */
export function sendTransaction(context: Context, call: PeerCall): Answered {
  const { transactions } = context.rooms;
  const key = JSON.stringify([call.origin, call.path.get("txnId")]);
  const before = transactions.get(key);
  if (before !== undefined) return before;
  const answer = perform(context, call);
  transactions.set(key, answer);
  // What failed for a reason of ours may be tried again.
  answer.catch(() => transactions.delete(key));
  return answer;
}

async function perform(context: Context, call: PeerCall): Answered {
  const pdus = listOf(call.body, "pdus", PDUS_MAX);
  const edus = listOf(call.body, "edus", EDUS_MAX);
  const byRoom = Map.groupBy(pdus, each => textAt(each, "room_id") ?? "");
  const answers = await Promise.all([...byRoom].map(([room, each]) => takeAll(context, room, call.origin, each)));
  for (const edu of edus) await takeEdu(context, call.origin, edu);
  return { pdus: Object.fromEntries(answers.flat()) };
}

function listOf(body: JsonObject, key: string, max: number): readonly JsonObject[] {
  const value = body.get(key);
  const list = isList(value) ? value : [];
  if (list.length > max) throw new MatrixFault(400, "M_BAD_JSON", `A transaction has at most ${max} ${key}.`);
  return list.filter(isJsonObject);
}

/** The events of one room, in their order. */
async function takeAll(
  context: Context,
  name: string,
  origin: string,
  pdus: readonly JsonObject[],
): Promise<readonly PduAnswer[]> {
  const answers: PduAnswer[] = [];
  const room = await context.store.room(name);
  const format = room && servedFormat(room.version);
  if (room === undefined || format === undefined) return answers;
  for (const pdu of pdus) {
    const error = await takeOne(context, room, origin, pdu);
    const id = eventIdOf(pdu, format, context.io.crypto)!;
    answers.push([id, error === undefined ? {} : { error }]);
    if (error !== undefined) {
      context.io.log.write("info", "an event of another server was refused", { room: name, event: id, origin, error });
    }
  }
  return answers;
}

/** Why an event was not taken; what was softly failed was taken, as far as its sender is told. */
async function takeOne(
  context: Context,
  room: RoomRecord,
  origin: string,
  pdu: JsonObject,
): Promise<string | undefined> {
  const sender = serverOf(textAt(pdu, "sender") ?? "");
  for (const server of new Set([origin, sender])) {
    if (!(await isServerAllowed(context, room, server))) return `The room keeps ${server} out.`;
  }
  const isHere = (await context.store.roomServers(room.room)).includes(context.options.serverName);
  const read = await readReceived(context, peersOf(context), room, pdu);
  if (!read.ok) return `The event is refused: ${read.error.code}.`;
  if (!isHere) return takenBack(context, origin, read.value);
  const outcome = await receive(context, room, origin, read.value);
  return outcome.outcome === "rejected" ? outcome.reason : undefined;
}

async function takeEdu(context: Context, origin: string, edu: JsonObject): Promise<void> {
  const type = textAt(edu, "edu_type") ?? "";
  const content = objectAt(edu, "content");
  const handler = EDU_HANDLERS.get(type);
  if (handler === undefined || content === undefined) return;
  try {
    await handler(context, origin, content);
  } catch (error) {
    context.io.log.write("warn", "what another server said was not taken", { origin, type, detail: String(error) });
  }
}

import { isJsonObject, type JsonObject, parseJson } from "@scop/matrix/json";
import type { RoomEventRecord } from "@scop/store";
import { utf8Bytes } from "@scop/wire";
import { canonicalText } from "./canonical-text.ts";
import type { Answered, Context, OwnCall } from "./context.ts";
import { MatrixFault } from "./http.ts";
import { isList } from "./schema.ts";
import { storedEvent } from "./stored-event.ts";

/** Octets of a filter. Our own bound. */
const FILTER_OCTETS_MAX = 16_384;
/** Filters of one account. Our own bound: clients have a few. */
export const FILTERS_MAX = 100;
const EMPTY_FILTER: JsonObject = new Map();

/** `POST /user/{userId}/filter` */
export async function defineFilter({ store }: Context, call: OwnCall): Answered {
  mustBeOwn(call);
  const json = canonicalText(call.body);
  if (utf8Bytes(json).length > FILTER_OCTETS_MAX) throw new MatrixFault(413, "M_TOO_LARGE", "The filter is too large.");
  // They are numbered from 1 on.
  if ((await store.filter(call.who.account, FILTERS_MAX)) !== undefined) {
    throw new MatrixFault(400, "M_TOO_LARGE", `An account keeps at most ${FILTERS_MAX} filters.`);
  }
  const answer = await store.transaction({ changes: [{ change: "add-filter", account: call.who.account, json }] });
  if (!answer.ok) throw new MatrixFault(401, "M_UNKNOWN_TOKEN", "The account was removed.");
  return { filter_id: String(answer.results[0].filter) };
}

/** `GET /user/{userId}/filter/{filterId}` */
export async function getFilter({ store }: Context, call: OwnCall): Answered {
  mustBeOwn(call);
  const json = await filterText(store, call, call.path.get("filterId")!);
  return JSON.parse(json) as object;
}

/** The filter of a `/sync`: the number of one, or one itself. */
export async function filterFor({ store }: Context, call: OwnCall, given: string | undefined): Promise<JsonObject> {
  if (given === undefined) return EMPTY_FILTER;
  return parsedFilter(given.startsWith("{") ? given : await filterText(store, call, given));
}

/** The filter of events that a query brings as JSON. */
export function eventFilter(given: string | undefined): JsonObject {
  return given === undefined ? EMPTY_FILTER : parsedFilter(given);
}

/** Whether a filter of events lets one through. Client-server API, filtering: RoomEventFilter */
export function passes(filter: JsonObject | undefined, event: RoomEventRecord): boolean {
  if (filter === undefined || filter.size === 0) return true;
  if (!passesType(filter, event.type)) return false;
  const [senders, notSenders] = [textsAt(filter, "senders"), textsAt(filter, "not_senders")];
  if (senders === undefined && notSenders === undefined && !filter.has("contains_url")) return true;
  const { sender, content } = storedEvent(event);
  if (notSenders?.includes(sender) === true || senders?.includes(sender) === false) return false;
  const containsUrl = filter.get("contains_url");
  return typeof containsUrl !== "boolean" || containsUrl === (typeof content["url"] === "string");
}

/** Whether a filter lets a type of event through. */
export function passesType(filter: JsonObject | undefined, type: string): boolean {
  if (filter === undefined) return true;
  const isType = (pattern: string): boolean => matches(pattern, type);
  return textsAt(filter, "not_types")?.some(isType) !== true && textsAt(filter, "types")?.some(isType) !== false;
}

/** Whether a filter of rooms lets one through. */
export function passesRoom(filter: JsonObject | undefined, room: string): boolean {
  if (filter === undefined) return true;
  return textsAt(filter, "not_rooms")?.includes(room) !== true && textsAt(filter, "rooms")?.includes(room) !== false;
}

/** Whether a type fits a pattern with `*` for any characters. Linear: the first place where a piece fits is the best one. */
function matches(pattern: string, type: string): boolean {
  const [first, ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === type;
  const last = rest.pop()!;
  if (!type.startsWith(first!) || type.length < first!.length + last.length || !type.endsWith(last)) return false;
  let at = first!.length;
  for (const piece of rest) {
    const found = type.indexOf(piece, at);
    if (found < 0 || found + piece.length > type.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

function textsAt(filter: JsonObject, key: string): readonly string[] | undefined {
  const value = filter.get(key);
  return isList(value) ? value.filter(each => typeof each === "string") : undefined;
}

function parsedFilter(text: string): JsonObject {
  const read = parseJson(utf8Bytes(text), { octetsMax: FILTER_OCTETS_MAX, numbers: "any" });
  if (!read.ok || !isJsonObject(read.value))
    throw new MatrixFault(400, "M_NOT_JSON", "The filter is no object of JSON.");
  return read.value;
}

async function filterText(store: Context["store"], { who }: OwnCall, name: string): Promise<string> {
  const json = /^[0-9]{1,15}$/.test(name) ? await store.filter(who.account, Number(name)) : undefined;
  if (json === undefined) throw new MatrixFault(404, "M_NOT_FOUND", "There is no such filter.");
  return json;
}

function mustBeOwn(call: OwnCall): void {
  if (call.path.get("userId") !== call.who.user)
    throw new MatrixFault(403, "M_FORBIDDEN", "The filters are not yours.");
}

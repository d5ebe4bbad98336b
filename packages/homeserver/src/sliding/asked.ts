import { isJsonObject, type JsonObject, type JsonValue, objectAt } from "@scop/matrix/json";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";

/** Lists of one request, rooms that it names, events of one room, and pairs of type and state key. Our own bounds. */
const LISTS_MAX = 20;
const SUBSCRIPTIONS_MAX = 200;
const TIMELINE_MAX = 100;
const STATE_MAX = 200;
/** Rooms of all ranges of a list. Our own bound. */
const RANGE_ROOMS_MAX = 1_000;

/** What is wanted of a room. MSC4186 */
export interface RoomWish {
  readonly timelineLimit: number;
  /** Type and state key; `*` stands for any, `$ME` for who asks, `$LAZY` for who speaks. */
  readonly state: readonly (readonly [type: string, stateKey: string])[];
}

/** A part of the user's rooms, newest first. */
interface ListWish extends RoomWish {
  /** First and last place, both counted. */
  readonly ranges: readonly (readonly [first: number, last: number])[];
  readonly filters: JsonObject;
}

/** What one request asks for. */
export interface Asked {
  readonly lists: ReadonlyMap<string, ListWish>;
  readonly rooms: ReadonlyMap<string, RoomWish>;
  readonly extensions: JsonObject;
}

const EMPTY: JsonObject = new Map();

/** Reads the body of a request, whose form was looked at. Throws `MatrixFault` where it asks for too much. */
export function askedIn(body: JsonObject): Asked {
  const lists = [...(objectAt(body, "lists") ?? EMPTY)];
  const rooms = [...(objectAt(body, "room_subscriptions") ?? EMPTY)];
  if (lists.length > LISTS_MAX || rooms.length > SUBSCRIPTIONS_MAX)
    throw new MatrixFault(400, "M_TOO_LARGE", `At most ${LISTS_MAX} lists and ${SUBSCRIPTIONS_MAX} rooms by name.`);
  return {
    lists: new Map(lists.filter(isObjectEntry).map(([name, list]) => [name, listOf(list)])),
    rooms: new Map(rooms.filter(isObjectEntry).map(([room, wish]) => [room, wishOf(wish)])),
    extensions: objectAt(body, "extensions") ?? EMPTY,
  };
}

/** The larger of two wishes for one room. */
export function bothOf(one: RoomWish | undefined, other: RoomWish): RoomWish {
  if (one === undefined) return other;
  return {
    timelineLimit: Math.max(one.timelineLimit, other.timelineLimit),
    state: [...one.state, ...other.state],
  };
}

function isObjectEntry(entry: readonly [string, JsonValue]): entry is [string, JsonObject] {
  return isJsonObject(entry[1]);
}

function wishOf(given: JsonObject): RoomWish {
  const limit = given.get("timeline_limit");
  const state = given.get("required_state");
  const pairs = (isList(state) ? state : []).filter(isList).slice(0, STATE_MAX);
  return {
    timelineLimit: Math.min(typeof limit === "number" ? Math.max(limit, 0) : 0, TIMELINE_MAX),
    state: pairs.map(
      ([type, key]) => [typeof type === "string" ? type : "", typeof key === "string" ? key : ""] as const,
    ),
  };
}

function listOf(given: JsonObject): ListWish {
  const several = given.get("ranges");
  const one = given.get("range");
  const ranges = isList(several) ? several : isList(one) ? [one] : [];
  let left = RANGE_ROOMS_MAX;
  const bounded = ranges.filter(isList).flatMap(([first, last]) => {
    if (typeof first !== "number" || typeof last !== "number" || first < 0 || last < first || left <= 0) return [];
    const end = Math.min(last, first + left - 1);
    left -= end - first + 1;
    return [[first, end] as const];
  });
  return { ...wishOf(given), ranges: bounded, filters: objectAt(given, "filters") ?? EMPTY };
}

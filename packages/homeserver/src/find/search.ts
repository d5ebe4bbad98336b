import { type JsonObject, objectAt, textAt } from "@scop/matrix/json";
import type { RoomEventRecord } from "@scop/store";
import { clientEvent } from "../client-event.ts";
import type { Answered, Context, OwnCall } from "../context.ts";
import { passes, passesRoom } from "../filter.ts";
import { MatrixFault } from "../http.ts";
import { isList } from "../schema.ts";
import { storedEvent } from "../stored-event.ts";
import { tokenOf } from "../stream-token.ts";
import { type View, viewOf } from "../visibility.ts";

/** Where a text is looked for, unless it is said. Client-server API, search */
const KEYS: readonly string[] = ["content.body", "content.name", "content.topic"];
/** Events that are looked through for one search, newest first, those of one answer, and those around each. Our own bounds. */
const EVENTS_MAX = 5_000;
const PIECE = 500;
const RESULTS_MAX = 50;
const RESULTS_DEFAULT = 10;
const AROUND_MAX = 10;
const WORDS_MAX = 16;

/** `POST /search`: messages with all words of a text, in the rooms that the user is in. Nothing is indexed: the newest events are looked through. */
export async function search(context: Context, call: OwnCall): Answered {
  const wanted = objectAt(objectAt(call.body, "search_categories"), "room_events");
  if (wanted === undefined) return { search_categories: {} };
  const words = wordsOf(textAt(wanted, "search_term") ?? "");
  if (words.length === 0) throw new MatrixFault(400, "M_INVALID_PARAM", "The search term has no word.");
  const filter = objectAt(wanted, "filter");
  const limit = filter?.get("limit");
  const resultsMax = Math.min(typeof limit === "number" ? Math.max(limit, 1) : RESULTS_DEFAULT, RESULTS_MAX);
  const given = wanted.get("keys");
  const keys = isList(given) ? KEYS.filter(each => given.includes(each)) : KEYS;
  const found: Found[] = [];
  let left = EVENTS_MAX;
  for (const { room, membership } of await context.store.roomsOf(call.who.user)) {
    if (membership !== "join" || !passesRoom(filter, room) || left <= 0) continue;
    const view = await viewOf(context.store, room, call.who.user);
    if (view === undefined) continue;
    const isWanted = (each: RoomEventRecord): boolean => passes(filter, each) && hasWords(each, words, keys);
    const looked = await inRoom(context, room, view, isWanted, { events: left, results: resultsMax });
    found.push(...looked.events.map(event => ({ room, view, event })));
    left -= looked.count;
  }
  const newest = found.sort((one, other) => other.event.position - one.event.position).slice(0, resultsMax);
  const around = objectAt(wanted, "event_context");
  const results = await Promise.all(newest.map(each => resultOf(context, call, each, around)));
  return { search_categories: { room_events: { results, count: found.length, highlights: words } } };
}

/** A message that was found. */
interface Found {
  readonly room: string;
  readonly view: View;
  readonly event: RoomEventRecord;
}

async function inRoom(
  { store }: Context,
  room: string,
  view: View,
  isWanted: (event: RoomEventRecord) => boolean,
  max: { readonly events: number; readonly results: number },
): Promise<{ readonly events: readonly RoomEventRecord[]; readonly count: number }> {
  const found: RoomEventRecord[] = [];
  let count = 0;
  for (let upTo = view.upTo; count < max.events && found.length < max.results; ) {
    const range = { after: Number.MIN_SAFE_INTEGER, upTo, order: "falling", limit: PIECE } as const;
    const events = await store.roomEvents(room, range);
    found.push(...(await view.visible(events.filter(isWanted))));
    count += events.length;
    const last = events.at(-1);
    if (last === undefined || events.length < PIECE) break;
    upTo = last.position - 1;
  }
  return { events: found, count };
}

function wordsOf(text: string): readonly string[] {
  const words = text.toLowerCase().split(" ");
  return [...new Set(words.filter(each => each !== ""))].slice(0, WORDS_MAX);
}

function hasWords(event: RoomEventRecord, words: readonly string[], keys: readonly string[]): boolean {
  const { content } = storedEvent(event);
  const texts = keys.map(key => content[key.slice("content.".length)]);
  const lower = texts.map(each => (typeof each === "string" ? each.toLowerCase() : ""));
  return words.every(word => lower.some(text => text.includes(word)));
}

async function resultOf(
  context: Context,
  { who }: OwnCall,
  { room, view, event }: Found,
  around: JsonObject | undefined,
): Promise<object> {
  const told = (each: RoomEventRecord): object => clientEvent(context, room, each, who);
  const result = { rank: event.position, result: told(event) };
  if (around === undefined) return result;
  const limitAt = (key: string): number => {
    const limit = around.get(key);
    return typeof limit === "number" ? Math.min(Math.max(limit, 0), AROUND_MAX) : 5;
  };
  const { position } = event;
  const after = { after: position, upTo: view.upTo, order: "rising", limit: limitAt("after_limit") } as const;
  const before = {
    after: Number.MIN_SAFE_INTEGER,
    upTo: position - 1,
    order: "falling",
    limit: limitAt("before_limit"),
  } as const;
  const [older, newer] = [await context.store.roomEvents(room, before), await context.store.roomEvents(room, after)];
  return {
    ...result,
    context: {
      events_before: (await view.visible(older)).map(told),
      events_after: (await view.visible(newer)).map(told),
      start: tokenOf((older.at(-1) ?? event).position - 1),
      end: tokenOf((newer.at(-1) ?? event).position),
    },
  };
}

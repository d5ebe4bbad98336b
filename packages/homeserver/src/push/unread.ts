import type { ReceiptRecord, RoomEventRecord, RoomRecord } from "@scop/store";
import { RecentMap } from "@scop/wire";
import type { Context, Who } from "../context.ts";
import { powerIn } from "../power.ts";
import { contentText, storedEvent } from "../stored-event.ts";
import { type PushFacts, type PushVerdict, verdictOf } from "./evaluate.ts";
import type { RuleBook } from "./rule-book.ts";

/** Events that are looked through behind a receipt: more count as so many. Our own bound. */
const EVENTS_MAX = 500;
/** Rooms of accounts whose counts are at hand, and rooms whose members are counted. Our own bounds. */
const COUNTED_MAX = 20_000;
const ROOMS_MAX = 2_000;

/** How much of a room is unread. */
export interface Counts {
  readonly notification_count: number;
  readonly highlight_count: number;
}

/** Counts of a room: of all that is in no thread, and of each thread by its root. */
interface RoomCounts {
  /** Up to which place everything was read. */
  readonly readUpTo: number;
  readonly main: Counts;
  readonly threads: ReadonlyMap<string, Counts>;
}

/** What was counted, and how far. */
interface Counted {
  /** Events up to here are in it. */
  readonly upTo: number;
  readonly found: readonly Unseen[];
  /** The user's last word: what is older is read. */
  readonly spokeAt: number;
  readonly receiptsUpTo: number;
  readonly read: ReadonlyMap<string, number>;
}

/** An event that notifies. */
interface Unseen {
  readonly event: string;
  readonly position: number;
  /** The root of its thread; empty where it is in none. */
  readonly thread: string;
  readonly highlights: boolean;
}

const NOTHING: Counts = { notification_count: 0, highlight_count: 0 };

/** Counts what accounts have not read, by their push rules. Each event is held against the rules of an account once. */
export class Unread {
  readonly #context: Context;
  readonly #rules: RuleBook;
  readonly #counted: RecentMap<Counted> = new RecentMap(COUNTED_MAX);
  readonly #members: RecentMap<{ readonly position: number; readonly count: number }> = new RecentMap(ROOMS_MAX);

  constructor(context: Context, rules: RuleBook) {
    this.#context = context;
    this.#rules = rules;
  }

  /** What somebody who is in a room has not read of it. */
  async of(who: Who, room: RoomRecord): Promise<RoomCounts> {
    // What rules said before they were changed does not count.
    const { position } = await this.#rules.of(who);
    const key = `${who.account} ${position} ${room.room}`;
    const known = this.#counted.get(key);
    const counted = await this.#counts(who, room, known);
    this.#counted.set(key, counted);
    return tallied(counted);
  }

  /** What an event does for somebody. */
  async verdict(who: Who, room: RoomRecord, event: RoomEventRecord): Promise<PushVerdict> {
    const { sender, content } = storedEvent(event);
    const said = {
      type: event.type,
      sender,
      room_id: room.room,
      content,
      ...(event.stateKey === undefined ? {} : { state_key: event.stateKey }),
    };
    return verdictOf((await this.#rules.of(who)).rules, said, this.#facts(who, room, sender));
  }

  async #counts(who: Who, room: RoomRecord, known: Counted | undefined): Promise<Counted> {
    const { store } = this.#context;
    const receipts = await store.receipts(room.room, known?.receiptsUpTo ?? 0);
    const read = await this.#readUpTo(room.room, who, receipts, known?.read);
    const start = Math.max(known?.upTo ?? 0, read.get("") ?? 0);
    const range = { after: start, upTo: room.position, order: "falling", limit: EVENTS_MAX } as const;
    const events = await store.roomEvents(room.room, range);
    const found: Unseen[] = [];
    const redacted = new Set<unknown>();
    let spokeAt = known?.spokeAt ?? 0;
    for (const event of events) {
      if (storedEvent(event).sender === who.user) {
        spokeAt = Math.max(spokeAt, event.position);
        break;
      }
      if (event.type === "m.room.redaction") redacted.add(redactedBy(event));
      const { notifies, highlights } = await this.verdict(who, room, event);
      if (notifies) found.push({ event: event.event, position: event.position, thread: threadOf(event), highlights });
    }
    const before = known?.found.filter(each => each.position > spokeAt) ?? [];
    return {
      upTo: events[0]?.position ?? start,
      found: [...found, ...before].filter(each => !redacted.has(each.event)).slice(0, EVENTS_MAX),
      spokeAt,
      receiptsUpTo: receipts.at(-1)?.position ?? known?.receiptsUpTo ?? 0,
      read,
    };
  }

  /** Up to where the user has read, by thread; empty: of all. */
  async #readUpTo(
    room: string,
    { user }: Who,
    receipts: readonly ReceiptRecord[],
    known: ReadonlyMap<string, number> | undefined,
  ): Promise<ReadonlyMap<string, number>> {
    const read = new Map(known);
    for (const each of receipts) {
      if (each.user !== user) continue;
      const event = await this.#context.store.roomEvent(room, each.event);
      const position = event?.position ?? 0;
      if (position > (read.get(each.thread) ?? 0)) read.set(each.thread, position);
    }
    return read;
  }

  #facts(who: Who, room: RoomRecord, sender: string): PushFacts {
    const { store } = this.#context;
    return {
      displayName: async () =>
        contentText(await store.stateEvent(room.state, "m.room.member", who.user), "displayname"),
      memberCount: () => this.#memberCount(room),
      mayNotify: async key => {
        const levels = await store.stateEvent(room.state, "m.room.power_levels", "");
        const named = levels && storedEvent(levels).content["notifications"];
        const level: unknown = (named as Record<string, unknown> | undefined)?.[key];
        return (await powerIn(this.#context, room)).user(sender) >= (typeof level === "number" ? level : 50);
      },
    };
  }

  /** Counted anew only where somebody came or went. */
  async #memberCount({ room, state }: RoomRecord): Promise<number> {
    const known = this.#members.get(room);
    if (known?.position === state) return known.count;
    const count = (await this.#context.store.roomMembers(room)).filter(each => each.membership === "join").length;
    this.#members.set(room, { position: state, count });
    return count;
  }
}

function tallied({ found, read }: Counted): RoomCounts {
  const everything = read.get("") ?? 0;
  const threads = new Map<string, Counts>();
  let main = NOTHING;
  for (const { position, thread, highlights } of found) {
    const upTo = Math.max(everything, read.get(thread === "" ? "main" : thread) ?? 0);
    if (position <= upTo) continue;
    if (thread === "") main = more(main, highlights);
    else threads.set(thread, more(threads.get(thread) ?? NOTHING, highlights));
  }
  return { main, threads, readUpTo: everything };
}

function more(counts: Counts, highlights: boolean): Counts {
  return {
    notification_count: counts.notification_count + 1,
    highlight_count: counts.highlight_count + (highlights ? 1 : 0),
  };
}

function redactedBy(event: RoomEventRecord): unknown {
  const { redacts, content } = storedEvent(event);
  return redacts ?? content["redacts"];
}

/** The root of the thread that an event is in. */
function threadOf(event: RoomEventRecord): string {
  const relation = storedEvent(event).content["m.relates_to"] as Readonly<Record<string, unknown>> | null | undefined;
  const root = relation?.["rel_type"] === "m.thread" ? relation["event_id"] : undefined;
  return typeof root === "string" ? root : "";
}

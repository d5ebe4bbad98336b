import type { Level } from "../auth/index.ts";
import { compareCodePoints } from "../json/canonical.ts";

/** An event in the order by power. */
export interface Powerful {
  readonly eventId: string;
  /** Of its sender, as the event's own auth events have it. */
  readonly power: Level;
  readonly originServerTs: number;
}

/** More power first, then earlier, then by event id. */
function comparePowerful(one: Powerful, other: Powerful): number {
  if (one.power > other.power) return -1;
  if (one.power < other.power) return 1;
  return one.originServerTs - other.originServerTs || compareCodePoints(one.eventId, other.eventId);
}

/** What comes out of it is the least of what was put in. */
class Heap<Item> {
  readonly #items: Item[] = [];
  readonly #compare: (one: Item, other: Item) => number;

  constructor(compare: (one: Item, other: Item) => number) {
    this.#compare = compare;
  }

  push(item: Item): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#compare(items[parent]!, item) <= 0) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  }

  pop(): Item | undefined {
    const items = this.#items;
    const least = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sink(last);
    return least;
  }

  #sink(item: Item): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#compare(items[child + 1]!, items[child]!) < 0) child += 1;
      if (this.#compare(item, items[child]!) <= 0) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}

/**
 * Orders events so that each comes after those it is authorised by, and among those that may come next the one with the most power first.
 * `authOf` has the auth events of each that are in the list. Events in a circle are left out.
 * Server-server API, reverse topological power ordering
 */
export function orderByPower(
  events: ReadonlyMap<string, Powerful>,
  authOf: ReadonlyMap<string, readonly string[]>,
): string[] {
  const waitsFor = new Map<string, number>();
  const authorises = new Map<string, string[]>();
  const ready = new Heap(comparePowerful);
  for (const [eventId, event] of events) {
    const auth = new Set(authOf.get(eventId) ?? []);
    waitsFor.set(eventId, auth.size);
    if (auth.size === 0) ready.push(event);
    for (const id of auth) {
      const list = authorises.get(id);
      if (list === undefined) authorises.set(id, [eventId]);
      else list.push(eventId);
    }
  }
  const ordered: string[] = [];
  for (let next = ready.pop(); next !== undefined; next = ready.pop()) {
    ordered.push(next.eventId);
    for (const id of authorises.get(next.eventId) ?? []) {
      const left = waitsFor.get(id)! - 1;
      waitsFor.set(id, left);
      if (left === 0) ready.push(events.get(id)!);
    }
  }
  return ordered;
}

import type { Received } from "./received.ts";

/**
 * Events with those that they come after before them; of several, by depth and id. What a server says of depth is believed only where nothing else
 * says it. Takes time by the square of their number: for the events of one answer.
 */
export function ordered(events: Iterable<Received>): readonly Received[] {
  const left = new Map([...events].sort(byDepth).map(each => [each.event.eventId, each]));
  const found: Received[] = [];
  while (left.size > 0) {
    const [first] = left.values();
    const next = [...left.values()].find(({ event }) => !event.prevEvents.some(id => left.has(id))) ?? first!;
    left.delete(next.event.eventId);
    found.push(next);
  }
  return found;
}

function byDepth({ event: one }: Received, { event: other }: Received): number {
  return one.depth - other.depth || (one.eventId < other.eventId ? -1 : 1);
}

import type { RoomEvent } from "../event/index.ts";
import { compareCodePoints } from "../json/canonical.ts";
import type { Known } from "./known.ts";
import type { Resolving } from "./question.ts";

/** Loads the power levels that events are authorised by, those that these are authorised by, and so on. */
function* needPowerLevels(known: Known, events: readonly RoomEvent[]): Resolving<void> {
  const seen = new Set<string>();
  let open = events;
  while (open.length > 0) {
    yield* known.need(open.flatMap(event => known.authIdsOf(event)));
    const next = new Map<string, RoomEvent>();
    for (const event of open) {
      const levels = known.powerLevelsOf(event);
      if (levels !== undefined && !seen.has(levels.eventId)) next.set(levels.eventId, levels);
    }
    for (const id of next.keys()) seen.add(id);
    open = [...next.values()];
  }
}

/** How far from the room's first power levels each of the mainline stands; 1 is the first. */
function mainlineOf(known: Known, levels: RoomEvent | undefined): Map<string, number> {
  const line = new Set<string>();
  let next = levels;
  while (next !== undefined && !line.has(next.eventId)) {
    line.add(next.eventId);
    next = known.powerLevelsOf(next);
  }
  return new Map([...line].reverse().map((eventId, index) => [eventId, index + 1]));
}

/** Fills in where an event and the power levels above it meet the mainline; 0 where they don't. */
function place(known: Known, event: RoomEvent, positions: Map<string, number>): number {
  const path: string[] = [];
  let next: RoomEvent | undefined = event;
  while (next !== undefined && !positions.has(next.eventId)) {
    path.push(next.eventId);
    positions.set(next.eventId, 0);
    next = known.powerLevelsOf(next);
  }
  const position = next === undefined ? 0 : positions.get(next.eventId)!;
  for (const eventId of path) positions.set(eventId, position);
  return position;
}

/**
 * Orders events by the power levels that they build on, from the oldest to those that count in the end (`levels`), then by time, then by id.
 * Server-server API, mainline ordering
 */
export function* orderByMainline(
  known: Known,
  events: readonly RoomEvent[],
  levels: RoomEvent | undefined,
): Resolving<string[]> {
  yield* needPowerLevels(known, levels === undefined ? events : [...events, levels]);
  const positions = mainlineOf(known, levels);
  const placed = events.map(event => ({ event, position: place(known, event, positions) }));
  placed.sort(
    (one, other) =>
      one.position - other.position ||
      one.event.originServerTs - other.event.originServerTs ||
      compareCodePoints(one.event.eventId, other.event.eventId),
  );
  return placed.map(({ event }) => event.eventId);
}

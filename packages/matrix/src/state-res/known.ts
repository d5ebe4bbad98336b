import { createIdOf, type KnownEvents, type StateKey, stateKeyOf } from "../auth/index.ts";
import type { RoomEvent } from "../event/index.ts";
import type { ResolvedRoom, Resolving } from "./question.ts";

/** Whether the event is the room's power levels. */
function isPowerLevels(event: RoomEvent): boolean {
  return event.stateKey === "" && event.type === "m.room.power_levels";
}

/** The events that a resolution has asked for so far. Those of another room don't count. */
export class Known implements KnownEvents {
  readonly room: ResolvedRoom;
  readonly #asked = new Set<string>();
  readonly #events = new Map<string, RoomEvent>();
  readonly #rejected = new Set<string>();
  readonly #keys = new Map<RoomEvent, StateKey>();

  constructor(room: ResolvedRoom) {
    this.room = room;
  }

  get(eventId: string): RoomEvent | undefined {
    return this.#events.get(eventId);
  }

  isRejected(eventId: string): boolean {
    return this.#rejected.has(eventId);
  }

  /** Where an event stands in the state; undefined where it is no state. */
  keyOf(event: RoomEvent): StateKey | undefined {
    if (event.stateKey === undefined) return undefined;
    const known = this.#keys.get(event);
    if (known !== undefined) return known;
    const key = stateKeyOf(event.type, event.stateKey);
    this.#keys.set(event, key);
    return key;
  }

  /** Asks for those of the events that were not asked for yet, in one question. */
  *need(ids: Iterable<string>): Resolving<void> {
    const missing: string[] = [];
    for (const id of ids) {
      if (this.#asked.has(id)) continue;
      this.#asked.add(id);
      missing.push(id);
    }
    if (missing.length === 0) return;
    const answer = yield { do: "events", ids: missing };
    if (answer.on !== "events") return;
    for (const { event, isRejected } of answer.events) {
      if (event.roomId !== this.room.roomId) continue;
      this.#events.set(event.eventId, event);
      if (isRejected) this.#rejected.add(event.eventId);
    }
  }

  /** The auth events of an event that are known; from room version 12 on its create event too. */
  authEventsOf(event: RoomEvent): RoomEvent[] {
    const found: RoomEvent[] = [];
    for (const id of this.authIdsOf(event)) {
      const each = this.#events.get(id);
      if (each !== undefined) found.push(each);
    }
    return found;
  }

  /** The ids of what an event is authorised by. */
  authIdsOf(event: RoomEvent): readonly string[] {
    return this.room.rules.createIdIsRoomId ? [createIdOf(event.roomId), ...event.authEvents] : event.authEvents;
  }

  /** The power levels that an event is authorised by. */
  powerLevelsOf(event: RoomEvent): RoomEvent | undefined {
    return this.authEventsOf(event).find(isPowerLevels);
  }
}

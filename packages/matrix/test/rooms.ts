import { type AuthChecks, type AuthRules, authRulesOf, type StateKey, stateKeyOf } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import type { JsonObject, JsonValue } from "@scop/matrix/json";
import {
  AuthChains,
  type ResolvedRoom,
  resolutionOf,
  type StateIds,
  type StateStore,
  type StoredEvent,
} from "@scop/matrix/state-res";

/** An event as JSON has it. */
export interface PlainEvent {
  readonly event_id: string;
  readonly room_id?: string;
  readonly type: string;
  readonly state_key?: string;
  readonly sender: string;
  readonly origin_server_ts?: number;
  readonly depth?: number;
  readonly content: object;
  readonly auth_events?: readonly string[];
  readonly prev_events?: readonly string[];
  readonly redacts?: string;
}

/** A value of JSON from what the language has for it. */
function jsonOf(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== "object" || value === null || value instanceof Map) return value as JsonValue;
  if (value.constructor !== Object) return value as JsonValue;
  return new Map(Object.entries(value).map(([key, each]) => [key, jsonOf(each)]));
}

/** The event of a room; `roomId` where it does not say its own. */
export function eventOf(plain: PlainEvent, roomId = "!room:example.com"): RoomEvent {
  return {
    eventId: plain.event_id,
    roomId: plain.room_id ?? roomId,
    type: plain.type,
    stateKey: plain.state_key,
    sender: plain.sender,
    originServerTs: plain.origin_server_ts ?? 0,
    depth: plain.depth ?? 0,
    content: jsonOf(plain.content) as JsonObject,
    authEvents: plain.auth_events ?? [],
    prevEvents: plain.prev_events ?? [],
    redacts: plain.redacts,
    json: jsonOf(plain) as JsonObject,
  };
}

/** The rules of a room version that is there. */
export function rulesOf(version: string): AuthRules {
  const rules = authRulesOf(version);
  if (rules === undefined) throw new Error(`room version ${version}`);
  return rules;
}

export const CHECKS: AuthChecks = {
  isSignedBy: () => false,
  isKnownVersion: version => authRulesOf(version) !== undefined,
};

/** The room to resolve. */
export function resolvedRoom(version: string, roomId = "!room:example.com"): ResolvedRoom {
  const algorithm = resolutionOf(version)!;
  return { roomId, algorithm, rules: rulesOf(version), checks: CHECKS };
}

/** The key of a state event. */
export function keyOf(event: RoomEvent): StateKey {
  return stateKeyOf(event.type, event.stateKey!);
}

/** A state with one more event. */
export function withEvent(state: StateIds, event: RoomEvent): StateIds {
  return event.stateKey === undefined ? state : new Map([...state, [keyOf(event), event.eventId]]);
}

/** The events of one room in memory. */
export class MemoryRoom implements StateStore {
  readonly authChains = new AuthChains();
  readonly events = new Map<string, StoredEvent>();

  constructor(events: Iterable<RoomEvent> = []) {
    for (const event of events) this.add(event, false);
  }

  add(event: RoomEvent, isRejected: boolean): void {
    this.events.set(event.eventId, { event, isRejected });
    this.authChains.add(event.eventId, event.authEvents);
  }

  get(eventId: string): StoredEvent | undefined {
    return this.events.get(eventId);
  }
}

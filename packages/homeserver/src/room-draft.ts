import {
  type AuthRules,
  authorise,
  authRulesOf,
  readAuthEvents,
  type StateKey,
  selectAuthEvents,
  stateKeyOf,
} from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import { type JsonObject, textAt } from "@scop/matrix/json";
import type { Instant } from "@scop/platform";
import type { RoomChange, SentBy } from "@scop/store";
import { assert } from "@scop/wire";
import type { Context } from "./context.ts";
import { MatrixFault } from "./http.ts";
import { signedEvent } from "./pdu.ts";

/** What an author says of an event. */
export interface Authored {
  readonly type: string;
  readonly stateKey: string | undefined;
  readonly sender: string;
  readonly content: JsonObject;
}

/** Where a room stands: what its next event is made after. */
interface Standing {
  /** Undefined until the create event of a room gives it its id. Room version 12 */
  readonly room: string | undefined;
  readonly version: string;
  readonly latest: readonly string[];
  readonly depth: number;
  /** When its events are said. */
  readonly at: Instant;
  /** All of the state that the events to come are authorised by. */
  readonly state: ReadonlyMap<StateKey, RoomEvent>;
}

/** What is asked of others when an event of ours is authorised: no third party signs here, and create events are ours. */
const CHECKS = { isSignedBy: () => false, isKnownVersion: () => true };

/** Events for one room, each built, hashed, signed and authorised before the next, and stored together or not at all. */
export class RoomDraft {
  readonly #context: Context;
  readonly #version: string;
  readonly #rules: AuthRules;
  readonly #state: Map<StateKey, RoomEvent>;
  readonly #known: Map<string, RoomEvent>;
  readonly #changes: RoomChange[] = [];
  #room: string | undefined;
  #latest: readonly string[];
  #depth: number;
  readonly #at: Instant;

  constructor(context: Context, standing: Standing) {
    this.#context = context;
    this.#version = standing.version;
    const rules = authRulesOf(standing.version);
    assert(rules !== undefined, "the version of a room that is served is known");
    this.#rules = rules;
    this.#room = standing.room;
    this.#latest = standing.latest;
    this.#depth = standing.depth;
    this.#at = standing.at;
    this.#state = new Map(standing.state);
    this.#known = new Map([...standing.state.values()].map(event => [event.eventId, event]));
  }

  get room(): string {
    assert(this.#room !== undefined, "a room has its create event first");
    return this.#room;
  }

  get changes(): readonly RoomChange[] {
    return this.#changes;
  }

  /** Adds an event; throws `MatrixFault` where it may not be. */
  add(authored: Authored, sentBy: SentBy | undefined): RoomEvent {
    const unlinked = {
      ...authored,
      ...redactsOf(authored),
      roomId: this.#room,
      originServerTs: this.#at,
      depth: Math.min(this.#depth + 1, Number.MAX_SAFE_INTEGER),
      prevEvents: this.#latest,
    };
    const authEvents = selectAuthEvents(outline(unlinked), this.#stateIds(), this.#rules);
    const { event, json } = signedEvent(this.#context, this.#version, { ...unlinked, authEvents });
    this.#authorise(event);
    this.#room ??= event.roomId;
    this.#changes.push({
      change: "add-event",
      room: this.#room,
      event: event.eventId,
      type: event.type,
      stateKey: event.stateKey,
      membership: event.type === "m.room.member" ? textAt(event.content, "membership") : undefined,
      depth: event.depth,
      previous: event.prevEvents,
      json,
      sentBy,
    });
    this.#latest = [event.eventId];
    this.#depth = event.depth;
    this.#known.set(event.eventId, event);
    if (event.stateKey !== undefined) this.#state.set(stateKeyOf(event.type, event.stateKey), event);
    return event;
  }

  /** By its own auth events, then by the state before it. Server-server API, checks performed on receipt of a PDU, 4 and 5 */
  #authorise(event: RoomEvent): void {
    const known = { get: (id: string) => this.#known.get(id), isRejected: () => false };
    const read = readAuthEvents(event, known, this.#rules);
    const refusal =
      "refusal" in read
        ? read.refusal
        : (authorise(event, read.state, this.#rules, CHECKS) ?? authorise(event, this.#state, this.#rules, CHECKS));
    if (refusal !== undefined) throw new MatrixFault(403, "M_FORBIDDEN", refusal.sentence);
  }

  #stateIds(): { get(key: StateKey): string | undefined } {
    return { get: key => this.#state.get(key)?.eventId };
  }
}

/** What a redaction names, which stands in another place by the version of the room. */
function redactsOf({ type, content }: Authored): Pick<RoomEvent, "redacts" | "content"> {
  if (type !== "m.room.redaction") return { redacts: undefined, content };
  const others = new Map(content);
  others.delete("redacts");
  return { redacts: textAt(content, "redacts"), content: others };
}

/** An event as far as the selection of its auth events looks at it. */
export function outline(authored: Authored): RoomEvent {
  return {
    ...authored,
    eventId: "",
    roomId: "",
    originServerTs: 0,
    depth: 0,
    authEvents: [],
    prevEvents: [],
    redacts: undefined,
    json: new Map(),
  };
}

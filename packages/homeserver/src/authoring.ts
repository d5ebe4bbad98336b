import { type AuthState, authKeysOf, authRulesOf, type StateKey } from "@scop/matrix/auth";
import type { RoomEvent } from "@scop/matrix/event";
import type { RoomChange, RoomEventRecord, RoomRecord, SentBy } from "@scop/store";
import { assert, RecentMap } from "@scop/wire";
import type { Context } from "./context.ts";
import { MatrixFault } from "./http.ts";
import { eventOfRecord } from "./pdu.ts";
import { redactionOf } from "./redaction.ts";
import { type Authored, outline, RoomDraft } from "./room-draft.ts";
import { Turns } from "./turns.ts";

/** Events that were read and may be needed again. Our own bound: power levels and memberships of busy rooms. */
const READ_EVENTS_MAX = 2_000;

/** Puts events of ours into rooms, one after the other in each. */
export class Authoring {
  readonly #context: Context;
  readonly #turns: Turns = new Turns();
  readonly #read: RecentMap<RoomEvent> = new RecentMap(READ_EVENTS_MAX);

  constructor(context: Context) {
    this.#context = context;
  }

  /** Adds an event after those that are the latest; answers its id once it is stored. Throws `MatrixFault` where it may not be. */
  send(room: string, authored: Authored, sentBy?: SentBy): Promise<string> {
    return this.#turns.take(room, async () => {
      const { store } = this.#context;
      const idempotencyKey = sentBy && keyOf(room, authored, sentBy);
      // Also for who may not send any more: it was sent.
      const before = idempotencyKey === undefined ? undefined : await store.answered(idempotencyKey);
      if (before !== undefined) return eventOf(before);
      const record = await store.room(room);
      if (record === undefined) throw noSuchRoom();
      const state = await this.#authState(record, authored);
      const draft = new RoomDraft(this.#context, { ...record, state, at: this.#context.io.clock.now() });
      const event = draft.add(authored, sentBy);
      const further = await this.#redaction(record, state, event);
      return this.#stored([...draft.changes, ...further], event, idempotencyKey);
    });
  }

  /** Fails where the event may not be added now. */
  async check(room: string, authored: Authored): Promise<void> {
    const record = await this.#context.store.room(room);
    if (record === undefined) throw noSuchRoom();
    const state = await this.#authState(record, authored);
    new RoomDraft(this.#context, { ...record, state, at: this.#context.io.clock.now() }).add(authored, undefined);
  }

  /** Stores all of it, or nothing. Answers the id of the event. */
  async #stored(changes: readonly RoomChange[], event: RoomEvent, idempotencyKey: string | undefined): Promise<string> {
    const key = idempotencyKey === undefined ? {} : { idempotencyKey };
    const answer = await this.#context.store.transaction({ changes, ...key });
    // Nobody else writes to rooms, so that nothing can have come between.
    assert(answer.ok, "events of one room take turns");
    return event.eventId;
  }

  /** What a redaction does beside being there. Users of ours redact what is theirs, or what they have the power to. */
  async #redaction(record: RoomRecord, state: AuthState, event: RoomEvent): Promise<readonly RoomChange[]> {
    if (event.type !== "m.room.redaction") return [];
    const redaction = await redactionOf(this.#context, record, state, event);
    if (redaction?.isByRight !== true) {
      throw new MatrixFault(403, "M_FORBIDDEN", "There is no such event, or you may not redact it.");
    }
    return [redaction.change];
  }

  /** What of the state the event is authorised by. */
  async #authState(record: RoomRecord, authored: Authored): Promise<ReadonlyMap<StateKey, RoomEvent>> {
    const rules = authRulesOf(record.version);
    assert(rules !== undefined, "the version of a room that is served is known");
    const found = new Map<StateKey, RoomEvent>();
    for (const key of authKeysOf(outline(authored), rules)) {
      const [type, stateKey] = partsOf(key);
      const stored = await this.#context.store.stateEvent(record.state, type, stateKey);
      if (stored !== undefined) found.set(key, this.#eventOf(record, stored));
    }
    return found;
  }

  #eventOf(record: RoomRecord, stored: RoomEventRecord): RoomEvent {
    const known = this.#read.get(stored.event);
    if (known !== undefined) return known;
    const event = eventOfRecord(this.#context, record.version, stored);
    this.#read.set(stored.event, event);
    return event;
  }
}

/** The id of the event that a transaction added. */
function eventOf(results: readonly object[]): string {
  const added = results.find(each => "event" in each);
  assert(added !== undefined, "an event answers its id");
  return String(added.event);
}

/** The answer about a room that is not known, and about one that the asker is not in: nobody learns which rooms there are. */
export function noSuchRoom(): MatrixFault {
  return new MatrixFault(403, "M_FORBIDDEN", "You are not in this room.");
}

/** A transaction id counts for one device, room and type. Client-server API, transaction identifiers */
function keyOf(room: string, { type }: Authored, { account, device, transaction }: SentBy): string {
  return JSON.stringify(["matrix", account, device, room, type, transaction]);
}

/** The type and the state key of a `StateKey`. */
function partsOf(key: StateKey): readonly [type: string, stateKey: string] {
  const colon = key.indexOf(":");
  const start = colon + 1;
  const end = start + Number(key.slice(0, colon));
  return [key.slice(start, end), key.slice(end)];
}

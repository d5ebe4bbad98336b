import { type AuthState, authRulesOf, type StateKey } from "@scop/matrix/auth";
import { PREV_EVENTS_MAX, type RoomEvent } from "@scop/matrix/event";
import type { RoomChange, RoomRecord, SentBy } from "@scop/store";
import { assert } from "@scop/wire";
import { canonicalText } from "./canonical-text.ts";
import type { Context } from "./context.ts";
import { ownChange, stateBefore } from "./federation/intake.ts";
import { outgoing } from "./federation/outgoing.ts";
import { authStateOf, keptState, type RoomState } from "./federation/room-state.ts";
import { MatrixFault } from "./http.ts";
import { redactionOf } from "./redaction.ts";
import { type Authored, outline, RoomDraft } from "./room-draft.ts";

/** An event that may be added, the state that allows it, and what adds it. */
interface Drafted {
  readonly event: RoomEvent;
  readonly state: AuthState;
  readonly changes: readonly RoomChange[];
}

/** Puts events of ours into rooms, one after the other in each. */
export class Authoring {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Adds an event after those that are the latest; answers its id once it is stored. Throws `MatrixFault` where it may not be. */
  send(room: string, authored: Authored, sentBy?: SentBy): Promise<string> {
    return this.#context.rooms.turns.take(room, async () => {
      const { store } = this.#context;
      const idempotencyKey = sentBy && keyOf(room, authored, sentBy);
      // Also for who may not send any more: it was sent.
      const before = idempotencyKey === undefined ? undefined : await store.answered(idempotencyKey);
      if (before !== undefined) return eventOf(before);
      const record = await store.room(room);
      if (record === undefined) throw noSuchRoom();
      const { event, state, changes } = await this.#drafted(record, authored, sentBy);
      const told = await outgoing(this.#context, record, event);
      const further = [...(await this.#redaction(record, state, event)), ...told];
      return this.#stored([...changes, ...further], event, idempotencyKey);
    });
  }

  /** An event as it would be added now, and is not. Throws `MatrixFault` where it may not be. */
  async draft(room: string, authored: Authored): Promise<{ readonly record: RoomRecord; readonly event: RoomEvent }> {
    const record = await this.#context.store.room(room);
    if (record === undefined) throw noSuchRoom();
    return { record, event: (await this.#drafted(record, authored, undefined)).event };
  }

  /** An event after the latest ones, or after as many of them as one can come after, and what adds it. */
  async #drafted(record: RoomRecord, authored: Authored, sentBy: SentBy | undefined): Promise<Drafted> {
    const { store, io } = this.#context;
    const latest = record.latest.slice(0, PREV_EVENTS_MAX);
    const isAll = latest.length === record.latest.length;
    const before = isAll
      ? keptState(store, record.state)
      : await stateBefore(this.#context, record, { prevEvents: latest });
    const state = await this.#authState(record, before, authored);
    const draft = new RoomDraft(this.#context, { ...record, latest, state, at: io.clock.now() });
    const event = draft.add(authored, sentBy);
    if (isAll) return { event, state, changes: draft.changes };
    const received = { event, json: canonicalText(event.json) };
    return { event, state, changes: [await ownChange(this.#context, record, received, before, sentBy)] };
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
  #authState(record: RoomRecord, before: RoomState, authored: Authored): Promise<ReadonlyMap<StateKey, RoomEvent>> {
    const { rooms } = this.#context;
    const rules = authRulesOf(record.version);
    assert(rules !== undefined, "the version of a room that is served is known");
    return authStateOf(rooms.events, record, before, outline(authored), rules);
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

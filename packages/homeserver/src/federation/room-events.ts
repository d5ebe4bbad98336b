import { type AuthChecks, createIdOf, type KnownEvents } from "@scop/matrix/auth";
import { eventFormatOf, type RoomEvent } from "@scop/matrix/event";
import { isSignedWith } from "@scop/matrix/sign";
import type { RoomEventRecord, RoomRecord } from "@scop/store";
import { RecentMap } from "@scop/wire";
import type { Context } from "../context.ts";
import { eventOfRecord, ROOM_VERSIONS } from "../pdu.ts";

/** Events that were read and may be needed again. Our own bound: power levels and memberships of busy rooms. */
const READ_EVENTS_MAX = 4_000;

/** What a room is read by. */
export type RoomKey = Pick<RoomRecord, "room" | "version">;

/** An event as it is kept, and what it says. */
export interface KeptEvent {
  readonly event: RoomEvent;
  readonly record: RoomEventRecord;
}

/** The events of rooms as they are kept, read once. */
export class RoomEvents {
  readonly #context: Pick<Context, "io" | "store" | "options">;
  readonly #read: RecentMap<RoomEvent> = new RecentMap(READ_EVENTS_MAX);

  constructor(context: Pick<Context, "io" | "store" | "options">) {
    this.#context = context;
  }

  /** An event of a room; undefined where it is not here. */
  async get(room: RoomKey, id: string): Promise<KeptEvent | undefined> {
    const record = await this.#context.store.roomEvent(room.room, id);
    return record && { record, event: this.eventOf(room, record) };
  }

  /** What a record says. */
  eventOf({ version }: RoomKey, record: RoomEventRecord): RoomEvent {
    const known = this.#read.get(record.event);
    if (known !== undefined) return known;
    const event = eventOfRecord(this.#context, version, record);
    this.#read.set(record.event, event);
    return event;
  }

  /** The events that an event is authorised by, as far as they are here. */
  async authEventsOf(room: RoomKey, event: RoomEvent): Promise<KnownEvents> {
    const known = new Map<string, KeptEvent>();
    const isByHash = eventFormatOf(room.version)?.createIdIsRoomId === true;
    for (const id of isByHash ? [createIdOf(room.room), ...event.authEvents] : event.authEvents) {
      const kept = await this.get(room, id);
      if (kept !== undefined) known.set(id, kept);
    }
    return {
      get: id => known.get(id)?.event,
      isRejected: id => known.get(id)?.record.standing === "rejected",
    };
  }

  /** What authorisation asks of others. */
  get checks(): AuthChecks {
    const { crypto } = this.#context.io;
    return {
      isSignedBy: (signed, publicKey) => isSignedWith(signed, publicKey, crypto),
      isKnownVersion: version => ROOM_VERSIONS.includes(version),
    };
  }
}

import type { RoomEventRecord } from "@scop/store";
import type { Context, Who } from "./context.ts";
import { storedEvent } from "./stored-event.ts";

/** For whom an event is shown. */
type Reader = Pick<Who, "account" | "device">;

/** An event as clients read it. Client-server API, room event format */
export function clientEvent(
  context: Pick<Context, "io">,
  room: string,
  record: RoomEventRecord,
  reader: Reader,
): object {
  return { ...syncEvent(context, record, reader), room_id: room };
}

/** The same without the room, for `/sync`. */
export function syncEvent({ io }: Pick<Context, "io">, record: RoomEventRecord, reader: Reader): object {
  const { sentBy, redaction } = record;
  const isOwn = sentBy?.account === reader.account && sentBy.device === reader.device;
  const because = redaction && eventFields({ type: "m.room.redaction", stateKey: undefined, ...redaction });
  return {
    ...eventFields(record),
    unsigned: {
      age: Math.max(0, io.clock.now() - storedEvent(record).originServerTs),
      ...(isOwn ? { transaction_id: sentBy.transaction } : {}),
      ...(because === undefined ? {} : { redacted_because: because }),
    },
  };
}

/** What an event says itself. What a redaction redacts is in both places where a client may look. Matrix room version 11 */
function eventFields(record: Pick<RoomEventRecord, "type" | "stateKey" | "event" | "json">): object {
  const { sender, content, originServerTs, redacts: outside } = storedEvent(record);
  const redacts = record.type === "m.room.redaction" ? (outside ?? content["redacts"]) : undefined;
  return {
    type: record.type,
    event_id: record.event,
    sender,
    ...(record.stateKey === undefined ? {} : { state_key: record.stateKey }),
    ...(redacts === undefined ? {} : { redacts }),
    content: redacts === undefined ? content : { ...content, redacts },
    origin_server_ts: originServerTs,
  };
}

/** Types of state that somebody who is not in the room sees of it. Client-server API, stripped state */
export const STRIPPED_TYPES: readonly string[] = [
  ...["m.room.create", "m.room.name", "m.room.avatar", "m.room.topic", "m.room.join_rules"],
  ...["m.room.canonical_alias", "m.room.encryption"],
];

/** What somebody who is not in the room sees of its state. Client-server API, stripped state */
export function strippedEvent(record: RoomEventRecord): object {
  const { sender, content } = storedEvent(record);
  return { type: record.type, state_key: record.stateKey, sender, content };
}

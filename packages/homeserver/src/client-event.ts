import type { RoomEventRecord } from "@scop/store";
import type { Context, Who } from "./context.ts";
import { storedEvent } from "./stored-event.ts";

/** For whom an event is shown. */
type Reader = Pick<Who, "account" | "device">;

/** An event as clients read it. Client-server API, room event format */
export function clientEvent({ io }: Context, room: string, record: RoomEventRecord, reader: Reader): object {
  const { sentBy } = record;
  const isOwn = sentBy?.account === reader.account && sentBy.device === reader.device;
  const { sender, content, originServerTs, redacts } = storedEvent(record);
  return {
    type: record.type,
    room_id: room,
    event_id: record.event,
    sender,
    ...(record.stateKey === undefined ? {} : { state_key: record.stateKey }),
    ...(redacts === undefined ? {} : { redacts }),
    content,
    origin_server_ts: originServerTs,
    unsigned: {
      age: Math.max(0, io.clock.now() - originServerTs),
      ...(isOwn ? { transaction_id: sentBy.transaction } : {}),
    },
  };
}

/** The same without the room, for `/sync`. */
export function syncEvent(context: Context, record: RoomEventRecord, reader: Reader): object {
  const { room_id: _room, ...event } = clientEvent(context, "", record, reader) as { room_id: string };
  return event;
}

/** What somebody who is not in the room sees of its state. Client-server API, stripped state */
export function strippedEvent(record: RoomEventRecord): object {
  const { sender, content } = storedEvent(record);
  return { type: record.type, state_key: record.stateKey, sender, content };
}

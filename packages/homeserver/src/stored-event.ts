import type { RoomEventRecord } from "@scop/store";

/** An event as it is stored, read for clients: nothing is computed of it here, so that numbers may be those of JavaScript. */
interface StoredEvent {
  readonly sender: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly originServerTs: number;
  readonly redacts: unknown;
}

/** Reads the canonical JSON of an event. */
export function storedEvent(record: Pick<RoomEventRecord, "json">): StoredEvent {
  const { sender, content, origin_server_ts: originServerTs, redacts } = JSON.parse(record.json);
  return { sender, content, originServerTs, redacts };
}

/** The text in a field of the content of a stored event; undefined where there is something else or nothing. */
export function contentText(record: RoomEventRecord | undefined, field: string): string | undefined {
  if (record === undefined) return undefined;
  const { content } = storedEvent(record);
  const value = Object.hasOwn(content, field) ? content[field] : undefined;
  return typeof value === "string" ? value : undefined;
}

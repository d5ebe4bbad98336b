import type { RoomEventRecord } from "@scop/store";
import { clientEvent, syncEvent } from "../client-event.ts";
import type { Context, Who } from "../context.ts";
import { storedEvent } from "../stored-event.ts";
import type { View } from "../visibility.ts";

/** Relations of one event that are looked through, those that came last. Our own bound. */
const RELATED_MAX = 50;

/** In what room, for whom, and how far, events are shown. */
interface Shown {
  readonly context: Context;
  readonly room: string;
  readonly who: Who;
  readonly view: Pick<View, "upTo" | "visible">;
}

/** Events as clients read them, with what others say of them. Client-server API, aggregations of child events */
export function bundledEvents(shown: Shown, records: readonly RoomEventRecord[]): Promise<readonly object[]> {
  const told = (each: RoomEventRecord): object => clientEvent(shown.context, shown.room, each, shown.who);
  return Promise.all(records.map(each => withBundle(shown, each, told(each))));
}

/** The same without the room, for `/sync`. */
export function bundledSyncEvents(shown: Shown, records: readonly RoomEventRecord[]): Promise<readonly object[]> {
  return Promise.all(records.map(each => withBundle(shown, each, syncEvent(shown.context, each, shown.who))));
}

async function withBundle(shown: Shown, record: RoomEventRecord, event: object): Promise<object> {
  const bundle = await bundleOf(shown, record);
  if (bundle === undefined) return event;
  const { unsigned } = event as { readonly unsigned: object };
  return { ...event, unsigned: { ...unsigned, "m.relations": bundle } };
}

async function bundleOf(shown: Shown, record: RoomEventRecord): Promise<object | undefined> {
  const { context, room, view } = shown;
  // State is not replaced, and begins no thread.
  if (record.stateKey !== undefined) return undefined;
  const range = { after: Number.MIN_SAFE_INTEGER, upTo: view.upTo, order: "falling", limit: RELATED_MAX } as const;
  const found = await context.store.relatedEvents(room, record.event, undefined, range);
  if (found.length === 0) return undefined;
  const related = await view.visible(found);
  const bundle = {
    ...replacement(shown, record, related),
    ...references(related),
    ...(await threadPart(shown, record, related)),
  };
  return Object.keys(bundle).length === 0 ? undefined : bundle;
}

/** How an event says that it relates to another one. */
function relationOf(record: RoomEventRecord): string | undefined {
  const relation = storedEvent(record).content["m.relates_to"] as Readonly<Record<string, unknown>> | null | undefined;
  const type = relation?.["rel_type"];
  return typeof type === "string" ? type : undefined;
}

/** The last valid replacement: of the same author and type. Client-server API, event replacements */
function replacement(shown: Shown, record: RoomEventRecord, related: readonly RoomEventRecord[]): object {
  if (record.redaction !== undefined) return {};
  const { sender } = storedEvent(record);
  const last = related.find(each => {
    const isSame = each.type === record.type && each.stateKey === undefined && storedEvent(each).sender === sender;
    return isSame && relationOf(each) === "m.replace";
  });
  return last === undefined ? {} : { "m.replace": clientEvent(shown.context, shown.room, last, shown.who) };
}

function references(related: readonly RoomEventRecord[]): object {
  const chunk = related.filter(each => relationOf(each) === "m.reference").map(each => ({ event_id: each.event }));
  return chunk.length === 0 ? {} : { "m.reference": { chunk: chunk.reverse() } };
}

/** What a thread is, by its root. Client-server API, threading */
async function threadPart(
  { context, room, who, view }: Shown,
  root: RoomEventRecord,
  related: readonly RoomEventRecord[],
): Promise<object> {
  const latest = related.find(each => relationOf(each) === "m.thread");
  if (latest === undefined) return {};
  const { count, isTakingPart } = await context.store.threadSummary(room, root.event, who.user, view.upTo);
  const isAuthor = storedEvent(root).sender === who.user;
  return {
    "m.thread": {
      latest_event: clientEvent(context, room, latest, who),
      count,
      current_user_participated: isTakingPart || isAuthor,
    },
  };
}

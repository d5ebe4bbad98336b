import { assert } from "@scop/wire";
import { canonicalJson, EVENT_OCTETS_MAX, type JsonObject, jsonObject } from "../json/index.ts";
import { type ObjectSigner, signObject } from "../sign/index.ts";
import { contentHash, eventIdOf, type Hashes } from "./hashes.ts";
import { DEPTH_MAX } from "./limits.ts";
import { roomEventOf } from "./read.ts";
import { redactEvent } from "./redact.ts";
import type { RoomEvent } from "./room-event.ts";
import type { EventFormat } from "./versions.ts";

/** An event that is to be made. */
export interface EventDraft {
  /** Undefined for a create event of room version 12, whose id it becomes. */
  readonly roomId: string | undefined;
  readonly type: string;
  /** Undefined where the event is no state. */
  readonly stateKey: string | undefined;
  readonly sender: string;
  readonly content: JsonObject;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly originServerTs: number;
  /** Of the events before it, one of them at most as high. */
  readonly depth: number;
  readonly authEvents: readonly string[];
  readonly prevEvents: readonly string[];
  /** Of a redaction, the event that it redacts. */
  readonly redacts: string | undefined;
}

/**
 * Hashes, signs and names a new event of a room version from 3 on; undefined if it is longer than 65,536 octets. Server-server API, signing
 * events; Matrix room versions
 */
export function buildEvent(
  draft: EventDraft,
  format: EventFormat,
  signer: ObjectSigner,
  hashes: Hashes,
): RoomEvent | undefined {
  assert(format.ids !== "chosen", "nobody makes events of room versions 1 and 2 any more");
  const content = withRedacts(draft, format);
  const unsigned = jsonObject({
    type: draft.type,
    room_id: draft.roomId,
    sender: draft.sender,
    state_key: draft.stateKey,
    content,
    redacts: format.redactsInContent ? undefined : draft.redacts,
    origin_server_ts: draft.originServerTs,
    depth: Math.min(draft.depth, DEPTH_MAX),
    auth_events: draft.authEvents,
    prev_events: draft.prevEvents,
  });
  const hashed = new Map(unsigned).set("hashes", new Map([["sha256", contentHash(unsigned, hashes)]]));
  const { signatures } = Object.fromEntries(signObject(redactEvent(hashed, format), signer));
  const event = new Map(hashed).set("signatures", signatures!);
  if (canonicalJson(event).length > EVENT_OCTETS_MAX) return undefined;
  return roomEventOf(event, eventIdOf(event, format, hashes)!, format);
}

function withRedacts({ content, redacts }: EventDraft, format: EventFormat): JsonObject {
  return format.redactsInContent && redacts !== undefined ? new Map(content).set("redacts", redacts) : content;
}

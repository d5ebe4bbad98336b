export { buildEvent, type EventDraft } from "./build.ts";
export { contentHash, eventIdOf, type Hashes, isIntact } from "./hashes.ts";
export { AUTH_EVENTS_MAX, DEPTH_MAX, PREV_EVENTS_MAX } from "./limits.ts";
export { readEvent } from "./read.ts";
export { redactEvent } from "./redact.ts";
export type { RoomEvent } from "./room-event.ts";
export { type EventFormat, eventFormatOf, type RedactionRules } from "./versions.ts";

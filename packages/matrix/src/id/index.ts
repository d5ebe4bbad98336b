export type { LocalAndServer } from "./common.ts";
export { type EventId, parseEventId } from "./event-id.ts";
export { ID_OCTETS_MAX } from "./limits.ts";
export { formatMxc, isMediaId, type MediaLocation, parseMxc } from "./mxc.ts";
export { parseRoomAlias, parseRoomId, type RoomAlias, type RoomId } from "./room-id.ts";
export { type ServerNameParts, serverNameParts } from "./server-name.ts";
export { newUserId, parseUserId, type UserId } from "./user-id.ts";

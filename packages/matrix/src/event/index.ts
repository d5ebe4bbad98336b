export type { RoomEvent } from "./room-event.ts";

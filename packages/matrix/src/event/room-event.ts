import type { JsonObject } from "../json/index.ts";

/** An event of a room whose form was checked: what authorisation and state resolution look at. Server-server API, PDUs */
export interface RoomEvent {
  readonly eventId: string;
  /** As the event has it; for a create event of room version 12 made of its event id. */
  readonly roomId: string;
  readonly type: string;
  /** Undefined where the event is no state. */
  readonly stateKey: string | undefined;
  readonly sender: string;
  /** Milliseconds since 1970-01-01T00:00:00Z, as the sender's server says. */
  readonly originServerTs: number;
  readonly depth: number;
  readonly content: JsonObject;
  readonly authEvents: readonly string[];
  readonly prevEvents: readonly string[];
  /** What a redaction redacts: of `content` from room version 11 on, of the event before. */
  readonly redacts: string | undefined;
  /** The whole event as it came, hashes and signatures included. */
  readonly json: JsonObject;
}

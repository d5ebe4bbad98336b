import { failed, type Parsed, parsed } from "@scop/wire";
import { isBase64Hash } from "./base64-hash.ts";
import { type LocalAndServer, parseCommon } from "./common.ts";

const ROOM_RULE = "Matrix appendices, room ids";
const ALIAS_RULE = "Matrix appendices, room aliases";

/** The id of a room. */
export interface RoomId {
  readonly id: string;
  /** Whose server made it; it says nothing of where the room is. Undefined from room version 12 on, where the id is a hash. */
  readonly server: string | undefined;
}

/** The alias of a room. */
export interface RoomAlias extends LocalAndServer {
  readonly alias: string;
}

/**
 * The id of a room: `!opaque:server` until room version 11, `!` and the hash of the create event from 12 on. Refused with the place: what
 * is neither, more than 255 octets. Matrix appendices, room ids
 */
export function parseRoomId(id: string): Parsed<RoomId> {
  if (id.startsWith("!") && !id.includes(":")) {
    if (isBase64Hash(id.slice(1), "-_")) return parsed({ id, server: undefined });
    return failed("id-hash", 1, id.length - 1, ROOM_RULE);
  }
  const common = parseCommon(id, "!", ROOM_RULE);
  return common.ok ? parsed({ id, server: common.value.server }) : common;
}

/** An alias: `#name:server`, of at most 255 octets. Matrix appendices, room aliases */
export function parseRoomAlias(alias: string): Parsed<RoomAlias> {
  const common = parseCommon(alias, "#", ALIAS_RULE);
  return common.ok ? parsed({ ...common.value, alias }) : common;
}

import { failed, type Parsed, parsed } from "@scop/wire";
import { isBase64Hash } from "./base64-hash.ts";
import { parseCommon } from "./common.ts";

const RULE = "Matrix appendices, event ids";

/** The id of an event. */
export interface EventId {
  readonly id: string;
  /** Whose server made it, in room versions 1 and 2; undefined from 3 on, where the id is a hash. */
  readonly server: string | undefined;
}

/**
 * The id of an event: `$opaque:server` in room versions 1 and 2, `$` and a hash in either alphabet of base64 from 3 on. Refused with the
 * place: what is neither, more than 255 octets. Matrix appendices, event ids
 */
export function parseEventId(id: string): Parsed<EventId> {
  if (id.startsWith("$") && !id.includes(":")) {
    const hash = id.slice(1);
    if (isBase64Hash(hash, "-_") || isBase64Hash(hash, "+/")) return parsed({ id, server: undefined });
    return failed("id-hash", 1, hash.length, RULE);
  }
  const common = parseCommon(id, "$", RULE);
  return common.ok ? parsed({ id, server: common.value.server }) : common;
}

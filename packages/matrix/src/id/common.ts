import { failed, type Parsed, parsed, utf8Bytes } from "@scop/wire";
import { ID_OCTETS_MAX } from "./limits.ts";
import { serverNameParts } from "./server-name.ts";

const OCTETS_OF_UNIT_MAX = 3;

/** What an identifier that names its server consists of. */
export interface LocalAndServer {
  readonly localpart: string;
  /** As it is written: names of servers are compared as they are. */
  readonly server: string;
}

/**
 * An identifier of the common form, `&localpart:domain`, cut at its first colon. Refused with the place in characters: another sigil, no
 * server name behind a colon, NUL or half of a character in the local part, more than 255 octets. Matrix appendices, common identifier format
 */
export function parseCommon(text: string, sigil: string, rule: string): Parsed<LocalAndServer> {
  if (!text.startsWith(sigil)) return failed("id-sigil", 0, Math.min(text.length, 1), rule);
  if (!isShort(text)) return failed("id-too-long", 0, text.length, rule);
  const colon = text.indexOf(":");
  if (colon < 0) return failed("id-server", text.length, 0, rule);
  const localpart = text.slice(1, colon);
  const server = text.slice(colon + 1);
  if (localpart.includes("\0") || !localpart.isWellFormed()) return failed("id-localpart", 1, localpart.length, rule);
  if (serverNameParts(server) === undefined) return failed("id-server", colon + 1, server.length, rule);
  return parsed({ localpart, server });
}

/** Whether a text has at most 255 octets in UTF-8. A unit of UTF-16 takes one to three: most texts need not be counted. */
export function isShort(text: string): boolean {
  if (text.length * OCTETS_OF_UNIT_MAX <= ID_OCTETS_MAX) return true;
  return text.length <= ID_OCTETS_MAX && utf8Bytes(text).length <= ID_OCTETS_MAX;
}

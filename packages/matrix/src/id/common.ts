import { failed, type Parsed, parsed, utf8Bytes } from "@scop/wire";
import { ID_OCTETS_MAX } from "./limits.ts";
import { serverNameParts } from "./server-name.ts";

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
  // A character takes at least one octet: what is longer in characters need not be counted.
  const octets = text.length > ID_OCTETS_MAX ? text.length : utf8Bytes(text).length;
  if (octets > ID_OCTETS_MAX) return failed("id-too-long", 0, text.length, rule);
  const colon = text.indexOf(":");
  if (colon < 0) return failed("id-server", text.length, 0, rule);
  const localpart = text.slice(1, colon);
  const server = text.slice(colon + 1);
  if (localpart.includes("\0") || !localpart.isWellFormed()) return failed("id-localpart", 1, localpart.length, rule);
  if (serverNameParts(server) === undefined) return failed("id-server", colon + 1, server.length, rule);
  return parsed({ localpart, server });
}

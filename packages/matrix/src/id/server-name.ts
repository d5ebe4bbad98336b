import { CharClass, isClass, parseIp } from "@scop/wire";
import { HOST_CHARACTERS_MAX } from "./limits.ts";

const PORT_DIGITS_MAX = 5;

/** A server name cut at the colon of its port. */
export interface ServerNameParts {
  /** Without port; an IPv6 address in its brackets. */
  readonly host: string;
  /** Its digits; undefined where there is none. */
  readonly port: string | undefined;
}

/**
 * A server name in its parts; undefined where the text is none. What this grammar has need not be a host that can be reached: `resolve`
 * asks for more. Deviation: a host with nothing between two dots or beside one is refused, for DNS has none and paths have `..`.
 *
 * server_name = hostname [ ":" port ]
 * hostname    = IPv4address / "[" IPv6address "]" / dns-name
 * port        = 1*5DIGIT
 * dns-name    = 1*255dns-char
 * dns-char    = DIGIT / ALPHA / "-" / "."          Matrix appendices, server name
 */
export function serverNameParts(text: string): ServerNameParts | undefined {
  const bracket = text.startsWith("[") ? text.indexOf("]") : -1;
  const colon = text.indexOf(":", bracket + 1);
  const host = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? undefined : text.slice(colon + 1);
  if (port !== undefined && !isPort(port)) return undefined;
  return isHost(host) ? { host, port } : undefined;
}

function isPort(text: string): boolean {
  return text.length > 0 && text.length <= PORT_DIGITS_MAX && consistsOf(text, CharClass.digit, "");
}

function isHost(text: string): boolean {
  if (text.startsWith("[")) return text.endsWith("]") && text.includes(":") && parseIp(text.slice(1, -1)).ok;
  if (text.length === 0 || text.length > HOST_CHARACTERS_MAX) return false;
  if (text.startsWith(".") || text.endsWith(".") || text.includes("..")) return false;
  return consistsOf(text, CharClass.alpha | CharClass.digit, "-.");
}

/** Whether every character is of the classes or one of `others`. */
export function consistsOf(text: string, classes: number, others: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (!isClass(text.charCodeAt(at), classes) && !others.includes(text[at]!)) return false;
  }
  return true;
}

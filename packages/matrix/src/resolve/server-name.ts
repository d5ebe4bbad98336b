import { failed, type IpText, type Parsed, parsed, parseIp } from "@scop/wire";
import { HOST_CHARACTERS_MAX } from "./limits.ts";

/** The name of a server, in its parts. */
export interface ServerName {
  /** As it was written. */
  readonly text: string;
  /** The host without port; an IPv6 address in its brackets. */
  readonly host: string;
  /** The address where the host is one. */
  readonly address: IpText | undefined;
  readonly port: number | undefined;
}

const RULE = "Matrix appendices, server name";

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** dns-char = DIGIT / ALPHA / "-" / "." */
function isDnsName(text: string): boolean {
  if (text.length === 0 || text.length > HOST_CHARACTERS_MAX) return false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isLetter = (code | 32) >= 97 && (code | 32) <= 122;
    if (!isLetter && !isDigit(code) && code !== 45 && code !== 46) return false;
  }
  return true;
}

/** Whether some would read the name as an IPv4 address in another form: its last label is a number, in whatever base. */
function isNumeric(text: string): boolean {
  const label = text.slice(text.lastIndexOf(".") + 1).toLowerCase();
  if (label.startsWith("0x")) return true;
  for (let at = 0; at < label.length; at += 1) if (!isDigit(label.charCodeAt(at))) return false;
  return label !== "";
}

/** 1*5DIGIT */
function portOf(text: string): number | undefined {
  if (text.length === 0 || text.length > 5) return undefined;
  for (let at = 0; at < text.length; at += 1) if (!isDigit(text.charCodeAt(at))) return undefined;
  const port = Number(text);
  return port > 0 && port <= 65_535 ? port : undefined;
}

/** Where the host ends: before the colon of the port. */
function hostEnd(text: string): number {
  const bracket = text.startsWith("[") ? text.indexOf("]") : -1;
  const colon = text.indexOf(":", Math.max(0, bracket));
  return colon < 0 ? text.length : colon;
}

/**
 * The parts of a server name. Refused: what is none, a port that can't be, an IPv6 address without brackets or with a zone, and, though the grammar
 * has it, a host that ends in a number and is no address, which some resolvers take for one.
 *
 * server_name = hostname [ ":" port ]   Matrix appendices, server name
 */
export function parseServerName(text: string): Parsed<ServerName> {
  const end = hostEnd(text);
  const host = text.slice(0, end);
  const port = end === text.length ? undefined : portOf(text.slice(end + 1));
  if (end < text.length && port === undefined) return failed("server-port", end, text.length - end, RULE);
  const isBracketed = host.startsWith("[") && host.endsWith("]");
  const read = parseIp(isBracketed ? host.slice(1, -1) : host);
  if (isBracketed !== (read.ok && host.includes(":"))) return failed("server-host", 0, end, RULE);
  if (read.ok) return parsed({ text, host, address: read.value.text, port });
  if (!isDnsName(host) || isNumeric(host)) return failed("server-host", 0, end, RULE);
  return parsed({ text, host, address: undefined, port });
}

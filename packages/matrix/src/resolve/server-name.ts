import { CharClass, failed, type IpText, type Parsed, parsed, parseIp } from "@scop/wire";
import { consistsOf, serverNameParts } from "../id/server-name.ts";

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

const PORT_MAX = 65_535;

/** Whether some would read the name as an IPv4 address in another form: its last label is a number, in whatever base. */
function isNumeric(text: string): boolean {
  const label = text.slice(text.lastIndexOf(".") + 1).toLowerCase();
  return label.startsWith("0x") || (label !== "" && consistsOf(label, CharClass.digit, ""));
}

/**
 * The parts of a server name. Refused: what is none, a port that can't be, an IPv6 address without brackets or with a zone, and, though the grammar
 * has it, a host that ends in a number and is no address, which some resolvers take for one. Matrix appendices, server name
 */
export function parseServerName(text: string): Parsed<ServerName> {
  const parts = serverNameParts(text);
  if (parts === undefined) return failed("server-name", 0, text.length, RULE);
  const { host } = parts;
  const port = parts.port === undefined ? undefined : Number(parts.port);
  if (port === 0 || (port ?? 0) > PORT_MAX) return failed("server-port", host.length, text.length - host.length, RULE);
  const address = parseIp(host.startsWith("[") ? host.slice(1, -1) : host);
  if (address.ok) return parsed({ text, host, address: address.value.text, port });
  return isNumeric(host)
    ? failed("server-host", 0, host.length, RULE)
    : parsed({ text, host, address: undefined, port });
}

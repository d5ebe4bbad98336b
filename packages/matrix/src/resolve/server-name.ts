import { failed, type IpText, type Parsed, parsed, parseIp } from "@scop/wire";
import { serverNameParts } from "../id/index.ts";

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
  return label.startsWith("0x") || /^[0-9]+$/.test(label);
}

/**
 * The parts of the name of a server that can be reached. Refused: what is none (`serverNameParts`), a port that can't be, and a host that ends
 * in a number and is no address, which some resolvers take for one. Matrix appendices, server name
 */
export function parseServerName(text: string): Parsed<ServerName> {
  const parts = serverNameParts(text);
  if (parts === undefined) return failed("server-name", 0, text.length, RULE);
  const { host } = parts;
  const port = parts.port === undefined ? undefined : Number(parts.port);
  if (port === 0 || (port !== undefined && port > PORT_MAX))
    return failed("server-port", host.length, text.length - host.length, RULE);
  const read = parseIp(host.startsWith("[") ? host.slice(1, -1) : host);
  if (read.ok) return parsed({ text, host, address: read.value.text, port });
  if (isNumeric(host)) return failed("server-host", 0, host.length, RULE);
  return parsed({ text, host, address: undefined, port });
}

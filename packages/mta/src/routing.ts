import { isAddressLiteral, literalAddress, parseIp } from "@scop/address";
import type { Dns, MxRecord, Random } from "@scop/platform";
import { unreachable } from "@scop/wire";
import { type Settings, type Transport, type TransportTls, tlsOfTransport } from "./config.ts";
import { entryFor } from "./domain-pattern.ts";
import { shuffled } from "./schedule.ts";

/** SMTP between servers. RFC 5321 4.5.4.2 */
const SMTP_PORT = 25;

/** A host to try, its addresses not looked up yet. */
export interface Hop {
  readonly host: string;
  readonly port: number;
  /** `host` is an IP address already. */
  readonly literal: boolean;
  readonly tls: TransportTls;
  readonly credentials: Transport["credentials"];
  readonly protocol: "smtp" | "lmtp";
  /** Who chose the host: the operator or an address literal, or DNS, with or without DNSSEC to vouch for it. */
  readonly chosenBy: "operator" | "dns" | "authentic-dns";
}

/** Where mail for a destination goes: hosts in the order in which they are tried, or why there are none. */
export type Route =
  | { readonly to: "hops"; readonly hops: readonly Hop[] }
  | {
      readonly to: "nowhere";
      readonly lasting: "permanent" | "temporary";
      readonly status: string;
      readonly text: string;
    };

/** Finds the way to a destination: transports first, then MX, then the domain's own addresses. RFC 5321 5.1 */
export async function findRoute(
  io: { readonly dns: Dns; readonly random: Random },
  settings: Pick<Settings, "hostname" | "transports" | "relay">,
  destination: string,
): Promise<Route> {
  const transport = entryFor(settings.transports, destination) ?? settings.relay;
  if (transport) return { to: "hops", hops: [hopOf(transport)] };
  if (isAddressLiteral(destination))
    return { to: "hops", hops: [direct(literalAddress(destination).text, "operator")] };
  const answer = await io.dns.mx(destination);
  switch (answer.found) {
    case "records":
      return routeByMx(answer.records, settings.hostname, io.random, chooser(answer.authentic));
    case "no-data":
      return { to: "hops", hops: [direct(destination, chooser(answer.authentic))] };
    case "no-name":
      return { to: "nowhere", lasting: "permanent", status: "5.1.2", text: "The domain does not exist" };
    case "failure":
      return { to: "nowhere", lasting: "temporary", status: "4.4.3", text: `DNS failed: ${answer.detail}` };
    default:
      return unreachable(answer);
  }
}

function hopOf(transport: Transport): Hop {
  return {
    host: transport.host,
    port: transport.port,
    literal: parseIp(transport.host).ok,
    tls: tlsOfTransport(transport),
    credentials: transport.credentials,
    protocol: transport.protocol ?? "smtp",
    chosenBy: "operator",
  };
}

function chooser(authentic: boolean): Hop["chosenBy"] {
  return authentic ? "authentic-dns" : "dns";
}

function direct(host: string, chosenBy: Hop["chosenBy"]): Hop {
  const literal = chosenBy === "operator";
  return { host, port: SMTP_PORT, literal, tls: "opportunistic", credentials: undefined, protocol: "smtp", chosenBy };
}

/** The hosts of an MX set in the order in which they are tried, without us and what is behind us. RFC 5321 5.1 */
export function routeByMx(
  records: readonly MxRecord[],
  hostname: string,
  random: Random,
  chosenBy: Hop["chosenBy"],
): Route {
  const named = records.filter(record => record.exchange !== "" && record.exchange !== ".");
  // RFC 7505 3: a null MX says that the domain takes no mail.
  if (named.length === 0)
    return { to: "nowhere", lasting: "permanent", status: "5.1.10", text: "The domain takes no mail (null MX)" };
  const ours = named.filter(record => record.exchange.toLowerCase() === hostname.toLowerCase());
  const below = ours.reduce((least, record) => Math.min(least, record.preference), Number.POSITIVE_INFINITY);
  const byPreference = Map.groupBy(
    named.filter(record => record.preference < below),
    record => record.preference,
  );
  const hops = [...byPreference.keys()]
    .sort((a, b) => a - b)
    .flatMap(preference => shuffled(byPreference.get(preference)!, random))
    .map(record => direct(record.exchange.toLowerCase(), chosenBy));
  if (hops.length === 0)
    return {
      to: "nowhere",
      lasting: "permanent",
      status: "5.4.6",
      text: "The best mail exchanger of the domain is this host",
    };
  return { to: "hops", hops };
}

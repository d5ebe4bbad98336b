import { getServers } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { type ResolverServer, resolversOf } from "@scop/dns";
import { type ResolverIo, type RunningResolver, runResolver } from "@scop/dns/run";
import type { Dns, DnsAnswer, IpText } from "@scop/platform";
import { ipText } from "./connection.ts";

const RESOLV_CONF = "/etc/resolv.conf";

/** The servers that this machine is configured with. */
function systemServers(): readonly ResolverServer[] {
  let resolvConf = "";
  try {
    resolvConf = readFileSync(RESOLV_CONF, "utf8");
  } catch {
    // Other systems keep it elsewhere, and have no such option.
  }
  return resolversOf(getServers(), resolvConf);
}

/** Names in the reach of this machine alone, which DNS does not know. RFC 6761 6.3 */
function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, "");
  return !name.includes(".") || name.endsWith(".localhost");
}

/** Asks the system, which knows its own names. */
async function localAddresses(host: string): Promise<DnsAnswer<IpText>> {
  try {
    const found = await systemLookup(host, { all: true });
    return { found: "records", records: found.map(each => ipText(each.address)), authentic: false };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOTFOUND") return { found: "no-name", authentic: false };
    return { found: "failure", kind: "temporary", detail: code };
  }
}

/** Look-ups through these servers, or else those that the machine is configured with. Names of this machine are looked up by the system. */
export function scopDns(io: ResolverIo, servers: readonly ResolverServer[] = systemServers()): RunningResolver {
  const { dns, lookup } = runResolver(io, servers);
  const addresses: Dns["addresses"] = host => (isLocalName(host) ? localAddresses(host) : dns.addresses(host));
  return { dns: { ...dns, addresses }, lookup };
}

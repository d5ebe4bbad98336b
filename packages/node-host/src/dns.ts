import { Resolver } from "node:dns";
import { lookup as systemLookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { dnsOf, type ResolverServer, resolversOf } from "@scop/dns";
import { type ResolverIo, type RunningResolver, runResolver } from "@scop/dns/run";
import type { Dns, DnsAnswer, IpText } from "@scop/platform";
import { ipText } from "./connection.ts";

const RESOLV_CONF = "/etc/resolv.conf";

/** How often it is looked whether this machine has other servers by now, as after a change of networks. */
const LOOK_MS = 5_000;

/** The servers that this machine is configured with, at this moment: Node reads that for each resolver that is made. */
function systemServers(): readonly ResolverServer[] {
  let resolvConf = "";
  try {
    resolvConf = readFileSync(RESOLV_CONF, "utf8");
  } catch {
    // Other systems keep it elsewhere, and have no such option.
  }
  return resolversOf(new Resolver().getServers(), resolvConf);
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

/**
 * Look-ups through the servers that `servers` gives, which is asked again every five seconds in which there is a look-up. Others than before
 * begin with no memory: what the old ones said, also of failures, counts no more. Questions under way are left to the old ones.
 */
export function followingResolver(io: ResolverIo, servers: () => readonly ResolverServer[]): RunningResolver {
  let known = servers();
  let resolver = runResolver(io, known);
  let lookedAt = io.clock.monotonic();
  const lookup: RunningResolver["lookup"] = (name, type) => {
    const now = io.clock.monotonic();
    if (now - lookedAt >= LOOK_MS) {
      lookedAt = now;
      const found = servers();
      if (JSON.stringify(found) !== JSON.stringify(known)) {
        known = found;
        resolver = runResolver(io, found);
      }
    }
    return resolver.lookup(name, type);
  };
  return { dns: dnsOf(lookup), lookup };
}

/** Look-ups through these servers, or else those that the machine has at the time. Names of this machine are looked up by the system. */
export function scopDns(io: ResolverIo, servers?: readonly ResolverServer[]): RunningResolver {
  const { dns, lookup } = servers === undefined ? followingResolver(io, systemServers) : runResolver(io, servers);
  const addresses: Dns["addresses"] = host => (isLocalName(host) ? localAddresses(host) : dns.addresses(host));
  return { dns: { ...dns, addresses }, lookup };
}

import type { Dns, DnsAnswer, IpText, MxRecord, SrvRecord, TlsaRecord } from "@scop/platform";

/** What the simulated DNS knows: names in lower case. A name that stands nowhere does not exist. */
export interface Zone {
  readonly mx: Map<string, readonly MxRecord[]>;
  /** IPv4 and IPv6 addresses of hosts. */
  readonly addresses: Map<string, readonly string[]>;
  readonly txt: Map<string, readonly string[]>;
  /** Host names by address. */
  readonly ptr: Map<string, readonly string[]>;
  readonly srv: Map<string, readonly SrvRecord[]>;
  readonly tlsa: Map<string, readonly TlsaRecord[]>;
  /** What names are aliases of; the other maps are not asked for it. */
  readonly cname: Map<string, readonly string[]>;
  /** Names whose lookups fail for now. */
  readonly failing: Set<string>;
  /** Names that DNSSEC calls forged. */
  readonly bogus: Set<string>;
  /** Names whose answers are validated, absences too. */
  readonly authentic: Set<string>;
}

export function emptyZone(): Zone {
  return {
    mx: new Map(),
    addresses: new Map(),
    txt: new Map(),
    ptr: new Map(),
    srv: new Map(),
    tlsa: new Map(),
    cname: new Map(),
    failing: new Set(),
    bogus: new Set(),
    authentic: new Set(),
  };
}

/** Answers from the zone as it is at that moment. */
export function simulatedDns(zone: Zone): Dns {
  const records = [zone.mx, zone.addresses, zone.txt, zone.ptr, zone.srv, zone.tlsa, zone.cname];
  const answer = async <T>(asked: string, from: ReadonlyMap<string, readonly T[]>): Promise<DnsAnswer<T>> => {
    const name = asked.toLowerCase();
    if (zone.failing.has(name))
      return { found: "failure", kind: "temporary", detail: "the name servers do not answer" };
    if (zone.bogus.has(name)) return { found: "failure", kind: "bogus", detail: "the signature does not match" };
    const found = from.get(name);
    const authentic = zone.authentic.has(name);
    if (found !== undefined && found.length > 0) return { found: "records", records: found, authentic };
    return { found: records.some(map => map.has(name)) ? "no-data" : "no-name", authentic };
  };
  const addresses = async (name: string, isWanted: (address: string) => boolean): Promise<DnsAnswer<IpText>> => {
    const known = (zone.addresses.get(name.toLowerCase()) ?? []) as readonly IpText[];
    return answer(name, new Map([[name.toLowerCase(), known.filter(isWanted)]]));
  };
  return {
    mx: domain => answer(domain, zone.mx),
    addresses: host => addresses(host, () => true),
    a: name => addresses(name, address => !address.includes(":")),
    aaaa: name => addresses(name, address => address.includes(":")),
    txt: name => answer(name, zone.txt),
    ptr: address => answer(address, zone.ptr),
    cname: name => answer(name, zone.cname),
    srv: name => answer(name, zone.srv),
    tlsa: name => answer(name, zone.tlsa),
  };
}

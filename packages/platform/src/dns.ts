import type { IpText } from "@scop/wire";

/** One mail exchanger of a domain. */
export interface MxRecord {
  /** Lower is tried first. RFC 5321 5.1 */
  readonly preference: number;
  /** Its host name without the final dot; empty for the null MX of RFC 7505. */
  readonly exchange: string;
}

/** Where a service of a domain is. RFC 2782 */
export interface SrvRecord {
  /** Lower is tried first. */
  readonly priority: number;
  /** Among equal priorities, the share of it. */
  readonly weight: number;
  readonly port: number;
  /** Its host name without the final dot; empty where the domain does not have this service. */
  readonly target: string;
}

/** What a certificate of a service has to match. RFC 6698 2.1 */
export interface TlsaRecord {
  /** 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE. RFC 7218 2.1 */
  readonly usage: number;
  /** 0 the whole certificate, 1 its public key. RFC 7218 2.2 */
  readonly selector: number;
  /** 0 the octets themselves, 1 their SHA-256, 2 their SHA-512. RFC 7218 2.3 */
  readonly matching: number;
  readonly data: Uint8Array;
}

/**
 * What a look-up gives: records, their certain absence, or a failure. `authentic`: a resolver that this host trusts, over a path that it
 * trusts, has validated the answer by DNSSEC (the AD flag). RFC 6840 5.8
 */
export type DnsAnswer<T> =
  | { readonly found: "records"; readonly records: readonly T[]; readonly authentic: boolean }
  /** The name exists and has no record of this type. */
  | { readonly found: "no-data"; readonly authentic: boolean }
  | { readonly found: "no-name"; readonly authentic: boolean }
  /** `bogus`: DNSSEC says that somebody forged it, or that the zone is broken. `temporary`: nobody could say. `detail` is for people. */
  | { readonly found: "failure"; readonly kind: "temporary" | "bogus"; readonly detail: string };

/** Look-ups by name: ASCII, without the final dot, in any case of letters. CNAMEs are followed. Never rejects. */
export interface Dns {
  mx(domain: string): Promise<DnsAnswer<MxRecord>>;
  /** IPv6 and IPv4 addresses, in the order in which they should be tried. */
  addresses(host: string): Promise<DnsAnswer<IpText>>;
  a(name: string): Promise<DnsAnswer<IpText>>;
  aaaa(name: string): Promise<DnsAnswer<IpText>>;
  /** One string a record, its strings joined, one character (U+0000 to U+00FF) an octet. */
  txt(name: string): Promise<DnsAnswer<string>>;
  /** The host names of an IP address, asked for in `in-addr.arpa` or `ip6.arpa`. RFC 1035 3.5, RFC 3596 2.5 */
  ptr(address: IpText): Promise<DnsAnswer<string>>;
  /** What the name itself is an alias of, one step; no data where it is none. RFC 1035 3.6.2 */
  cname(name: string): Promise<DnsAnswer<string>>;
  /** By the whole name, as in `_imaps._tcp.example.org`. */
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
  /** By the whole name, as in `_25._tcp.mx.example.org`. */
  tlsa(name: string): Promise<DnsAnswer<TlsaRecord>>;
}

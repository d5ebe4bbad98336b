import type { IpText } from "./net.ts";

/** One mail exchanger of a domain. */
export interface MxRecord {
  /** Lower is tried first. RFC 5321 5.1 */
  readonly preference: number;
  /** Its host name without the final dot; empty for the null MX of RFC 7505. */
  readonly exchange: string;
}

/** What a lookup gives: records, their certain absence, or a failure that may pass. */
export type DnsAnswer<T> =
  | { readonly found: "records"; readonly records: readonly T[] }
  | { readonly found: "no-data" }
  | { readonly found: "no-name" }
  | { readonly found: "failure"; readonly detail: string };

/** Look-ups by name. Never rejects. */
export interface Dns {
  mx(domain: string): Promise<DnsAnswer<MxRecord>>;
  /** IPv6 and IPv4 addresses, in the order in which they should be tried. */
  addresses(host: string): Promise<DnsAnswer<IpText>>;
}

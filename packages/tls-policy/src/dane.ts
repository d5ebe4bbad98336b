import type { DnsAnswer, TlsaRecord } from "@scop/platform";
import { ALIASES_MAX } from "./limits.ts";
import { usableTlsa } from "./tlsa.ts";

/** A look-up that the decision needs, answered by one of the same type. */
export type DaneQuestion =
  | { readonly do: "lookup"; readonly type: "CNAME"; readonly name: string }
  | { readonly do: "lookup"; readonly type: "TLSA"; readonly name: string };

export type DaneAnswer = DnsAnswer<string> | DnsAnswer<TlsaRecord>;

/** What DANE says about a mail exchanger. */
export type DaneOutcome =
  /** It says nothing: the zone is not signed, or has no records. */
  | { readonly is: "none" }
  /** The server has to match one of the records. */
  | {
      readonly is: "match";
      readonly records: readonly TlsaRecord[];
      /** To ask for in the handshake. RFC 7672 8.1 */
      readonly serverName: string;
      /** Of which a certificate under DANE-TA has to name one. RFC 7672 3.2.3 */
      readonly names: readonly string[];
    }
  /** There are records, and none of a kind that can be used: TLS it has to be, whoever answers. RFC 7672 2.2 */
  | { readonly is: "encrypt" }
  /** Nobody can say: this exchanger must not be used now. RFC 7672 2.1.2 */
  | { readonly is: "unknown"; readonly detail: string };

/** A mail exchanger, and how it was found. */
export interface DaneSubject {
  /** The recipient's domain. */
  readonly domain: string;
  readonly host: string;
  readonly port: number;
  /** Whether DNSSEC vouches for the MX records, or for their absence. */
  readonly exchangers: "authentic" | "insecure";
  /** The same for the addresses of the host. */
  readonly addresses: "authentic" | "insecure";
}

const NONE: DaneOutcome = { is: "none" };

function unknown(answer: DaneAnswer & { readonly found: "failure" }): DaneOutcome {
  return {
    is: "unknown",
    detail: `${answer.kind === "bogus" ? "DNSSEC says forged" : "DNS failed"}: ${answer.detail}`,
  };
}

/** What the host is an alias of in the end, where every step is authentic; the host itself otherwise. RFC 7672 2.2.2 */
function* canonicalName(host: string): Generator<DaneQuestion, string | DaneOutcome, DaneAnswer> {
  let name = host;
  for (let aliases = 0; aliases < ALIASES_MAX; aliases += 1) {
    const answer = yield { do: "lookup", type: "CNAME", name };
    if (answer.found === "failure") return unknown(answer);
    if (!answer.authentic) return host;
    const target = answer.found === "records" ? answer.records[0] : undefined;
    if (typeof target !== "string") return name;
    name = target;
  }
  return host;
}

/**
 * Decides what DANE asks of a mail exchanger. It begins where the MX records and the addresses are authentic; without, an attacker could name
 * a host of his own. Records of what the host is an alias of count before its own. RFC 7672 2.2
 */
export function* decideDane(subject: DaneSubject): Generator<DaneQuestion, DaneOutcome, DaneAnswer> {
  const { host, domain, port, exchangers, addresses } = subject;
  if (exchangers === "insecure" || addresses === "insecure") return NONE;
  const canonical = yield* canonicalName(host);
  if (typeof canonical !== "string") return canonical;
  for (const base of new Set([canonical, host])) {
    const answer = yield { do: "lookup", type: "TLSA", name: `_${port}._tcp.${base}` };
    if (answer.found === "failure") return unknown(answer);
    if (answer.found !== "records" || !answer.authentic) continue;
    const records = usableTlsa(answer.records.filter(record => typeof record !== "string"));
    if (records.length === 0) return { is: "encrypt" };
    return { is: "match", records, serverName: base, names: [...new Set([base, host, domain])] };
  }
  return NONE;
}

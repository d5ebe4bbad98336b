import { type Mailbox, parseMailto } from "@scop/address";
import type { DnsCheck as Checking } from "@scop/dns/check";
import { ask, Discovery, Unanswered } from "./discovery.ts";
import { NAME_CHARACTERS_MAX } from "./limits.ts";
import { isDmarcRecord, parseDmarcRecord, type ReportUri } from "./record.ts";
import { organizationalDomain } from "./walk.ts";

/** Somebody who gets reports. */
export interface ReportDestination {
  readonly mailbox: Mailbox;
  /** Octets that the message may have there. */
  readonly octetsMax: number | undefined;
}

/** Who gets the aggregate reports about a domain now. */
export interface ReportDestinations {
  /** `temperror`: DNS did not say of everybody; it is worth to ask again. */
  readonly result: "known" | "temperror";
  readonly destinations: readonly ReportDestination[];
  /** URIs that get nothing: of another scheme, malformed, or their host does not say that it wants these reports. */
  readonly refused: readonly string[];
}

/**
 * Who gets the reports about a policy domain (lower case, A-labels): the `rua` of its record as it is now, where their hosts belong to the same
 * organisation or say that they take reports about the domain. RFC 9990 3.5, 4
 */
export function* findDestinations(policyDomain: string): Checking<ReportDestinations> {
  const discovery = new Discovery();
  const destinations = new Map<string, ReportDestination>();
  const refused: string[] = [];
  let result: ReportDestinations["result"] = "known";
  try {
    const found = yield* discovery.recordOf(policyDomain);
    for (const wanted of found?.record.aggregateReports ?? []) {
      try {
        const allowed = yield* allowedBy(discovery, policyDomain, wanted);
        if (allowed.length === 0) refused.push(wanted.uri);
        for (const each of allowed) destinations.set(`${each.mailbox.localPart}@${each.mailbox.domain}`, each);
      } catch (error) {
        if (!(error instanceof Unanswered)) throw error;
        result = "temperror";
      }
    }
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    result = "temperror";
  }
  return { result, destinations: [...destinations.values()], refused };
}

function destinationOf({ uri, octetsMax }: ReportUri): ReportDestination | undefined {
  const mailbox = parseMailto(uri);
  return mailbox === undefined ? undefined : { mailbox, octetsMax };
}

/** Whom a URI of the record comes to in the end. Throws `Unanswered`. RFC 9990 4 */
function* allowedBy(
  discovery: Discovery,
  policyDomain: string,
  wanted: ReportUri,
): Checking<readonly ReportDestination[]> {
  const own = destinationOf(wanted);
  if (own === undefined) return [];
  const host = own.mailbox.domain;
  if (host.startsWith("[")) return [];
  const organization = organizationalDomain(policyDomain, yield* discovery.walk(policyDomain));
  if (organizationalDomain(host, yield* discovery.walk(host)) === organization) return [own];
  const name = `${policyDomain}._report._dmarc.${host}`;
  if (name.length > NAME_CHARACTERS_MAX) return [];
  const consents = (yield* ask({ type: "TXT", name })).filter(isDmarcRecord);
  if (consents.length === 0) return [];
  // Who consents may name another mailbox of the same host; one elsewhere would be a way to bother others.
  const instead = consents.flatMap(text => {
    const read = parseDmarcRecord(text);
    return read.ok ? read.value.aggregateReports : [];
  });
  if (instead.length === 0) return [own];
  const others = instead.map(destinationOf).filter(each => each !== undefined);
  return others.length === instead.length && others.every(({ mailbox }) => mailbox.domain === host) ? others : [];
}

import { formatMailbox } from "@scop/address";
import { parseKeyRecord } from "@scop/dkim";
import { isDmarcRecord, parseDmarcRecord } from "@scop/dmarc";
import { type Directive, isSpfRecord, parseRecord } from "@scop/spf";
import { parseReportRecord, parseStsRecord, type ReportDestination } from "@scop/tls-policy";
import { describe, equalBytes } from "@scop/wire";
import type { RecordToPublish } from "./records.ts";

/** What a text that was found comes to, beside the one that was asked for. */
type Comparison =
  | { readonly is: "same"; readonly besides: string | undefined }
  | { readonly is: "other"; readonly how: string };

/** The kinds of TXT records. */
type TextPurpose = Exclude<RecordToPublish["purpose"], "mx" | "service" | "web-host">;

interface TextKind {
  /** Whether a text at the name is one of this kind: others may stand beside it. */
  readonly isOne: (text: string) => boolean;
  readonly compare: (asked: string, found: string) => Comparison;
}

function same(besides?: string): Comparison {
  return { is: "same", besides };
}

function other(how: string): Comparison {
  return { is: "other", how };
}

/** `+mx` and `MX` are `mx`. RFC 7208 4.6.1 */
function termOf({ text }: Directive): string {
  return text.toLowerCase().replace(/^\+/, "");
}

/** A domain may let others send, too: what was asked for has to be there, and to stay the last word. */
function compareSpf(asked: string, found: string): Comparison {
  const [own, published] = [parseRecord(asked), parseRecord(found)];
  if (!own.ok || !published.ok) return other(`it is malformed: ${published.ok ? "" : describe(published.error)}`);
  const wanted = own.value.directives.map(termOf);
  const terms = published.value.directives.map(termOf);
  const lacking = wanted.filter(term => !terms.includes(term));
  if (lacking.length > 0) return other(`it lacks ${lacking.join(" ")}`);
  const behind = terms.slice(terms.findIndex(term => /^[-~?]?all$/.test(term)) + 1);
  if (behind.length > 0) return other(`nobody reads ${behind.join(" ")} behind all`);
  const more = terms.filter(term => !wanted.includes(term));
  return same(more.length > 0 ? `it also has ${more.join(" ")}` : undefined);
}

/** How a published key differs from ours. RFC 6376 3.6.1 */
function compareKeys(asked: string, found: string): Comparison {
  const [own, published] = [parseKeyRecord(asked), parseKeyRecord(found)];
  if (!own.ok || !published.ok) return other(`it is malformed: ${published.ok ? "" : describe(published.error)}`);
  const { type, octets, hashes, services, flags } = published.value;
  if (octets.length === 0) return other("it says that the key was revoked");
  if (type !== own.value.type || !equalBytes(octets, own.value.octets)) return other("it is another key");
  if (hashes !== undefined && !hashes.includes("sha256")) return other("it is not for SHA-256");
  if (!services.includes("*") && !services.includes("email")) return other("it is not for mail");
  // RFC 6376 3.6.1: verifiers treat what a domain that is only trying signs as if it were not signed.
  if (flags.includes("y")) return other("t=y: others take it for a trial");
  return same();
}

/** The policy is the domain's own affair; that there is one, and where reports go, is not. */
function compareDmarc(asked: string, found: string): Comparison {
  const [own, published] = [parseDmarcRecord(asked), parseDmarcRecord(found)];
  if (!own.ok || !published.ok || published.value.policy === undefined) return other("it has no valid p");
  const uris = published.value.aggregateReports.map(({ uri }) => uri);
  const lacking = own.value.aggregateReports.map(({ uri }) => uri).filter(uri => !uris.includes(uri));
  if (lacking.length > 0) return other(`reports do not go to ${lacking.join(", ")}`);
  return same(published.value.policy === own.value.policy ? undefined : `its policy is ${published.value.policy}`);
}

function compareSts(asked: string, found: string): Comparison {
  const [own, published] = [parseStsRecord([asked]), parseStsRecord([found])];
  if (published.is === "none") return other("it is malformed");
  const isSame = own.is === "record" && own.id === published.id;
  return isSame ? same() : other("another id: others may go on with an older policy");
}

function destinationText(destination: ReportDestination): string {
  return destination.by === "mail" ? formatMailbox(destination.mailbox) : destination.url;
}

function compareReports(asked: string, found: string): Comparison {
  const published = parseReportRecord([found]).map(destinationText);
  const lacking = parseReportRecord([asked])
    .map(destinationText)
    .filter(destination => !published.includes(destination));
  return lacking.length > 0 ? other(`reports do not go to ${lacking.join(", ")}`) : same();
}

/** How the texts of each purpose are told from others, and compared. */
export const TEXT_KINDS: { readonly [P in TextPurpose]: TextKind } = {
  spf: { isOne: isSpfRecord, compare: compareSpf },
  dkim: { isOne: () => true, compare: compareKeys },
  dmarc: { isOne: isDmarcRecord, compare: compareDmarc },
  "mta-sts": { isOne: text => text.startsWith("v=STSv1"), compare: compareSts },
  "tls-rpt": { isOne: text => text.startsWith("v=TLSRPTv1"), compare: compareReports },
};

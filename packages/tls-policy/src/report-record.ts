import { type Domain, type Mailbox, parseDomain, parseMailto } from "@scop/address";
import { REPORT_DESTINATIONS_MAX } from "./limits.ts";
import { tagsOf, tagValue } from "./tags.ts";

/** A web server that takes reports. */
export interface ReportEndpoint {
  readonly by: "https";
  readonly url: string;
  readonly host: Domain;
  /** With the query; begins with a slash. */
  readonly path: string;
}

/** Where a domain wants reports about TLS. */
export type ReportDestination = { readonly by: "mail"; readonly mailbox: Mailbox } | ReportEndpoint;

/** Where the record of a domain stands. RFC 8460 3 */
export function reportRecordName(domain: string): string {
  return `_smtp._tls.${domain}`;
}

function destinationOf(text: string): ReportDestination | undefined {
  const [, scheme = "", rest = ""] = /^(mailto|https):(.+)$/i.exec(text) ?? [];
  if (rest === "" || /[^!-~]/.test(rest)) return undefined;
  if (scheme.toLowerCase() === "https") return endpointOf(rest);
  const mailbox = parseMailto(text);
  return mailbox === undefined ? undefined : { by: "mail", mailbox };
}

/** A host by name, at the usual port: reports are no way to have us knock at others. RFC 3986 3 */
function endpointOf(rest: string): ReportEndpoint | undefined {
  if (!rest.startsWith("//") || rest.includes("#")) return undefined;
  const found = rest.slice(2).search(/[/?]/);
  const pathAt = found < 0 ? rest.length : found + 2;
  const authority = rest.slice(2, pathAt);
  const host = parseDomain(authority.endsWith(":443") ? authority.slice(0, -4) : authority);
  if (!host.ok) return undefined;
  const path = rest.slice(pathAt);
  return { by: "https", url: `https:${rest}`, host: host.value, path: path.startsWith("/") ? path : `/${path}` };
}

/**
 * The destinations in TXT records of `_smtp._tls`: none where not exactly one record begins with the version. Destinations of other schemes,
 * or of web servers by number or at another port than 443, and those after the tenth, are left out. RFC 8460 3
 */
export function parseReportRecord(texts: readonly string[]): readonly ReportDestination[] {
  const ours = texts.filter(text => /^v=TLSRPTv1[ \t]*;/.test(text));
  const rua = ours.length === 1 ? tagValue(tagsOf(ours[0]!, "TLSRPTv1") ?? [], "rua") : undefined;
  return (rua ?? "")
    .split(",", REPORT_DESTINATIONS_MAX)
    .map(text => destinationOf(text.trim()))
    .filter(destination => destination !== undefined);
}

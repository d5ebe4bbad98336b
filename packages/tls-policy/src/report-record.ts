import { type Mailbox, parseMailto } from "@scop/address";
import { REPORT_DESTINATIONS_MAX } from "./limits.ts";
import { tagsOf, tagValue } from "./tags.ts";

/** Where a domain wants reports about TLS. */
export type ReportDestination =
  | { readonly by: "mail"; readonly mailbox: Mailbox }
  | { readonly by: "https"; readonly url: string };

/** Where the record of a domain stands. RFC 8460 3 */
export function reportRecordName(domain: string): string {
  return `_smtp._tls.${domain}`;
}

function destinationOf(text: string): ReportDestination | undefined {
  const [, scheme = "", rest = ""] = /^(mailto|https):(.+)$/i.exec(text) ?? [];
  if (rest === "" || /[^!-~]/.test(rest)) return undefined;
  if (scheme.toLowerCase() === "https")
    return rest.startsWith("//") ? { by: "https", url: `https:${rest}` } : undefined;
  const mailbox = parseMailto(text);
  return mailbox === undefined ? undefined : { by: "mail", mailbox };
}

/**
 * The destinations in TXT records of `_smtp._tls`: none where not exactly one record begins with the version. Destinations of other schemes,
 * and those after the tenth, are left out. RFC 8460 3
 */
export function parseReportRecord(texts: readonly string[]): readonly ReportDestination[] {
  const ours = texts.filter(text => /^v=TLSRPTv1[ \t]*;/.test(text));
  const rua = ours.length === 1 ? tagValue(tagsOf(ours[0]!, "TLSRPTv1") ?? [], "rua") : undefined;
  return (rua ?? "")
    .split(",", REPORT_DESTINATIONS_MAX)
    .map(text => destinationOf(text.trim()))
    .filter(destination => destination !== undefined);
}

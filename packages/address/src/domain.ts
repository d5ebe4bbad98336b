import { type Brand, failed, type Parsed, parsed } from "@scop/wire";
import { labelToAscii, labelToUnicode, mapText } from "./idna.ts";
import { DOMAIN_CHARACTERS_MAX, DOMAIN_OCTETS_MAX } from "./limits.ts";

/** A domain name in its one canonical form: lower case, A-labels, no final dot, at most 253 octets. Compare with `===`. */
export type Domain = Brand<string, "Domain">;

/** Whether the octets are all lower-case letters, digits, hyphens and dots, which mapping leaves alone. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < 97 || code > 122) && (code < 45 || code > 57 || code === 47)) return false;
  }
  return true;
}

function isNumeric(label: string): boolean {
  for (let at = 0; at < label.length; at += 1) {
    const code = label.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/**
 * A domain from ASCII labels or U-labels in any case. Refused with a diagnostic, whose offset counts UTF-16 units of the mapped text: empty labels (a
 * final dot too), labels over 63 octets, names over 253, hyphens at the ends of a label, characters that no host name has,
 * A-labels that decode to nothing allowed, and a last label of digits only, which would be taken for an IPv4 address.
 *
 * Domain = sub-domain *("." sub-domain)   RFC 5321 4.1.2, RFC 6531 3.3
 */
export function parseDomain(text: string): Parsed<Domain> {
  if (text.length > DOMAIN_CHARACTERS_MAX) return failed("domain-length", 0, text.length, "RFC 5321 4.5.3.1.2");
  const labels: string[] = [];
  let offset = 0;
  for (const label of (isPlain(text) ? text : mapText(text)).split(".")) {
    const ascii = labelToAscii(label, offset);
    if (!ascii.ok) return ascii;
    labels.push(ascii.value);
    offset += label.length + 1;
  }
  const domain = labels.join(".");
  if (domain.length > DOMAIN_OCTETS_MAX) return failed("domain-length", 0, text.length, "RFC 5321 4.5.3.1.2");
  const top = labels[labels.length - 1]!;
  if (isNumeric(top)) return failed("domain-numeric", offset - top.length - 1, top.length, "RFC 3696 2");
  return parsed(domain as Domain);
}

/** The domain with U-labels, for people. Labels that are no A-labels stay as they are. */
export function domainToUnicode(domain: Domain): string {
  if (!domain.includes("xn--")) return domain;
  return domain
    .split(".")
    .map(label => labelToUnicode(label) ?? label)
    .join(".");
}

import { type Brand, failed, type Parsed, parsed } from "@scop/wire";
import { fulfilsBidiRule, isRightToLeft } from "./bidi.ts";
import { DOMAIN_CHARACTERS_MAX, DOMAIN_OCTETS_MAX } from "./limits.ts";
import { findSpecial, labelToAscii, labelToUnicode, mapText } from "./u-label.ts";

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

/** The two ways between one label in ASCII and in Unicode. */
interface LabelForms {
  /** One mapped label in ASCII; `offset` is where it begins. */
  readonly toAscii: (label: string, offset: number) => Parsed<string>;
  /** The U-label of a label in ASCII, or itself. */
  readonly toUnicode: (label: string) => string;
}

/**
 * The domain of text that is mapped already: what must hold of each label, and of all of them together. Offsets count UTF-16 units of it.
 *
 * Domain = sub-domain *("." sub-domain)   RFC 5321 4.1.2, RFC 6531 3.3
 */
export function domainOfMapped(text: string, { toAscii, toUnicode }: LabelForms): Parsed<Domain> {
  const labels: string[] = [];
  let offset = 0;
  for (const label of text.split(".")) {
    const ascii = toAscii(label, offset);
    if (!ascii.ok) return ascii;
    labels.push(ascii.value);
    offset += label.length + 1;
  }
  const domain = labels.join(".");
  if (domain.length > DOMAIN_OCTETS_MAX) return failed("domain-length", 0, text.length, "RFC 5321 4.5.3.1.2");
  const top = labels[labels.length - 1]!;
  if (isNumeric(top)) return failed("domain-numeric", text.length - top.length, top.length, "RFC 3696 2");
  // RFC 5893 2: all labels keep the rule where one of them is written from right to left.
  const shown = domain.includes("xn--") ? labels.map(toUnicode) : [];
  if (shown.some(isRightToLeft) && !shown.every(fulfilsBidiRule))
    return failed("domain-bidi", 0, text.length, "RFC 5893 2");
  return parsed(domain as Domain);
}

/**
 * A domain from ASCII labels or U-labels in any case. Refused with a diagnostic, whose offset counts UTF-16 units of the mapped text: empty labels (a
 * final dot too), labels over 63 octets, names over 253, hyphens at the ends of a label, characters that no host name has,
 * A-labels that decode to nothing allowed, directions of text that mix, and a last label of digits only, which would be taken for an
 * IPv4 address. What it accepts is what UTS 46 makes of the text; `parseIdnaDomain` of `@scop/address/idna` accepts all that UTS 46 does.
 */
export function parseDomain(text: string): Parsed<Domain> {
  if (text.length > DOMAIN_CHARACTERS_MAX) return failed("domain-length", 0, text.length, "RFC 5321 4.5.3.1.2");
  const plain = isPlain(text);
  const special = plain ? -1 : findSpecial(text);
  if (special >= 0) return failed("domain-character", special, 1, "RFC 5891 4.2.3");
  return domainOfMapped(plain ? text : mapText(text), { toAscii: labelToAscii, toUnicode });
}

function toUnicode(label: string): string {
  return labelToUnicode(label) ?? label;
}

/** The domain with U-labels, for people. Labels that are no A-labels stay as they are. */
export function domainToUnicode(domain: Domain): string {
  if (!domain.includes("xn--")) return domain;
  return domain.split(".").map(toUnicode).join(".");
}

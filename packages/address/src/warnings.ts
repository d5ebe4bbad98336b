import type { Diagnostic } from "@scop/wire";
import type { ReceivedMailbox } from "./received.ts";
import { labelToUnicode } from "./u-label.ts";
import { endOfQuoted } from "./words.ts";

const QUOTE = 34;
const OPEN = 40;

type Finding = readonly [code: string, rule: string];

/** Signs of a local part that other programs have taken for the end of it, or for a route. */
const SIGNS: readonly (readonly [signs: string, code: string, rule: string])[] = [
  // RFC 5321 4.1.2 lets them stand in quotes.
  ['@<>,;:"\\ ', "local-part-delimiter", "RFC 5321 4.1.2"],
  // RFC 5321 2.3.11: only the host of the domain may read more into it. `user%other` and `other!user` were routes.
  ["%!", "local-part-route", "RFC 5321 2.3.11"],
];

/** Whether an encoded-word stands in text. Some programs decode it, and read another address. */
function hasEncodedWord(text: string): boolean {
  const start = text.indexOf("=?");
  return start >= 0 && text.includes("?=", start + 2);
}

/** What of the content of a local part programs have read in several ways. */
export function localPartFindings(localPart: string): readonly Finding[] {
  const found: Finding[] = hasEncodedWord(localPart) ? [["encoded-word-in-address", "RFC 2047 5"]] : [];
  for (const [signs, code, rule] of SIGNS) {
    for (const sign of signs) {
      if (!localPart.includes(sign)) continue;
      found.push([code, rule]);
      break;
    }
  }
  return found;
}

function domainFindings(domain: string): readonly Finding[] {
  const found: Finding[] = hasEncodedWord(domain) ? [["encoded-word-in-address", "RFC 2047 5"]] : [];
  const isFalse = (label: string): boolean => label.startsWith("xn--") && labelToUnicode(label) === undefined;
  // Punycode can spell `@`, `<` and ASCII letters; what decodes to them is no A-label.
  if (domain.toLowerCase().split(".").some(isFalse)) found.push(["domain-a-label", "RFC 5891 5.4"]);
  return found;
}

/** Whether a comment stands within the address, and not only in or behind its name. */
function hasInnerComment(bytes: Uint8Array, mailbox: ReceivedMailbox): boolean {
  const end = mailbox.offset + mailbox.length;
  let at = mailbox.nameOffset + mailbox.nameLength;
  while (at < end) {
    if (bytes[at] === OPEN) return true;
    at = bytes[at] === QUOTE ? endOfQuoted(bytes, at, end) : at + 1;
  }
  return false;
}

/**
 * What of a mailbox in a field programs have read in several ways, each once, at the place of the mailbox: an encoded-word, a delimiter or a
 * route in the local part, Punycode that is none in the domain, a comment within the address, and a name that shows another address. None of
 * it is forbidden everywhere; a filter may want to know. What is sent to, and what is to be shown, is `strictMailbox`. `shown` is the name as
 * people see it, where encoded-words were decoded (`displayNameOf` of `@scop/mime`). RFC 5322 3.4.1
 */
export function addressWarnings(
  bytes: Uint8Array,
  mailbox: ReceivedMailbox,
  shown: string = mailbox.displayName === "" ? mailbox.comment : mailbox.displayName,
): readonly Diagnostic[] {
  const { localPart, domain, offset, length } = mailbox;
  const found: Finding[] = [...localPartFindings(localPart)];
  for (const each of domainFindings(domain)) if (!found.some(([code]) => code === each[0])) found.push(each);
  if (hasInnerComment(bytes, mailbox)) found.push(["comment-in-address", "RFC 5322 3.4.1"]);
  if (shown.includes("@") && !shown.toLowerCase().includes(`${localPart}@${domain}`.toLowerCase())) {
    found.push(["address-in-name", "RFC 5322 3.4"]);
  }
  return found.map(([code, rule]) => ({ code, offset, length, rule }));
}

import { assert, type Brand, failed, type IpText, type Parsed, parsed, parseIp } from "@scop/wire";
import { LABEL_OCTETS_MAX, NAME_OCTETS_MAX } from "./limits.ts";

/**
 * A domain name as text, without the final dot; the root is empty. Octets of a label that are no visible ASCII are `\DDD`; a dot or a
 * backslash within a label has a backslash before it. The case of letters is kept and means nothing: compare with `sameName`. RFC 1035 5.1
 */
export type Name = Brand<string, "Name">;

const BACKSLASH = 92;
const DOT = 46;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

interface Written {
  readonly octet: number;
  readonly characters: number;
}

/** A character that stands for itself. */
const PLAIN: Written = { octet: 0, characters: 1 };

/** The octet that an escape stands for and how many characters it takes; undefined where it is none. */
function escapeAt(text: string, at: number): Written | undefined {
  const next = text.charCodeAt(at + 1);
  if (Number.isNaN(next) || next > 126) return undefined;
  if (!isDigit(next)) return { octet: next, characters: 2 };
  const digits = text.slice(at + 1, at + 4);
  const octet = digits.length === 3 && /^[0-9]{3}$/.test(digits) ? Number(digits) : 256;
  return octet > 255 ? undefined : { octet, characters: 4 };
}

/** One octet of a label as text. */
function octetText(octet: number): string {
  if (octet === DOT || octet === BACKSLASH) return `\\${String.fromCharCode(octet)}`;
  return octet > 32 && octet < 127 ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, "0")}`;
}

/** The octets of a label as text. */
export function labelText(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octetText(octet);
  return text;
}

/**
 * A name from its text; a final dot is dropped. Refused: characters above U+007E, controls and spaces that are not escaped, empty labels,
 * labels over 63 octets and names over 255 on the wire. U-labels are not names here: write A-labels. RFC 1035 2.3.4, RFC 5890 2.3.2.1
 */
export function parseName(text: string): Parsed<Name> {
  if (text === "" || text === ".") return parsed("" as Name);
  if (text.length > 4 * NAME_OCTETS_MAX) return failed("name-length", 0, text.length, "RFC 1035 2.3.4");
  // What is no escape is copied as it stands, from one escape to the next.
  let name = "";
  let copied = 0;
  let labelOctets = 0;
  let nameOctets = 1;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (labelOctets === 0) return failed("name-label-empty", at, 1, "RFC 1035 2.3.1");
      labelOctets = 0;
      at += 1;
      continue;
    }
    const written = code === BACKSLASH ? escapeAt(text, at) : PLAIN;
    if (written === undefined || code <= 32 || code > 126) return failed("name-character", at, 1, "RFC 1035 5.1");
    if (written !== PLAIN) {
      name += text.slice(copied, at) + octetText(written.octet);
      copied = at + written.characters;
    }
    nameOctets += labelOctets === 0 ? 2 : 1;
    labelOctets += 1;
    if (labelOctets > LABEL_OCTETS_MAX) return failed("name-label-length", at, 1, "RFC 1035 2.3.4");
    if (nameOctets > NAME_OCTETS_MAX) return failed("name-length", at, 1, "RFC 1035 2.3.4");
    at += written.characters;
  }
  const end = labelOctets === 0 ? text.length - 1 : text.length;
  return parsed((name + text.slice(copied, end)) as Name);
}

/** The labels of a name as text, the most specific first; none for the root. */
export function labelsOf(name: Name): readonly string[] {
  if (name === "") return [];
  if (!name.includes("\\")) return name.split(".");
  const labels: string[] = [];
  let from = 0;
  for (let at = 0; at < name.length; at += 1) {
    if (name.charCodeAt(at) === BACKSLASH) at += 1;
    else if (name.charCodeAt(at) === DOT) {
      labels.push(name.slice(from, at));
      from = at + 1;
    }
  }
  labels.push(name.slice(from));
  return labels;
}

/** The octets of one label of a name. */
export function labelOctets(label: string): Uint8Array {
  const octets: number[] = [];
  for (let at = 0; at < label.length; ) {
    const written = label.charCodeAt(at) === BACKSLASH ? escapeAt(label, at) : undefined;
    octets.push(written?.octet ?? label.charCodeAt(at));
    at += written?.characters ?? 1;
  }
  return Uint8Array.from(octets);
}

/** The one spelling of a name that all equal names share: lower case. RFC 4343 3 */
export function nameKey(name: Name): string {
  return name.toLowerCase();
}

/** Whether two names are the same, in any case of ASCII letters. RFC 4343 3 */
export function sameName(one: Name, other: Name): boolean {
  return one === other || nameKey(one) === nameKey(other);
}

/** The name under which the host names of an address stand. RFC 1035 3.5, RFC 3596 2.5 */
export function reverseName(address: IpText): Name {
  const read = parseIp(address);
  assert(read.ok, "an IpText is an address");
  if (read.value.family === 4) return `${address.split(".").reverse().join(".")}.in-addr.arpa` as Name;
  const labels = [...read.value.octets].flatMap(octet => [(octet >> 4).toString(16), (octet & 15).toString(16)]);
  return `${labels.reverse().join(".")}.ip6.arpa` as Name;
}

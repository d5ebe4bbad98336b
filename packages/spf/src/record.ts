import {
  CharClass,
  concat,
  failed,
  type IpAddress,
  ipOfOctets,
  isClass,
  type Parsed,
  parsed,
  parseIp,
} from "@scop/wire";
import { formatMacroString, type MacroString, parseMacroString } from "./macro.ts";

/** What a match means. RFC 7208 4.6.2 */
export type Qualifier = "pass" | "fail" | "softfail" | "neutral";

/** How many first bits of an address count, by family. RFC 7208 5.6 */
export interface PrefixBits {
  readonly v4: number;
  readonly v6: number;
}

/** What is compared with the sender. RFC 7208 5 */
export type Mechanism =
  | { readonly type: "all" }
  | { readonly type: "include" | "exists"; readonly domain: MacroString }
  /** Without a domain, the one that is checked. */
  | { readonly type: "a" | "mx"; readonly domain: MacroString | undefined; readonly bits: PrefixBits }
  | { readonly type: "ptr"; readonly domain: MacroString | undefined }
  /** The octets of a network, and how many first bits of it count. */
  | { readonly type: "ip4" | "ip6"; readonly network: Uint8Array; readonly bits: number };

/** One mechanism with its qualifier. RFC 7208 4.6.1 */
export interface Directive {
  readonly qualifier: Qualifier;
  readonly mechanism: Mechanism;
  /** As the record has it. */
  readonly text: string;
  /** Where it stands in the record. */
  readonly offset: number;
}

/** An SPF record that keeps the rules. RFC 7208 4.5 */
export interface SpfRecord {
  readonly directives: readonly Directive[];
  readonly redirect: MacroString | undefined;
  readonly explanation: MacroString | undefined;
}

const VERSION = "v=spf1";
const RULE = "RFC 7208 4.6.1";
const QUALIFIERS: ReadonlyMap<string, Qualifier> = new Map([
  ["+", "pass"],
  ["-", "fail"],
  ["~", "softfail"],
  ["?", "neutral"],
]);
const WHOLE: PrefixBits = { v4: 32, v6: 128 };
/** RFC 4291 2.5.5.2 */
const MAPPED = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]);

/** Whether a TXT record is one of SPF: the version in any case, and a space or the end. RFC 7208 4.5 */
export function isSpfRecord(text: string): boolean {
  if (text.slice(0, VERSION.length).toLowerCase() !== VERSION) return false;
  return text.length === VERSION.length || text.charAt(VERSION.length) === " ";
}

/** What has been read of a record. */
interface Draft {
  readonly directives: Directive[];
  redirect: MacroString | undefined;
  explanation: MacroString | undefined;
}

/**
 * record = version terms *SP, terms = *( 1*SP ( directive / modifier ) )
 *
 * A record from its text, which `isSpfRecord` accepted, one character an octet. Any fault anywhere refuses all of it, with the place: RFC 7208 4.6
 * makes it a permerror. Takes one pass.
 */
export function parseRecord(text: string): Parsed<SpfRecord> {
  const draft: Draft = { directives: [], redirect: undefined, explanation: undefined };
  for (let at = VERSION.length; at < text.length; ) {
    if (text.charAt(at) === " ") {
      at += 1;
      continue;
    }
    const space = text.indexOf(" ", at);
    const end = space < 0 ? text.length : space;
    const fault = readTerm(draft, text.slice(at, end), at);
    if (fault !== undefined) return fault;
    at = end;
  }
  return parsed(draft);
}

/** Length of `name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )` at the start of a text. */
function nameLength(text: string): number {
  if (!isClass(text.charCodeAt(0), CharClass.alpha)) return 0;
  let at = 1;
  while (isClass(text.charCodeAt(at), CharClass.alpha | CharClass.digit) || "-_.".includes(text.charAt(at) || " "))
    at += 1;
  return at;
}

function readTerm(draft: Draft, text: string, offset: number): (Parsed<never> & { readonly ok: false }) | undefined {
  const length = nameLength(text);
  const read =
    length > 0 && text.charAt(length) === "="
      ? readModifier(draft, text.slice(0, length).toLowerCase(), text.slice(length + 1), offset + length + 1)
      : readDirective(draft, text, offset);
  return read.ok ? undefined : read;
}

/** RFC 7208 6: redirect and exp at most once; what is not known is checked and passed over. */
function readModifier(draft: Draft, name: string, value: string, offset: number): Parsed<unknown> {
  if (name !== "redirect" && name !== "exp") return parseMacroString(value, "term", offset);
  const key = name === "redirect" ? "redirect" : "explanation";
  if (draft[key] !== undefined) return failed("modifier-duplicate", offset, value.length, "RFC 7208 6");
  const read = parseDomainSpec(value, offset);
  if (read.ok) draft[key] = read.value;
  return read;
}

function readDirective(draft: Draft, text: string, offset: number): Parsed<unknown> {
  const qualifier = QUALIFIERS.get(text.charAt(0));
  const start = qualifier === undefined ? 0 : 1;
  const rest = text.slice(start);
  const length = nameLength(rest);
  // Names of mechanisms have no dots and so on, but a modifier's do; what is no name of either is refused here.
  const read = readMechanism(rest.slice(0, length).toLowerCase(), rest.slice(length), offset + start + length);
  if (!read.ok) return read;
  draft.directives.push({ qualifier: qualifier ?? "pass", mechanism: read.value, text, offset });
  return read;
}

function readMechanism(name: string, rest: string, offset: number): Parsed<Mechanism> {
  switch (name) {
    case "all":
      return rest === "" ? parsed({ type: "all" }) : failed("all-value", offset, rest.length, "RFC 7208 5.1");
    case "include":
    case "exists":
      return withDomain(rest, offset, domain => ({ type: name, domain }));
    case "ptr":
      return rest === ""
        ? parsed({ type: "ptr", domain: undefined })
        : withDomain(rest, offset, domain => ({ type: "ptr", domain }));
    case "a":
    case "mx":
      return readHosts(name, rest, offset);
    case "ip4":
    case "ip6":
      return readNetwork(name, rest, offset);
    default:
      return failed("mechanism-unknown", offset - name.length, name.length, RULE);
  }
}

function withDomain(rest: string, offset: number, make: (domain: MacroString) => Mechanism): Parsed<Mechanism> {
  if (!rest.startsWith(":")) return failed("domain-missing", offset, rest.length, RULE);
  const read = parseDomainSpec(rest.slice(1), offset + 1);
  return read.ok ? parsed(make(read.value)) : read;
}

/** a = "a" [ ":" domain-spec ] [ dual-cidr-length ]   RFC 7208 5.3, 5.4 */
function readHosts(type: "a" | "mx", rest: string, offset: number): Parsed<Mechanism> {
  const { text, v4, v6 } = cutPrefixes(rest);
  if (v4 === undefined || v6 === undefined || v4 > WHOLE.v4 || v6 > WHOLE.v6)
    return failed("prefix-length", offset + text.length, rest.length - text.length, "RFC 7208 5.6");
  const bits = { v4, v6 };
  if (text === "") return parsed({ type, domain: undefined, bits });
  return withDomain(text, offset, domain => ({ type, domain, bits }));
}

/** ip4 = "ip4" ":" ip4-network [ ip4-cidr-length ], ip6 = "ip6" ":" ip6-network [ ip6-cidr-length ]   RFC 7208 5.6 */
function readNetwork(type: "ip4" | "ip6", rest: string, offset: number): Parsed<Mechanism> {
  if (!rest.startsWith(":")) return failed("network-missing", offset, rest.length, "RFC 7208 5.6");
  const slash = rest.indexOf("/");
  const text = rest.slice(1, slash < 0 ? rest.length : slash);
  const read = parseIp(text);
  if (!read.ok || text.includes(":") !== (type === "ip6"))
    return failed("network-address", offset + 1, text.length, "RFC 7208 5.6");
  const whole = type === "ip4" ? WHOLE.v4 : WHOLE.v6;
  const bits = slash < 0 ? whole : digits(rest.slice(slash + 1));
  if (bits === undefined || bits > whole)
    return failed("prefix-length", offset + slash, rest.length - slash, "RFC 7208 5.6");
  // An IPv4-mapped network stays one of IPv6, and matches nobody: senders with such an address count as IPv4. RFC 7208 5
  const network = type === "ip6" && read.value.family === 4 ? concat([MAPPED, read.value.octets]) : read.value.octets;
  return parsed({ type, network, bits });
}

/** A number without leading zeros, at most three digits. */
function digits(text: string): number | undefined {
  if (text === "0") return 0;
  return /^[1-9][0-9]{0,2}$/.test(text) ? Number(text) : undefined;
}

/** Where the digits at the end of a text begin. */
function digitsAt(text: string): number {
  let at = text.length;
  while (at > 0 && isClass(text.charCodeAt(at - 1), CharClass.digit)) at -= 1;
  return at;
}

/** Takes `dual-cidr-length = [ "/" ip4-cidr ] [ "//" ip6-cidr ]` from the end; a slash elsewhere belongs to the name. Undefined: not a length. */
function cutPrefixes(rest: string): {
  readonly text: string;
  readonly v4: number | undefined;
  readonly v6: number | undefined;
} {
  let text = rest;
  const cut = (slashes: string, whole: number): number | undefined => {
    const at = digitsAt(text);
    if (at === text.length || !text.slice(0, at).endsWith(slashes)) return whole;
    const length = digits(text.slice(at));
    text = text.slice(0, at - slashes.length);
    return length;
  };
  const v6 = cut("//", WHOLE.v6);
  const v4 = cut("/", WHOLE.v4);
  return { text, v4, v6 };
}

/**
 * domain-spec = macro-string domain-end, domain-end = ( "." toplabel [ "." ] ) / macro-expand   RFC 7208 7.1
 */
function parseDomainSpec(text: string, offset: number): Parsed<MacroString> {
  const read = parseMacroString(text, "term", offset);
  if (!read.ok) return read;
  if (text === "") return failed("domain-missing", offset, 0, "RFC 7208 7.1");
  if (endsInExpand(text)) return read;
  const ended = text.endsWith(".") ? text.slice(0, -1) : text;
  const label = ended.slice(ended.lastIndexOf(".") + 1);
  // A macro that is not at the end leaves its brace in what follows it, which no label has.
  if (!ended.includes(".") || !isTopLabel(label))
    return failed("domain-end", offset + text.length - label.length, label.length, "RFC 7208 7.1");
  return read;
}

/** Whether the last thing of a macro string is a macro and not a literal. */
function endsInExpand(text: string): boolean {
  let end = -1;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", end))
    end = text.charAt(at + 1) === "{" ? text.indexOf("}", at) + 1 : at + 2;
  return end === text.length;
}

/** toplabel: letters, digits and hyphens, not digits alone, no hyphen at its ends. */
function isTopLabel(label: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label) && !/^[0-9]+$/.test(label);
}

/** A record as DNS has it, with the directives in their order. */
export function formatRecord({ directives, redirect, explanation }: SpfRecord): string {
  const terms = directives.map(({ qualifier, mechanism }) => `${signOf(qualifier)}${formatMechanism(mechanism)}`);
  if (redirect !== undefined) terms.push(`redirect=${formatMacroString(redirect)}`);
  if (explanation !== undefined) terms.push(`exp=${formatMacroString(explanation)}`);
  return [VERSION, ...terms].join(" ");
}

function signOf(qualifier: Qualifier): string {
  if (qualifier === "pass") return "";
  return [...QUALIFIERS].find(([, value]) => value === qualifier)![0];
}

function formatMechanism(mechanism: Mechanism): string {
  if (mechanism.type === "all") return "all";
  if ("network" in mechanism) return formatNetwork(mechanism);
  const domain = mechanism.domain === undefined ? "" : `:${formatMacroString(mechanism.domain)}`;
  if (mechanism.type !== "a" && mechanism.type !== "mx") return `${mechanism.type}${domain}`;
  const { v4, v6 } = mechanism.bits;
  return `${mechanism.type}${domain}${v4 < WHOLE.v4 ? `/${v4}` : ""}${v6 < WHOLE.v6 ? `//${v6}` : ""}`;
}

function formatNetwork({ type, network, bits }: Mechanism & { readonly type: "ip4" | "ip6" }): string {
  const { family, text } = ipOfOctets(network);
  const shown = type === "ip6" && family === 4 ? `::ffff:${text}` : text;
  return `${type}:${shown}${bits < (type === "ip4" ? WHOLE.v4 : WHOLE.v6) ? `/${bits}` : ""}`;
}

/** Whether the first bits of an address are those of a network; never where they are of two families. */
export function isWithin({ octets }: IpAddress, network: Uint8Array, bits: number): boolean {
  if (octets.length !== network.length) return false;
  const whole = bits >> 3;
  for (let at = 0; at < whole; at += 1) if (octets[at] !== network[at]) return false;
  const shift = 8 - (bits & 7);
  return shift === 8 || octets[whole]! >> shift === network[whole]! >> shift;
}

import { failed, type Parsed } from "@scop/wire";
import { type Domain, domainOfMapped } from "../domain.ts";
import { DOMAIN_CHARACTERS_MAX, LABEL_OCTETS_MAX } from "../limits.ts";
import { punycodeDecode, punycodeEncode } from "../punycode.ts";
import { classOf, type RangeTable, rangeOf, readRanges } from "../range-table.ts";
import { JOINING_RANGES } from "./joining-table.ts";
import { MAPPING_RANGES, MAPPINGS } from "./mapping-table.ts";

const ACE_PREFIX = "xn--";
const NON_JOINER = 0x200c;
const JOINER = 0x200d;
const MARK = /^\p{M}$/u;

interface Tables {
  readonly status: RangeTable;
  /** By range; empty for those that are not mapped. */
  readonly mapping: readonly string[];
  readonly joining: RangeTable;
}

let loaded: Tables | undefined;

function tables(): Tables {
  if (loaded !== undefined) return loaded;
  const status = readRanges(MAPPING_RANGES);
  const texts = MAPPINGS.split("\n");
  let next = 0;
  const mapping = Array.from(status.classes, kind => (kind === "M" || kind === "N" ? texts[next++]! : ""));
  loaded = { status, mapping, joining: readRanges(JOINING_RANGES) };
  return loaded;
}

/** Text as UTS 46 4 maps it, nontransitional; what is disallowed stays, and is found later. */
function mapped(text: string): string {
  const { status, mapping } = tables();
  let result = "";
  for (const character of text) {
    const range = rangeOf(status, character.codePointAt(0)!);
    const kind = status.classes.charAt(range);
    if (kind === "V" || kind === "D") result += character;
    else if (kind !== "I") result += mapping[range]!;
  }
  return result.normalize("NFC");
}

/** RFC 5892 A.1 and A.2: a joiner stands behind a virama; the one that does not join stands between letters that would, too. */
function joins(points: readonly number[], at: number): boolean {
  const { joining } = tables();
  const kind = (index: number): string =>
    index >= 0 && index < points.length ? classOf(joining, points[index]!) : "O";
  if ("VW".includes(kind(at - 1))) return true;
  if (points[at] !== NON_JOINER) return false;
  let before = at - 1;
  while (kind(before) === "T" || kind(before) === "V") before -= 1;
  let behind = at + 1;
  while (kind(behind) === "T" || kind(behind) === "V") behind += 1;
  return "LD".includes(kind(before)) && "RD".includes(kind(behind));
}

/** UTS 46 4.1, with CheckHyphens, CheckJoiners and UseSTD3ASCIIRules. Deviation: host names of ASCII have two hyphens in third place. RFC 5891 4.2.3.1 */
function isValidLabel(label: string, points: readonly number[]): boolean {
  if (label !== label.normalize("NFC") || label.startsWith("-") || label.endsWith("-")) return false;
  if (label.startsWith("--", 2) && points.some(point => point >= 128)) return false;
  const { status } = tables();
  for (const [at, point] of points.entries()) {
    if (at === 0 && MARK.test(String.fromCodePoint(point))) return false;
    const isLdh = (point >= 97 && point <= 122) || (point >= 48 && point <= 57) || point === 45;
    if (point < 128 ? !isLdh : classOf(status, point) !== "V") return false;
    if ((point === NON_JOINER || point === JOINER) && !joins(points, at)) return false;
  }
  return true;
}

function pointsOf(text: string): readonly number[] {
  return Array.from(text, character => character.codePointAt(0)!);
}

/** The U-label of an A-label; undefined where it is none. */
function decodeLabel(label: string): string | undefined {
  const points = punycodeDecode(label.slice(ACE_PREFIX.length));
  if (points === undefined || points.every(point => point < 128)) return undefined;
  if (points.some(point => point >= 0xd800 && point <= 0xdfff)) return undefined;
  const text = String.fromCodePoint(...points);
  // RFC 5891 5.4: what encoding would not give back is another spelling of another name.
  return isValidLabel(text, points) && ACE_PREFIX + punycodeEncode(points) === label ? text : undefined;
}

/** One mapped label in ASCII. */
function labelToAscii(label: string, offset: number): Parsed<string> {
  const refused = (code: string, rule: string): Parsed<never> => failed(code, offset, label.length, rule);
  if (label === "") return refused("domain-empty-label", "RFC 5321 4.1.2");
  if (label.length > LABEL_OCTETS_MAX) return refused("domain-label-length", "RFC 1035 2.3.4");
  if (label.startsWith(ACE_PREFIX)) {
    return decodeLabel(label) === undefined
      ? refused("domain-a-label", "RFC 5891 5.4")
      : { ok: true, value: label, notes: [] };
  }
  const points = pointsOf(label);
  if (!isValidLabel(label, points)) return refused("domain-character", "RFC 5891 4.2.3");
  const ascii = points.every(point => point < 128) ? label : ACE_PREFIX + punycodeEncode(points);
  if (ascii.length > LABEL_OCTETS_MAX) return refused("domain-label-length", "RFC 1035 2.3.4");
  return { ok: true, value: ascii, notes: [] };
}

/**
 * A domain from text as people write it, by UTS 46 ToASCII (nontransitional, with CheckHyphens, CheckBidi, CheckJoiners, UseSTD3ASCIIRules and
 * VerifyDnsLength). Where `parseDomain` accepts a text, the answer is the same; this one also takes what UTS 46 drops (soft hyphens) and the
 * joiners of scripts that need them. Offsets count UTF-16 units of the mapped text.
 */
export function parseIdnaDomain(text: string): Parsed<Domain> {
  if (text.length > DOMAIN_CHARACTERS_MAX) return failed("domain-length", 0, text.length, "RFC 5321 4.5.3.1.2");
  return domainOfMapped(mapped(text), { toAscii: labelToAscii, toUnicode });
}

function toUnicode(label: string): string {
  return label.startsWith(ACE_PREFIX) ? (decodeLabel(label) ?? label) : label;
}

/** UTS 46 ToUnicode: the domain with U-labels, for people. A label that is no A-label stays as it is. */
export function idnaToUnicode(domain: Domain): string {
  return domain.split(".").map(toUnicode).join(".");
}

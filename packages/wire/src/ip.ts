import { assert } from "./assert.ts";
import type { Brand } from "./brand.ts";
import { hexValue } from "./hex.ts";
import { failed, type Parsed, parsed } from "./result.ts";

/** An IP address in its canonical text: dotted IPv4 or RFC 5952 IPv6, an IPv4-mapped one as IPv4. */
export type IpText = Brand<string, "IpText">;

/** Characters of an IP address in text: `ffff:` six times and a dotted quad. */
const IP_CHARACTERS_MAX = 45;

/** An IP address. An IPv4-mapped one of IPv6 is the IPv4 address that it maps. */
export interface IpAddress {
  readonly family: 4 | 6;
  /** 4 or 16 octets, network order. */
  readonly octets: Uint8Array;
  /** Dotted decimal, or RFC 5952 4. Compare with `===`. */
  readonly text: IpText;
}

const GROUPS = 8;

/** Four numbers of 0 to 255 without leading zeros, which some read as octal. RFC 3986 3.2.2 */
function quadOctets(text: string): readonly number[] | undefined {
  const octets: number[] = [];
  for (const digits of text.split(".", 5)) {
    if (digits.length === 0 || digits.length > 3 || (digits.length > 1 && digits.startsWith("0"))) return undefined;
    let value = 0;
    for (let at = 0; at < digits.length; at += 1) {
      const digit = digits.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) return undefined;
      value = value * 10 + digit;
    }
    if (value > 255) return undefined;
    octets.push(value);
  }
  return octets.length === 4 ? octets : undefined;
}

/** Groups of 16 bits on one side of `::`. A dotted quad may stand last. */
function groupsOf(text: string): readonly number[] | undefined {
  const groups: number[] = [];
  if (text === "") return groups;
  const pieces = text.split(":", GROUPS + 1);
  for (const [index, piece] of pieces.entries()) {
    if (index === pieces.length - 1 && piece.includes(".")) {
      const quad = quadOctets(piece);
      if (quad === undefined) return undefined;
      groups.push((quad[0]! << 8) | quad[1]!, (quad[2]! << 8) | quad[3]!);
      continue;
    }
    if (piece.length === 0 || piece.length > 4) return undefined;
    let value = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const digit = hexValue(piece.charCodeAt(at));
      if (digit < 0) return undefined;
      value = value * 16 + digit;
    }
    groups.push(value);
  }
  return groups;
}

function ipv6Groups(text: string): readonly number[] | undefined {
  const gap = text.indexOf("::");
  if (gap < 0) {
    const groups = groupsOf(text);
    return groups?.length === GROUPS ? groups : undefined;
  }
  const before = text.slice(0, gap);
  const head = before.includes(".") ? undefined : groupsOf(before);
  const tail = groupsOf(text.slice(gap + 2));
  if (head === undefined || tail === undefined || head.length + tail.length > GROUPS - 1) return undefined;
  return [...head, ...new Array<number>(GROUPS - head.length - tail.length).fill(0), ...tail];
}

/** RFC 5952 4.2: the longest run of at least two zero groups, the first of equals. */
function zeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 1 };
  let start = 0;
  for (let index = 0; index <= groups.length; index += 1) {
    if (index < groups.length && groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}

/** RFC 5952 4: lower case, no leading zeros, one `::`. */
function ipv6Text(groups: readonly number[]): string {
  const run = zeroRun(groups);
  const hex = (part: readonly number[]): string => part.map(group => group.toString(16)).join(":");
  if (run.start < 0) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function ipv4(octets: readonly number[]): IpAddress {
  const [first, second, third, fourth] = octets;
  return { family: 4, octets: new Uint8Array(octets), text: `${first}.${second}.${third}.${fourth}` as IpText };
}

function ipv6(groups: readonly number[]): IpAddress {
  const octets = groups.flatMap(group => [group >> 8, group & 255]);
  // RFC 4291 2.5.5.2: ::ffff:0:0/96 stands for IPv4.
  if (groups[5] === 0xffff && groups.slice(0, 5).every(group => group === 0)) return ipv4(octets.slice(12));
  return { family: 6, octets: new Uint8Array(octets), text: ipv6Text(groups) as IpText };
}

/** An IP address from its text, at most 45 characters, no zone, no port, no brackets. `ip-address` where it is none. RFC 4291 2.2 */
export function parseIp(text: string): Parsed<IpAddress> {
  const refused = failed("ip-address", 0, text.length, "RFC 4291 2.2");
  if (text.length > IP_CHARACTERS_MAX) return refused;
  if (!text.includes(":")) {
    const quad = quadOctets(text);
    return quad === undefined ? refused : parsed(ipv4(quad));
  }
  const groups = ipv6Groups(text);
  if (groups === undefined) return refused;
  return parsed(ipv6(groups));
}

/** An IP address from its 4 or 16 octets in network order. */
export function ipOfOctets(octets: Uint8Array): IpAddress {
  assert(octets.length === 4 || octets.length === 16, "an address has 4 or 16 octets");
  if (octets.length === 4) return ipv4([...octets]);
  return ipv6(Array.from({ length: GROUPS }, (_, index) => (octets[2 * index]! << 8) | octets[2 * index + 1]!));
}

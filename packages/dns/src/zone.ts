import type { Dns, DnsAnswer } from "@scop/platform";
import { hex, parseIp, utf8Bytes } from "@scop/wire";
import { ALIASES_MAX } from "./limits.ts";
import { dnsOf } from "./lookup.ts";
import { type Name, nameKey, parseName } from "./name.ts";
import { type DataOf, isOfType, type RecordData, type RecordType } from "./record.ts";

/** A failure that stands in place of records. */
type ZoneFailure = "TIMEOUT" | "BOGUS";

/** What is known of one name. */
interface ZoneName {
  readonly authentic: boolean;
  readonly byType: ReadonlyMap<string, readonly RecordData[] | ZoneFailure>;
}

/** Names and their records, all that there is of DNS. */
export type Zone = ReadonlyMap<string, ZoneName | ZoneFailure>;

/** A zone, or where in the JSON what was expected. */
export type ZoneRead =
  | { readonly ok: true; readonly zone: Zone }
  | { readonly ok: false; readonly at: string; readonly expected: string };

const FAILURES: { readonly [F in ZoneFailure]: DnsAnswer<never> } = {
  TIMEOUT: { found: "failure", kind: "temporary", detail: "the zone says TIMEOUT" },
  BOGUS: { found: "failure", kind: "bogus", detail: "the zone says BOGUS" },
};

function isFailure(value: unknown): value is ZoneFailure {
  return value === "TIMEOUT" || value === "BOGUS";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): Name | undefined {
  const read = typeof value === "string" ? parseName(value) : undefined;
  return read?.ok ? read.value : undefined;
}

function numberOf(value: unknown, most: number): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most ? value : undefined;
}

/** The octets of a text in pieces of at most 255. */
function stringsOf(text: string): readonly Uint8Array[] {
  const octets = utf8Bytes(text);
  const strings: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += 255) strings.push(octets.subarray(at, at + 255));
  return strings;
}

function addressOf<T extends "A" | "AAAA">(
  type: T,
  family: 4 | 6,
): (value: unknown) => DataOf<"A" | "AAAA"> | undefined {
  return value => {
    const read = typeof value === "string" ? parseIp(value) : undefined;
    const isFitting = read?.ok && (read.value.family === family || (family === 6 && String(value).includes(":")));
    return isFitting ? { type, address: read.value.text } : undefined;
  };
}

function targetOf(type: "CNAME" | "PTR"): (value: unknown) => DataOf<"CNAME" | "PTR"> | undefined {
  return value => {
    const target = nameOf(value);
    return target === undefined ? undefined : { type, target };
  };
}

function mxOf(value: unknown): DataOf<"MX"> | undefined {
  const preference = isObject(value) ? numberOf(value["preference"], 0xffff) : undefined;
  const exchange = isObject(value) ? nameOf(value["exchange"]) : undefined;
  return preference === undefined || exchange === undefined ? undefined : { type: "MX", preference, exchange };
}

function srvOf(value: unknown): DataOf<"SRV"> | undefined {
  if (!isObject(value)) return undefined;
  const [priority, weight, port] = ["priority", "weight", "port"].map(key => numberOf(value[key], 0xffff));
  const target = nameOf(value["target"]);
  if (priority === undefined || weight === undefined || port === undefined || target === undefined) return undefined;
  return { type: "SRV", priority, weight, port, target };
}

function tlsaOf(value: unknown): DataOf<"TLSA"> | undefined {
  if (!isObject(value)) return undefined;
  const [usage, selector, matching] = ["usage", "selector", "matching"].map(key => numberOf(value[key], 255));
  const data = typeof value["data"] === "string" ? hex(value["data"]) : undefined;
  if (usage === undefined || selector === undefined || matching === undefined || !data?.ok) return undefined;
  return { type: "TLSA", usage, selector, matching, data: data.value };
}

/** What an entry of each type is, and how it is read. */
const ENTRIES: ReadonlyMap<string, readonly [expected: string, read: (value: unknown) => RecordData | undefined]> =
  new Map<string, readonly [string, (value: unknown) => RecordData | undefined]>([
    ["A", ["an IPv4 address", addressOf("A", 4)]],
    ["AAAA", ["an IPv6 address", addressOf("AAAA", 6)]],
    ["CNAME", ["a name", targetOf("CNAME")]],
    ["MX", ['{"preference": 0 to 65535, "exchange": a name}', mxOf]],
    ["PTR", ["a name", targetOf("PTR")]],
    ["SRV", ['{"priority", "weight", "port": 0 to 65535, "target": a name}', srvOf]],
    ["TLSA", ['{"usage", "selector", "matching": 0 to 255, "data": hexadecimal}', tlsaOf]],
    ["TXT", ["a text", value => (typeof value === "string" ? { type: "TXT", strings: stringsOf(value) } : undefined)]],
  ]);

function refused(at: string, expected: string): ZoneRead & { readonly ok: false } {
  return { ok: false, at, expected };
}

function readName(at: string, value: unknown): ZoneName | ZoneFailure | (ZoneRead & { readonly ok: false }) {
  if (isFailure(value)) return value;
  if (!isObject(value)) return refused(at, 'an object by type, "TIMEOUT" or "BOGUS"');
  const byType = new Map<string, readonly RecordData[] | ZoneFailure>();
  for (const [type, list] of Object.entries(value)) {
    if (type === "authentic") continue;
    const path = `${at} ${type}`;
    if (!/^[A-Z][0-9A-Z]*$/.test(type)) return refused(path, 'a type in capitals, or "authentic"');
    const [expected, read] = ENTRIES.get(type) ?? [];
    if (read === undefined) continue;
    if (!isFailure(list) && !Array.isArray(list)) return refused(path, 'a list, "TIMEOUT" or "BOGUS"');
    const records: RecordData[] = [];
    for (const [index, entry] of (isFailure(list) ? [] : (list as readonly unknown[])).entries()) {
      const record = read(entry);
      if (record === undefined) return refused(`${path} ${index}`, expected!);
      records.push(record);
    }
    byType.set(type, isFailure(list) ? list : records);
  }
  return { authentic: value["authentic"] === true, byType };
}

/**
 * A zone from JSON that was parsed: `{"name": {"TXT": ["..."], "MX": [{"preference": 10, "exchange": "..."}], "A": ["..."]}}`, also
 * AAAA, CNAME, PTR, SRV and TLSA; entries of other types say no more than that the name exists. Each TXT text is one record of any length,
 * in UTF-8. `"TIMEOUT"` or `"BOGUS"` in place of an object or a list is that failure; `"authentic": true` in a name says that its
 * answers are validated. Names are ASCII, in any case.
 */
export function parseZone(json: unknown): ZoneRead {
  if (!isObject(json)) return refused("the zone", "an object by name");
  const zone = new Map<string, ZoneName | ZoneFailure>();
  for (const [text, value] of Object.entries(json)) {
    const name = nameOf(text);
    if (name === undefined) return refused(JSON.stringify(text), "a name in ASCII");
    const read = readName(JSON.stringify(text), value);
    if (typeof read === "object" && "ok" in read) return read;
    zone.set(nameKey(name), read);
  }
  return { ok: true, zone };
}

/** Look-ups in a zone and nowhere else. A name that is not in it does not exist. Aliases are followed to `ALIASES_MAX`. */
export function zoneDns(zone: Zone): Dns {
  return dnsOf(async <T extends RecordType>(asked: Name, type: T): Promise<DnsAnswer<DataOf<T>>> => {
    let authentic = true;
    let name = asked;
    for (let aliases = 0; aliases <= ALIASES_MAX; aliases += 1) {
      const known = zone.get(nameKey(name));
      if (known === undefined) return { found: "no-name", authentic: false };
      if (isFailure(known)) return FAILURES[known];
      authentic &&= known.authentic;
      const alias = known.byType.get("CNAME");
      const records = known.byType.get(type) ?? (alias === "TIMEOUT" || alias === "BOGUS" ? alias : []);
      if (isFailure(records)) return FAILURES[records];
      const fitting = records.filter(data => isOfType(data, type));
      if (fitting.length > 0) return { found: "records", records: fitting, authentic };
      const target = alias?.[0];
      if (typeof target !== "object" || target.type !== "CNAME") return { found: "no-data", authentic };
      name = target.target;
    }
    return { found: "failure", kind: "temporary", detail: `${asked} is an alias of an alias without end` };
  });
}

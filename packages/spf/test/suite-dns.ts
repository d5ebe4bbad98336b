import type { Dns, DnsAnswer, IpText, MxRecord } from "@scop/platform";
import { ipOfOctets, parseIp } from "@scop/wire";

type Entry = "TIMEOUT" | Readonly<Record<string, unknown>>;

/** Names of the suite with what they have, as its YAML says it. */
export type SuiteZone = Readonly<Record<string, readonly Entry[]>>;

const TIMEOUT: DnsAnswer<never> = { found: "failure", kind: "temporary", detail: "TIMEOUT" };
const ALIASES_MAX = 8;

/** Answers with what the zone of a scenario says: SPF stands for TXT where no TXT is given, and a TIMEOUT for all types that are not. */
export function suiteDns(zone: SuiteZone): Dns {
  const byName = new Map(Object.entries(zone).map(([name, entries]) => [name.toLowerCase(), entries]));

  function find(asked: string, type: string): DnsAnswer<unknown> {
    let name = unescaped(asked).toLowerCase();
    for (let aliases = 0; aliases < ALIASES_MAX; aliases += 1) {
      const entries = byName.get(name);
      if (entries === undefined) return { found: "no-name", authentic: false };
      const of = (wanted: string): unknown[] =>
        entries.flatMap(entry => (typeof entry === "object" && wanted in entry ? [entry[wanted]] : []));
      const records = type === "TXT" && of("TXT").length === 0 ? of("SPF") : of(type);
      const found = records.filter(record => record !== "NONE");
      if (found.length > 0) return { found: "records", records: found, authentic: false };
      if (entries.includes("TIMEOUT")) return TIMEOUT;
      const alias = of("CNAME")[0];
      if (typeof alias !== "string") return { found: "no-data", authentic: false };
      name = alias.toLowerCase().replace(/\.$/, "");
    }
    return TIMEOUT;
  }

  async function ask<T>(name: string, type: string, read: (value: unknown) => T): Promise<DnsAnswer<T>> {
    const answer = find(name, type);
    return answer.found === "records" ? { ...answer, records: answer.records.map(read) } : answer;
  }

  return {
    txt: name => ask(name, "TXT", value => [value].flat().join("")),
    a: name => ask(name, "A", ipText),
    aaaa: name => ask(name, "AAAA", ipText),
    mx: name =>
      ask(name, "MX", (value): MxRecord => {
        const [preference, exchange] = value as [number, string];
        return { preference, exchange };
      }),
    ptr: address => ask(reverseOf(address), "PTR", value => String(value).replace(/\.$/, "")),
    addresses: name => ask(name, "A", ipText),
    cname: async () => ({ found: "no-data", authentic: false }),
    srv: async () => ({ found: "no-data", authentic: false }),
    tlsa: async () => ({ found: "no-data", authentic: false }),
  };
}

function unescaped(name: string): string {
  return name.replaceAll("\\032", " ").replaceAll("\\\\", "\\");
}

function ipText(value: unknown): IpText {
  const read = parseIp(String(value));
  if (!read.ok) throw new Error(`${value} is no address`);
  return read.value.text;
}

function reverseOf(text: IpText): string {
  const read = parseIp(text);
  if (!read.ok) throw new Error(`${text} is no address`);
  const { family, octets } = ipOfOctets(read.value.octets);
  if (family === 4) return `${[...octets].reverse().join(".")}.in-addr.arpa`;
  const halves = [...octets].flatMap(octet => [octet >> 4, octet & 15]).map(half => half.toString(16));
  return `${halves.reverse().join(".")}.ip6.arpa`;
}

import type { Dns, DnsAnswer, TlsaRecord } from "@scop/platform";
import { concat, type IpText, latin1 } from "@scop/wire";
import { type Name, parseName, reverseName } from "./name.ts";
import type { DataOf, RecordType } from "./record.ts";

/** Finds the records of one type of a name, aliases followed. Never rejects. */
export type Lookup = <T extends RecordType>(name: Name, type: T) => Promise<DnsAnswer<DataOf<T>>>;

/** A DNS answer with each record made into something else. */
function mapped<A, B>(answer: DnsAnswer<A>, make: (record: A) => B): DnsAnswer<B> {
  return answer.found === "records" ? { ...answer, records: answer.records.map(make) } : answer;
}

/** The strings of a TXT record as one text, one character an octet. */
function textOf({ strings }: DataOf<"TXT">): string {
  return latin1(strings.length === 1 ? strings[0]! : concat(strings));
}

/** Both families as one answer: what one of them gives counts, whatever became of the other. */
function merged(six: DnsAnswer<IpText>, four: DnsAnswer<IpText>): DnsAnswer<IpText> {
  const known = [six, four].filter(answer => answer.found !== "failure");
  const authentic = known.every(answer => answer.authentic);
  const records = known.flatMap(answer => (answer.found === "records" ? answer.records : []));
  if (records.length > 0) return { found: "records", records, authentic };
  if (six.found === "failure") return six;
  if (four.found === "failure") return four;
  return { found: six.found === "no-name" && four.found === "no-name" ? "no-name" : "no-data", authentic };
}

/** The capability `Dns` over one function. A text that is no name, as one with an empty label, does not exist. */
export function dnsOf(lookup: Lookup): Dns {
  const find = <T extends RecordType>(text: string, type: T): Promise<DnsAnswer<DataOf<T>>> => {
    const name = parseName(text);
    return name.ok ? lookup(name.value, type) : Promise.resolve({ found: "no-name", authentic: false });
  };
  const a = async (name: string): Promise<DnsAnswer<IpText>> => mapped(await find(name, "A"), data => data.address);
  const aaaa = async (name: string): Promise<DnsAnswer<IpText>> =>
    mapped(await find(name, "AAAA"), data => data.address);
  return {
    a,
    aaaa,
    addresses: async host => merged(...(await Promise.all([aaaa(host), a(host)]))),
    mx: domain => find(domain, "MX"),
    txt: async name => mapped(await find(name, "TXT"), textOf),
    ptr: async address => mapped(await lookup(reverseName(address), "PTR"), data => data.target),
    cname: async name => mapped(await find(name, "CNAME"), data => data.target),
    srv: name => find(name, "SRV"),
    tlsa: (name): Promise<DnsAnswer<TlsaRecord>> => find(name, "TLSA"),
  };
}

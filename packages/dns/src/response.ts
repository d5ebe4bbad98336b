import { type Diagnostic, describe } from "@scop/wire";
import { ALIASES_MAX, NEGATIVE_TTL_S_MAX, TTL_S_MAX } from "./limits.ts";
import { type Message, Rcode } from "./message.ts";
import { type Name, sameName } from "./name.ts";
import { type DataOf, isOfType, type RecordData, type RecordType, type ResourceRecord, TYPE_CODES } from "./record.ts";

/** What a response says about a name and type. `ttlS`: seconds that it may be kept; 0 for not at all. */
export type Finding =
  | { readonly is: "records"; readonly records: readonly RecordData[]; readonly ttlS: number }
  | { readonly is: "absent"; readonly found: "no-data" | "no-name"; readonly ttlS: number }
  /** It is an alias, and what it stands for has to be asked. */
  | { readonly is: "alias"; readonly of: Name; readonly aliases: number; readonly ttlS: number }
  /** The server can't say. `why`: for people. */
  | { readonly is: "failed"; readonly kind: "unknown" | "temporary" | "bogus"; readonly why: string };

/** RFC 8914 4: what the validator found to be forged, or broken beyond telling. */
const BOGUS: ReadonlyMap<number, string> = new Map([
  [5, "DNSSEC indeterminate"],
  [6, "DNSSEC bogus"],
  [7, "signature expired"],
  [8, "signature not yet valid"],
  [9, "DNSKEY missing"],
  [10, "RRSIGs missing"],
  [11, "no zone key bit set"],
  [12, "NSEC missing"],
]);

/** RFC 8914 4: what has nothing to do with DNSSEC. */
const TEMPORARY: ReadonlyMap<number, string> = new Map([
  [13, "cached error"],
  [14, "not ready"],
  [15, "blocked"],
  [16, "censored"],
  [17, "filtered"],
  [18, "prohibited"],
  [20, "not authoritative"],
  [21, "not supported"],
  [22, "no reachable authority"],
  [23, "network error"],
]);

const RCODES: ReadonlyMap<number, string> = new Map([
  [Rcode.formatError, "FORMERR"],
  [Rcode.serverFailure, "SERVFAIL"],
  [Rcode.notImplemented, "NOTIMP"],
  [5, "REFUSED"],
  [Rcode.badVersion, "BADVERS"],
  [Rcode.badCookie, "BADCOOKIE"],
]);

/** Characters of a server's own words that are passed on. */
const WORDS_MAX = 200;

function printable(text: string): string {
  return text.slice(0, WORDS_MAX).replace(/[^ -~]/g, "?");
}

/** What a code other than success or no such name means, with the extended errors beside it. RFC 8914 2 */
function failureOf(message: Message): Finding {
  const words = [RCODES.get(message.rcode) ?? `RCODE ${message.rcode}`];
  let kind: "unknown" | "temporary" | "bogus" = message.rcode === Rcode.serverFailure ? "unknown" : "temporary";
  for (const option of message.edns?.options ?? []) {
    if (option.option !== "extended-error") continue;
    const { code, text } = option;
    if (BOGUS.has(code)) kind = "bogus";
    else if (TEMPORARY.has(code) && kind === "unknown") kind = "temporary";
    const name = BOGUS.get(code) ?? TEMPORARY.get(code) ?? `extended error ${code}`;
    words.push(text === "" ? name : `${name}: ${printable(text)}`);
  }
  return { is: "failed", kind, why: words.join(", ") };
}

/** For how long an absence may be kept; 0 where nothing says so. RFC 2308 5 */
function negativeTtl(authorities: readonly ResourceRecord[]): number {
  const soa = authorities.find(record => record.data.type === "SOA");
  if (soa?.data.type !== "SOA") return 0;
  return Math.min(soa.ttlS, soa.data.minimumS, NEGATIVE_TTL_S_MAX);
}

interface Chain {
  readonly end: Name;
  readonly aliases: number;
  readonly ttlS: number;
  readonly records: readonly ResourceRecord[];
}

/** Follows aliases within one answer to the records of the type. */
function follow(answers: readonly ResourceRecord[], asked: Name, isWanted: (record: ResourceRecord) => boolean): Chain {
  let end = asked;
  let ttlS = TTL_S_MAX;
  let aliases = 0;
  for (; aliases <= ALIASES_MAX; aliases += 1) {
    const here = answers.filter(record => sameName(record.name, end));
    const records = here.filter(isWanted);
    if (records.length > 0) return { end, aliases, ttlS: Math.min(ttlS, ...records.map(each => each.ttlS)), records };
    const alias = here.find(record => record.data.type === "CNAME");
    if (alias?.data.type !== "CNAME") break;
    end = alias.data.target;
    ttlS = Math.min(ttlS, alias.ttlS);
  }
  return { end, aliases, ttlS, records: [] };
}

/** What a response to the question for a name and type says. */
export function readResponse(message: Message, notes: readonly Diagnostic[], asked: Name, type: RecordType): Finding {
  if (message.rcode !== Rcode.noError && message.rcode !== Rcode.noSuchName) return failureOf(message);
  const code = TYPE_CODES[type];
  const isWanted = ({ data }: ResourceRecord): boolean =>
    data.type === type || (data.type === "other" && data.code === code);
  const { records, aliases, ttlS, end } = follow(message.answers, asked, isWanted);
  if (aliases > ALIASES_MAX) return { is: "failed", kind: "temporary", why: "aliases without end" };
  if (records.length > 0) {
    const data = records.map(record => record.data).filter((each): each is DataOf<RecordType> => isOfType(each, type));
    if (data.length === records.length) return { is: "records", records: data, ttlS };
    const note = notes[0];
    return { is: "failed", kind: "temporary", why: `malformed record${note ? `: ${describe(note)}` : ""}` };
  }
  const negativeTtlS = Math.min(ttlS, negativeTtl(message.authorities));
  // RFC 2308 2.1: the code is that of the last name in the chain
  if (message.rcode === Rcode.noSuchName) return { is: "absent", found: "no-name", ttlS: negativeTtlS };
  const isSaid = message.authorities.some(record => record.data.type === "SOA");
  if (aliases > 0 && !isSaid) return { is: "alias", of: end, aliases, ttlS };
  // RFC 2308 2.2: name servers without an SOA record are a referral, which nobody asked for
  if (!isSaid && message.authorities.some(record => record.data.type === "NS"))
    return { is: "failed", kind: "temporary", why: "a referral" };
  return { is: "absent", found: "no-data", ttlS: negativeTtlS };
}

import { lookup, Resolver } from "node:dns/promises";
import type { Dns, DnsAnswer, IpText, TlsaRecord } from "@scop/platform";
import { ipText } from "./connection.ts";

/** One try per server may take this long. */
const TRY_MS = 3_000;
const TRIES = 2;

/** Names in the reach of this machine alone, which DNS does not know. RFC 6761 6.3 */
function isLocalName(host: string): boolean {
  return !host.includes(".") || host.endsWith(".localhost");
}

function failure(error: unknown): DnsAnswer<never> {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ENOTFOUND") return { found: "no-name", authentic: false };
  if (code === "ENODATA") return { found: "no-data", authentic: false };
  return { found: "failure", kind: "temporary", detail: code };
}

async function ask<T>(query: () => Promise<readonly T[]>): Promise<DnsAnswer<T>> {
  try {
    const records = await query();
    return records.length > 0
      ? { found: "records", records, authentic: false }
      : { found: "no-data", authentic: false };
  } catch (error) {
    return failure(error);
  }
}

function tlsaRecord(record: {
  readonly certUsage: number;
  readonly selector: number;
  readonly match: number;
  readonly data: ArrayBuffer;
}): TlsaRecord {
  return {
    usage: record.certUsage,
    selector: record.selector,
    matching: record.match,
    data: new Uint8Array(record.data),
  };
}

/** Look-ups through the servers that the machine is configured with. Node hides the AD flag, so that nothing is authentic. */
export function nodeDns(): Dns {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  const addresses = async (host: string): Promise<DnsAnswer<IpText>> => {
    if (isLocalName(host))
      return ask(async () => (await lookup(host, { all: true })).map(found => ipText(found.address)));
    const [six, four] = await Promise.all([ask(() => resolver.resolve6(host)), ask(() => resolver.resolve4(host))]);
    const records = [six, four].flatMap(answer => (answer.found === "records" ? answer.records.map(ipText) : []));
    if (records.length > 0) return { found: "records", records, authentic: false };
    const failed = [six, four].find(answer => answer.found === "failure");
    if (failed?.found === "failure") return failed;
    return { found: six.found === "no-name" && four.found === "no-name" ? "no-name" : "no-data", authentic: false };
  };
  return {
    addresses,
    a: name => ask(async () => (await resolver.resolve4(name)).map(ipText)),
    aaaa: name => ask(async () => (await resolver.resolve6(name)).map(ipText)),
    txt: name => ask(async () => (await resolver.resolveTxt(name)).map(strings => strings.join(""))),
    ptr: address => ask(() => resolver.reverse(address)),
    tlsa: name => ask(async () => (await resolver.resolveTlsa(name)).map(tlsaRecord)),
    mx: domain =>
      ask(async () =>
        (await resolver.resolveMx(domain)).map(record => ({ preference: record.priority, exchange: record.exchange })),
      ),
  };
}

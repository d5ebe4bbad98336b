import type { KeyEntry } from "@scop/node-host/dkim";
import type { Dns, DnsAnswer, Https, HttpsAnswer, Platform } from "@scop/platform";
import { formatStsPolicy, readStsAnswer, stsRequest } from "@scop/tls-policy";
import { equalIgnoringCase, latin1 } from "@scop/wire";
import { keyName } from "../keys.ts";
import type { RecordToPublish } from "./records.ts";
import { TEXT_KINDS } from "./texts.ts";

/** What others see of one record. */
export interface Finding {
  /** `unknown`: nobody could say. */
  readonly state: "published" | "differs" | "missing" | "unknown";
  /** What there is, as `value` of a record has it. */
  readonly found: readonly string[];
  /** How it differs, why nobody could say, what there is besides; for people. */
  readonly detail: string | undefined;
}

const MISSING: Finding = { state: "missing", found: [], detail: undefined };

function published(found: readonly string[], besides?: string): Finding {
  return { state: "published", found, detail: besides };
}

function differs(found: readonly string[], how: string): Finding {
  return { state: "differs", found, detail: how };
}

function unknown(detail: string): Finding {
  return { state: "unknown", found: [], detail };
}

/** What an answer without records comes to; undefined for one with. */
function withoutRecords(answer: DnsAnswer<unknown>): Finding | undefined {
  if (answer.found === "records") return undefined;
  if (answer.found !== "failure") return MISSING;
  return unknown(answer.kind === "bogus" ? `DNSSEC calls the answer forged: ${answer.detail}` : answer.detail);
}

function listOf<T>(answer: DnsAnswer<T>): readonly T[] {
  return answer.found === "records" ? answer.records : [];
}

function nameText(name: string): string {
  return `${name}.`;
}

/** Asks what DNS has in place of a record. Never rejects. */
export function checkRecord(dns: Dns, record: RecordToPublish): Promise<Finding> {
  switch (record.purpose) {
    case "mx":
      return checkExchanger(dns, record);
    case "service":
      return checkService(dns, record);
    case "web-host":
      return checkWebHost(dns, record);
    default:
      return checkText(dns, record, TEXT_KINDS[record.purpose]);
  }
}

async function checkText(
  dns: Dns,
  record: Pick<RecordToPublish, "name" | "value">,
  kind: (typeof TEXT_KINDS)[keyof typeof TEXT_KINDS],
): Promise<Finding> {
  const answer = await dns.txt(record.name);
  const texts = listOf(answer).filter(kind.isOne);
  const [text] = texts;
  if (text === undefined) return withoutRecords(answer) ?? MISSING;
  // Receivers take none of several, or any of them. RFC 7208 4.5, RFC 6376 3.6.2.2, RFC 9989 4.7, RFC 8461 3.1
  if (texts.length > 1) return differs(texts, `there are ${texts.length} such records where one belongs`);
  const comparison = kind.compare(record.value, text);
  return comparison.is === "same" ? published(texts, comparison.besides) : differs(texts, comparison.how);
}

/** Whether everybody can find a key of a domain, as far as is known here. Never rejects. */
export async function isKeyPublished(dns: Dns, domain: string, key: KeyEntry): Promise<boolean> {
  const record = { name: keyName(domain, key), value: key.record };
  return (await checkText(dns, record, TEXT_KINDS.dkim)).state === "published";
}

/** Whether nobody can find a record at the name of a key any more. Never rejects. */
export async function isNothingPublished(dns: Dns, domain: string, key: KeyEntry): Promise<boolean> {
  const { found } = await dns.txt(keyName(domain, key));
  return found === "no-data" || found === "no-name";
}

/** The host of an MX or SRV record, or of a CNAME: the last word of its value. */
function hostOf({ value }: RecordToPublish): string {
  return value.slice(value.lastIndexOf(" ") + 1).replace(/\.$/, "");
}

/** Ours has to be what others try first, and to have an address. RFC 5321 5.1 */
async function checkExchanger(dns: Dns, record: RecordToPublish): Promise<Finding> {
  const answer = await dns.mx(record.name);
  const exchangers = [...listOf(answer)].sort((one, two) => one.preference - two.preference);
  const found = exchangers.map(({ preference, exchange }) => `${preference} ${nameText(exchange)}`);
  const without = withoutRecords(answer);
  if (without !== undefined) return without;
  const host = hostOf(record);
  const own = exchangers.find(({ exchange }) => equalIgnoringCase(exchange, host));
  if (own === undefined) return differs(found, `${host} is not among them`);
  if (own.preference > exchangers[0]!.preference) return differs(found, `others come before ${host}`);
  const addresses = await dns.addresses(host);
  if (addresses.found === "failure") return unknown(`${host}: ${addresses.detail}`);
  if (addresses.found !== "records") return differs(found, `${host} has no A or AAAA record`);
  return published(found, exchangers.length > 1 ? "others take its mail too" : undefined);
}

/** What decides is where the service is; priority and weight say something beside others alone. RFC 2782 */
async function checkService(dns: Dns, record: RecordToPublish): Promise<Finding> {
  const answer = await dns.srv(record.name);
  const places = [...listOf(answer)].sort((one, two) => one.priority - two.priority);
  const found = places.map(({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${nameText(target)}`);
  const without = withoutRecords(answer);
  if (without !== undefined) return without;
  const [, , port, host = ""] = record.value.replace(/\.$/, "").split(" ");
  const own = places.find(place => String(place.port) === port && equalIgnoringCase(place.target, host));
  if (own === undefined) return differs(found, "it is elsewhere");
  if (own.priority > places[0]!.priority) return differs(found, "others come before it");
  return published(found, places.length > 1 ? "others are named too" : undefined);
}

/** A host of the web: an alias of this server, or a name with addresses of its own, as that of a proxy. */
async function checkWebHost(dns: Dns, record: RecordToPublish): Promise<Finding> {
  const alias = await dns.cname(record.name);
  const [target] = listOf(alias);
  if (target !== undefined) {
    const found = [nameText(target)];
    return equalIgnoringCase(target, hostOf(record)) ? published(found) : differs(found, "it leads elsewhere");
  }
  const answer = await dns.addresses(record.name);
  return withoutRecords(answer) ?? published(listOf(answer), "it has addresses of its own");
}

/** Asks the web server of a domain for its MTA-STS policy, as others do. Never rejects. RFC 8461 3.3 */
export async function checkPolicy(
  io: Pick<Platform, "dns"> & { readonly https: Pick<Https, "get"> },
  domain: string,
  asked: string,
): Promise<Finding> {
  const request = stsRequest(domain);
  const without = withoutRecords(await io.dns.addresses(request.host));
  return without ?? policyFinding(await io.https.get(request), asked);
}

function policyFinding(answer: HttpsAnswer, asked: string): Finding {
  if (answer.got === "response" && answer.status === 404) return MISSING;
  const served = readStsAnswer(answer);
  const found = answer.got === "response" ? [latin1(answer.body)] : [];
  if ("failure" in served) {
    const { type, detail } = served.failure;
    if (answer.got === "failure" && type === "sts-policy-fetch-error") return unknown(detail);
    return differs(found, type === "sts-webpki-invalid" ? `nobody believes the certificate: ${detail}` : detail);
  }
  const isSame = latin1(formatStsPolicy(served.policy)) === asked;
  return isSame ? published(found) : differs(found, "it is another policy");
}

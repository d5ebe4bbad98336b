import type { KeyEntry } from "@scop/node-host/dkim";
import { formatStsRecord, stsRecordName } from "@scop/tls-policy";
import { unreachable } from "@scop/wire";
import { DEFAULT_PORTS, type ScopConfig } from "../config.ts";
import { type KeySchedule, keyScheduleOf } from "../key-schedule.ts";
import { keyName } from "../keys.ts";
import { instantText } from "../output.ts";
import { stsPolicyId, stsPolicyText } from "../server/own-policy.ts";

/** One record to publish. */
export interface RecordToPublish {
  readonly purpose: "mx" | "spf" | "dkim" | "dmarc" | "mta-sts" | "tls-rpt" | "web-host" | "service";
  /** Without the final dot. */
  readonly name: string;
  readonly type: "MX" | "TXT" | "SRV" | "CNAME";
  /** As in a zone file, but a TXT as one text. */
  readonly value: string;
  /** What it is for, and when to change it. */
  readonly meaning: string;
}

/** Octets of one string of a TXT record. RFC 1035 3.3.14 */
const TXT_STRING_OCTETS = 255;

/** Where DMARC and TLS reports about a domain go. */
function reportsTo(domain: string): string {
  return `mailto:postmaster@${domain}`;
}

/** What to publish for a domain whose mail `hostname` takes, in the order in which to read it. */
export function recordsOf(
  domain: string,
  hostname: string,
  keys: readonly KeyEntry[],
  config: ScopConfig,
): readonly RecordToPublish[] {
  const schedule = keyScheduleOf(config);
  return [
    {
      purpose: "mx",
      name: domain,
      type: "MX",
      value: `10 ${hostname}.`,
      meaning: `Mail for ${domain} goes to ${hostname}, which needs an A or AAAA record with the address of this server.`,
    },
    {
      purpose: "spf",
      name: domain,
      type: "TXT",
      value: "v=spf1 mx -all",
      meaning: `SPF: mail from ${domain} comes from its mail servers and from nowhere else. Add others that send for it.`,
    },
    ...keys.filter(key => key.state !== "retired").map(key => keyRecord(domain, key, schedule)),
    {
      purpose: "dmarc",
      name: `_dmarc.${domain}`,
      type: "TXT",
      value: `v=DMARC1; p=none; rua=${reportsTo(domain)}`,
      meaning:
        "DMARC: receivers report who sends in this name. Say p=reject once the reports show your own mail alone.",
    },
    ...stsRecords(domain, hostname, config),
    {
      purpose: "tls-rpt",
      name: `_smtp._tls.${domain}`,
      type: "TXT",
      value: `v=TLSRPTv1; rua=${reportsTo(domain)}`,
      meaning: "TLS-RPT: others report where TLS to this server failed.",
    },
    ...services(domain, hostname, config),
  ];
}

function keyRecord(domain: string, key: KeyEntry, schedule: KeySchedule): RecordToPublish {
  const meaning = keyMeaning(domain, key, schedule);
  return { purpose: "dkim", name: keyName(domain, key), type: "TXT", value: key.record, meaning };
}

/** The MTA-STS policy that a server with this configuration serves. */
export function stsPolicyTextOf(hostname: string, config: ScopConfig): string {
  return stsPolicyText({ hostname, certificate: config.tls === undefined ? "self-signed" : "checked" });
}

function keyMeaning(domain: string, { state, since }: KeyEntry, schedule: KeySchedule): string {
  switch (state) {
    case "active":
      return "DKIM: receivers check the signatures of your mail with this key.";
    case "next":
      return schedule.rotateAfterMs === undefined
        ? `DKIM: a new key that waits. Publish it, then: npx scop domain rotate ${domain} --activate`
        : "DKIM: a new key. Publish it; once the server sees it and the time has come, it signs with it.";
    case "old":
      return `DKIM: a key that signs no more. Leave it until ${instantText(since + schedule.overlapMs)}, for mail that is on its way.`;
    case "retired":
      return "DKIM: a key that is not needed any more. Its record may be removed.";
    default:
      return unreachable(state);
  }
}

/** The records of keys that are done: they may be removed. */
export function recordsToRemove(
  domain: string,
  keys: readonly KeyEntry[],
  config: ScopConfig,
): readonly RecordToPublish[] {
  const schedule = keyScheduleOf(config);
  return keys.filter(key => key.state === "retired").map(key => keyRecord(domain, key, schedule));
}

function stsRecords(domain: string, hostname: string, config: ScopConfig): readonly RecordToPublish[] {
  const policy = stsPolicyTextOf(hostname, config);
  return [
    {
      purpose: "mta-sts",
      name: stsRecordName(domain),
      type: "TXT",
      value: formatStsRecord(stsPolicyId(policy)),
      meaning: `MTA-STS: others send to ${domain} over verified TLS alone. It has an effect once https://mta-sts.${domain}/.well-known/mta-sts.txt is served. Its id stands for the policy, and changes with it.`,
    },
    {
      purpose: "web-host",
      name: `mta-sts.${domain}`,
      type: "CNAME",
      value: `${hostname}.`,
      meaning:
        "MTA-STS: where the policy is served by HTTPS on port 443: by `--https`, or by a proxy before the web port.",
    },
  ];
}

/** Where mail programs find this server. RFC 6186 3, RFC 8314 5.1 */
function services(domain: string, hostname: string, config: ScopConfig): readonly RecordToPublish[] {
  const ports = { ...DEFAULT_PORTS, ...config.ports };
  const offered = [
    ["_submission", ports.submission, "send mail"],
    ["_imap", ports.imap, "read mail, with STARTTLS"],
    ["_imaps", ports.imaps, "read mail, with TLS from the start"],
  ] as const;
  const records = offered.map(
    ([service, port, purpose]): RecordToPublish => ({
      purpose: "service",
      name: `${service}._tcp.${domain}`,
      type: "SRV",
      value: `0 1 ${port} ${hostname}.`,
      meaning: `Mail programs find by it where to ${purpose}.`,
    }),
  );
  const autoconfig: RecordToPublish = {
    purpose: "web-host",
    name: `autoconfig.${domain}`,
    type: "CNAME",
    value: `${hostname}.`,
    meaning:
      "Autoconfig: where mail programs that don't ask for SRV records, as Thunderbird, find the same by the web port of this server.",
  };
  return [...records, autoconfig];
}

/** A line of a zone file under a comment. Long texts are cut into strings, which receivers join. */
export function zoneText({ name, type, value, meaning }: RecordToPublish): string {
  return `; ${meaning}\n${name}. ${type} ${type === "TXT" ? txtStrings(value) : value}`;
}

function txtStrings(text: string): string {
  const strings: string[] = [];
  for (let at = 0; at < text.length; at += TXT_STRING_OCTETS)
    strings.push(JSON.stringify(text.slice(at, at + TXT_STRING_OCTETS)));
  return strings.join(" ");
}

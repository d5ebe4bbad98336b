import { type KeyEntry, listKeys } from "@scop/node-host/dkim";
import type { Command } from "commander";
import { DEFAULT_PORTS, loadConfig, type ScopConfig } from "../config.ts";
import { keyName, keysFolder } from "../keys.ts";
import { createOutput } from "../output.ts";
import { dataFolder, hostnameOf } from "../settings.ts";
import { example, type StoreFlags, withStoreOptions } from "./command.ts";
import { domainArgument } from "./names.ts";

/** One record to publish. */
interface PublishedRecord {
  /** Without the final dot. */
  readonly name: string;
  readonly type: "MX" | "TXT" | "SRV";
  /** As in a zone file, but a TXT as one text. */
  readonly value: string;
  /** What it is for, and when to change it. */
  readonly meaning: string;
}

interface DnsFlags extends StoreFlags {
  readonly hostname?: string;
}

/** Octets of one string of a TXT record. RFC 1035 3.3.14 */
const TXT_STRING_OCTETS = 255;

/** `scop dns DOMAIN` */
export function addDnsCommand(program: Command): void {
  withStoreOptions(
    program.command("dns <domain>").description("show the records to publish for a domain, each with its meaning"),
  )
    .option("--hostname <name>", "the name of this server (default: as serve takes it)")
    .addHelpText("after", example("npx scop dns example.org", "npx scop dns example.org --json"))
    .action(async (text: string, flags: DnsFlags) => {
      const domain = domainArgument(text);
      const config = await loadConfig(flags.config);
      const hostname = hostnameOf({ hostname: flags.hostname ?? config.hostname, demo: false }, domain);
      const keys = await listKeys(keysFolder(await dataFolder(flags)), domain);
      const records = recordsOf(domain, hostname, keys, config);
      createOutput(flags.json === true).result({ domain, hostname, records }, () => records.map(zoneText).join("\n\n"));
    });
}

function recordsOf(
  domain: string,
  hostname: string,
  keys: readonly KeyEntry[],
  config: ScopConfig,
): readonly PublishedRecord[] {
  return [
    {
      name: domain,
      type: "MX",
      value: `10 ${hostname}.`,
      meaning: `Mail for ${domain} goes to ${hostname}, which needs an A or AAAA record with the address of this server.`,
    },
    {
      name: domain,
      type: "TXT",
      value: "v=spf1 mx -all",
      meaning: `SPF: mail from ${domain} comes from its mail servers and from nowhere else. Add others that send for it.`,
    },
    ...keys.map(key => keyRecord(domain, key)),
    {
      name: `_dmarc.${domain}`,
      type: "TXT",
      value: `v=DMARC1; p=none; rua=mailto:postmaster@${domain}`,
      meaning:
        "DMARC: receivers report who sends in this name. Say p=reject once the reports show your own mail alone.",
    },
    {
      name: `_mta-sts.${domain}`,
      type: "TXT",
      value: `v=STSv1; id=${stamp(keys)}`,
      meaning: `MTA-STS: others send to ${domain} over verified TLS alone. It has an effect once https://mta-sts.${domain}/.well-known/mta-sts.txt is served.`,
    },
    {
      name: `_smtp._tls.${domain}`,
      type: "TXT",
      value: `v=TLSRPTv1; rua=mailto:postmaster@${domain}`,
      meaning: "TLS-RPT: others report where TLS to this server failed.",
    },
    ...services(domain, hostname, config),
  ];
}

/** A number that grows with the keys: nothing else of the policy changes here. RFC 8461 3.1 */
function stamp(keys: readonly KeyEntry[]): number {
  return Math.max(1, ...keys.map(key => Math.floor(key.since / 1000)));
}

const KEY_MEANINGS: Record<KeyEntry["state"], string> = {
  active: "DKIM: receivers check the signatures of your mail with this key.",
  next: "DKIM: a new key that waits. Publish it, then: npx scop domain rotate DOMAIN --activate",
  old: "DKIM: a key that signs no more. Leave it for a week, for mail that is on its way.",
};

function keyRecord(domain: string, key: KeyEntry): PublishedRecord {
  const meaning = KEY_MEANINGS[key.state].replace("DOMAIN", domain);
  return { name: keyName(domain, key), type: "TXT", value: key.record, meaning };
}

/** Where mail programs find this server. RFC 6186 3, RFC 8314 5.1 */
function services(domain: string, hostname: string, config: ScopConfig): readonly PublishedRecord[] {
  const ports = { ...DEFAULT_PORTS, ...config.ports };
  const offered = [
    ["_submission", ports.submission, "send mail"],
    ["_imap", ports.imap, "read mail, with STARTTLS"],
    ["_imaps", ports.imaps, "read mail, with TLS from the start"],
  ] as const;
  return offered.map(([service, port, purpose]) => ({
    name: `${service}._tcp.${domain}`,
    type: "SRV",
    value: `0 1 ${port} ${hostname}.`,
    meaning: `Mail programs find by it where to ${purpose}.`,
  }));
}

/** A line of a zone file under a comment. Long texts are cut into strings, which receivers join. */
function zoneText({ name, type, value, meaning }: PublishedRecord): string {
  return `; ${meaning}\n${name}. ${type} ${type === "TXT" ? txtStrings(value) : value}`;
}

function txtStrings(text: string): string {
  const strings: string[] = [];
  for (let at = 0; at < text.length; at += TXT_STRING_OCTETS)
    strings.push(JSON.stringify(text.slice(at, at + TXT_STRING_OCTETS)));
  return strings.join(" ");
}

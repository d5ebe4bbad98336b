import { listKeys } from "@scop/node-host/dkim";
import type { Platform } from "@scop/platform";
import type { Command } from "commander";
import { loadConfig } from "../config.ts";
import { Fault } from "../fault.ts";
import { keysFolder } from "../keys.ts";
import { platformOf } from "../lookups.ts";
import { createOutput, type Output, paint } from "../output.ts";
import { checkPolicy, checkRecord, type Finding } from "../published/check.ts";
import { type RecordToPublish, recordsOf, recordsToRemove, stsPolicyTextOf, zoneText } from "../published/records.ts";
import { dataFolder, hostnameOf } from "../settings.ts";
import { example, type StoreFlags, withStoreOptions } from "./command.ts";
import { domainArgument } from "./names.ts";

interface DnsFlags extends StoreFlags {
  readonly hostname?: string;
  readonly check?: true;
  readonly dns?: string;
}

/** `scop dns DOMAIN` */
export function addDnsCommand(program: Command): void {
  withStoreOptions(
    program.command("dns <domain>").description("show the records to publish for a domain, each with its meaning"),
  )
    .option("--hostname <name>", "the name of this server (default: as serve takes it)")
    .option("--check", "ask DNS for each of them; exit status 1 where one is missing or differs")
    .option("--dns <file>", "with --check: ask this zone (JSON) in place of DNS")
    .addHelpText(
      "after",
      example("npx scop dns example.org", "npx scop dns example.org --json", "npx scop dns example.org --check"),
    )
    .action(async (text: string, flags: DnsFlags) => {
      const domain = domainArgument(text);
      const config = await loadConfig(flags.config);
      const hostname = hostnameOf({ hostname: flags.hostname ?? config.hostname, demo: false }, domain);
      const keys = await listKeys(keysFolder(await dataFolder(flags)), domain);
      const records = recordsOf(domain, hostname, keys, config);
      const remove = recordsToRemove(domain, keys, config);
      const output = createOutput(flags.json === true);
      const policy = stsPolicyTextOf(hostname, config);
      const asked = { domain, hostname, policy, records, remove };
      if (flags.check) await check(await platformOf(flags.dns, config), output, asked);
      else output.result({ domain, hostname, records, remove }, () => zoneTexts(asked));
    });
}

interface Asked {
  readonly domain: string;
  readonly hostname: string;
  readonly policy: string;
  readonly records: readonly RecordToPublish[];
  /** What need not be published any more. */
  readonly remove: readonly RecordToPublish[];
}

function zoneTexts({ records, remove }: Asked): string {
  const gone = remove.map(({ name, type, meaning }) => `; ${meaning}\n; ${name}. ${type}`);
  return [...records.map(zoneText), ...gone].join("\n\n");
}

/** What is checked: a record, or what a web server has. */
type Checked = Finding & Pick<RecordToPublish, "name" | "value"> & { readonly purpose: string; readonly type: string };

/** Asks for everything at once, and tells of it in its order as the answers come. */
async function check(
  io: Platform,
  output: Output,
  { domain, hostname, policy, records, remove }: Asked,
): Promise<void> {
  const asked: Promise<Checked>[] = records.map(async record => ({
    ...record,
    ...(await checkRecord(io.dns, record)),
  }));
  const served = async (): Promise<Checked> => ({
    purpose: "mta-sts-policy",
    name: `https://mta-sts.${domain}/.well-known/mta-sts.txt`,
    type: "policy",
    value: policy,
    ...(await checkPolicy(io, domain, policy)),
  });
  asked.push(served());
  output.line(paint("dim", `Asking for ${asked.length} things that others see of ${domain} ...`));
  const all: Checked[] = [];
  for (const promise of asked) {
    const checked = await promise;
    output.line(lines(checked));
    all.push(checked);
  }
  const count = (state: Finding["state"]): number => all.filter(checked => checked.state === state).length;
  const isFine = count("missing") + count("differs") === 0;
  const summary = (["published", "differs", "missing", "unknown"] as const)
    .filter(state => count(state) > 0)
    .map(state => `${count(state)} ${WORDS[state]}`);
  const left = await stillThere(io, remove);
  for (const { name, type } of left) output.line(`${paint("yellow", "may be removed".padEnd(18))}  ${name}. ${type}`);
  output.result({ domain, hostname, records: all, remove: left }, () => `\n${domain}: ${summary.join(", ")}.`);
  if (!isFine)
    throw new Fault(`${domain} is not published as asked; npx scop dns ${domain} shows each record with its meaning`);
}

async function stillThere(io: Platform, remove: readonly RecordToPublish[]): Promise<readonly RecordToPublish[]> {
  const left: RecordToPublish[] = [];
  for (const record of remove) if ((await io.dns.txt(record.name)).found === "records") left.push(record);
  return left;
}

const WORDS: Record<Finding["state"], string> = {
  published: "published as asked",
  differs: "differs",
  missing: "missing",
  unknown: "could not be asked",
};
const COLOURS: Record<Finding["state"], Parameters<typeof paint>[0]> = {
  published: "green",
  differs: "red",
  missing: "red",
  unknown: "yellow",
};

/** A record and what was found of it: both where they differ. */
function lines({ name, type, value, state, found, detail }: Checked): string {
  const isDns = type !== "policy";
  const head = `${paint(COLOURS[state], WORDS[state].padEnd(18))}  ${isDns ? `${name}. ${type}` : name}`;
  const text = (of: string): string => (isDns ? of : of.trimEnd().replaceAll(/\r?\n/g, "; "));
  const more: string[] = [];
  if (state === "differs" || state === "missing") more.push(`asked for: ${text(value)}`);
  if (state === "differs") more.push(...found.map(each => `found:     ${text(each)}`));
  if (detail !== undefined) more.push(detail);
  return [head, ...more.map(line => `    ${line}`)].join("\n");
}

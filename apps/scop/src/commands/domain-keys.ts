import { activateKeys, type KeyEntry, listKeys, makeKeys, retireKeys } from "@scop/node-host/dkim";
import type { Dns } from "@scop/platform";
import type { Command } from "commander";
import { loadConfig } from "../config.ts";
import { Fault } from "../fault.ts";
import { keyScheduleOf } from "../key-schedule.ts";
import { keyName, keysFolder } from "../keys.ts";
import { platformOf } from "../lookups.ts";
import { createOutput, instantText, type Output, table } from "../output.ts";
import { isKeyPublished } from "../published/check.ts";
import { dataFolder } from "../settings.ts";
import { example, type StoreFlags, withStoreOptions } from "./command.ts";
import { domainArgument } from "./names.ts";

interface RotateFlags extends StoreFlags {
  readonly activate?: true;
  readonly unchecked?: true;
}

/** `scop domain keys|rotate` */
export function addKeyCommands(domain: Command): void {
  withStoreOptions(domain.command("keys <domain>").description("show the keys that sign its mail"))
    .addHelpText("after", example("npx scop domain keys example.org"))
    .action(async (text: string, flags: StoreFlags) => {
      const name = domainArgument(text);
      const keys = await listKeys(keysFolder(await dataFolder(flags)), name);
      if (keys.length === 0) throw new Fault(`${name} has no keys; npx scop domain rotate ${name} makes some`);
      show(createOutput(flags.json === true), name, keys, "");
    });
  withStoreOptions(
    domain
      .command("rotate <domain>")
      .description("replace the keys that sign its mail: make new ones, and use them once they are published"),
  )
    .option("--activate", "use the new keys from now on, if DNS has them")
    .option("--unchecked", "with --activate: do not ask DNS")
    .addHelpText(
      "after",
      example("npx scop domain rotate example.org", "npx scop domain rotate example.org --activate"),
    )
    .action(rotate);
}

async function rotate(text: string, flags: RotateFlags): Promise<void> {
  const name = domainArgument(text);
  const folder = keysFolder(await dataFolder(flags));
  const output = createOutput(flags.json === true);
  const now = Date.now();
  const config = await loadConfig(flags.config);
  const known = await retireKeys(folder, name, now - keyScheduleOf(config).overlapMs, now);
  const waiting = known.filter(key => key.state === "next");
  if (flags.activate) {
    if (waiting.length === 0) throw new Fault(`no new keys of ${name} wait; make some: npx scop domain rotate ${name}`);
    if (!flags.unchecked) {
      const { dns } = await platformOf(undefined, config);
      await refuseUnpublished(dns, name, waiting);
    }
    const keys = await activateKeys(folder, name, now);
    show(
      output,
      name,
      keys,
      `The old ones stay in DNS for mail that is on its way; npx scop dns ${name} says how long.`,
    );
    return;
  }
  const keys = waiting.length > 0 ? known : await makeKeys(folder, name, now);
  const next = keys.some(key => key.state === "next")
    ? `Publish them (npx scop dns ${name}), then: npx scop domain rotate ${name} --activate`
    : `Publish them: npx scop dns ${name}`;
  show(output, name, keys, next);
}

function show(output: Output, domain: string, keys: readonly KeyEntry[], more: string): void {
  output.result({ domain, keys }, () => {
    const rows = keys.map(key => [key.selector, key.type, key.state, instantText(key.since)]);
    return `${table(["selector", "type", "state", "since"], rows)}${more === "" ? "" : `\n${more}`}`;
  });
}

/** Receivers would take for forged what is signed with a key that they can't find. */
async function refuseUnpublished(dns: Dns, domain: string, keys: readonly KeyEntry[]): Promise<void> {
  const missing: string[] = [];
  for (const key of keys) if (!(await isKeyPublished(dns, domain, key))) missing.push(keyName(domain, key));
  if (missing.length > 0) throw new Fault(`DNS does not have these yet: ${missing.join(", ")}; nothing was changed`);
}

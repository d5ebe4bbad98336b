import type { Command } from "commander";
import { Fault } from "../fault.ts";
import { ensureKeys } from "../keys.ts";
import { instantText, table } from "../output.ts";
import { dataFolder } from "../settings.ts";
import { example, type StoreFlags, withStore, withStoreOptions } from "./command.ts";
import { addKeyCommands } from "./domain-keys.ts";
import { domainArgument } from "./names.ts";

/** `scop domain list|add|remove` */
export function addDomainCommand(program: Command): void {
  const domain = program.command("domain").description("the domains that are served here");
  withStoreOptions(domain.command("list").description("show them"))
    .addHelpText("after", example("npx scop domain list"))
    .action((flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        output.result(await store.domains(), domains =>
          table(
            ["domain", "since"],
            domains.map(record => [record.domain, instantText(record.created)]),
          ),
        );
      }),
    );
  withStoreOptions(domain.command("add <domain>").description("serve one more"))
    .addHelpText("after", example("npx scop domain add example.org"))
    .action((text: string, flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const name = domainArgument(text);
        const done = await store.transaction({ changes: [{ change: "add-domain", domain: name }] });
        if (!done.ok) throw new Fault(`${name} is served here already`);
        const keys = await ensureKeys(await dataFolder(flags), name);
        output.result(
          { domain: name, keys },
          () =>
            `${name} is served here. Next: npx scop account add you@${name}, and npx scop dns ${name} to publish it`,
        );
      }),
    );
  addKeyCommands(domain);
  withStoreOptions(domain.command("remove <domain>").description("serve it no more"))
    .addHelpText("after", example("npx scop domain remove example.org"))
    .action((text: string, flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const name = domainArgument(text);
        const done = await store.transaction({ changes: [{ change: "remove-domain", domain: name }] });
        if (!done.ok && done.refusal === "in-use") {
          throw new Fault(
            `${name} has accounts or aliases; remove them first (npx scop account list, npx scop alias list)`,
          );
        }
        if (!done.ok) throw new Fault(`${name} is not served here; see npx scop domain list`);
        output.result({ removed: name }, () => `${name} is not served here any more.`);
      }),
    );
}

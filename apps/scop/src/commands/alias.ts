import type { Command } from "commander";
import { Fault } from "../fault.ts";
import { table } from "../output.ts";
import { example, type StoreFlags, withStore, withStoreOptions } from "./command.ts";
import { addressArgument } from "./names.ts";

/** `scop alias list|add|remove` */
export function addAliasCommand(program: Command): void {
  const alias = program.command("alias").description("addresses that stand for others");
  withStoreOptions(alias.command("list").description("show them"))
    .addHelpText("after", example("npx scop alias list"))
    .action((flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        output.result(await store.aliases(), all =>
          table(
            ["alias", "stands for"],
            all.map(one => [one.address, one.targets.join(", ")]),
          ),
        );
      }),
    );
  withStoreOptions(alias.command("add <address> <targets...>").description("add one, or replace what it stands for"))
    .addHelpText("after", example("npx scop alias add info@example.org you@example.org friend@elsewhere.example"))
    .action((text: string, targetTexts: readonly string[], flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const { key, domain } = addressArgument(text);
        const targets = targetTexts.map(target => addressArgument(target).key);
        const done = await store.transaction({ changes: [{ change: "put-alias", address: key, targets }] });
        if (!done.ok && done.refusal === "exists")
          throw new Fault(`${key} is an account; an alias needs an address of its own`);
        if (!done.ok) throw new Fault(`${domain} is not served here; add it first: npx scop domain add ${domain}`);
        output.result({ address: key, targets }, () => `${key} stands for ${targets.join(", ")}.`);
      }),
    );
  withStoreOptions(alias.command("remove <address>").description("remove one"))
    .addHelpText("after", example("npx scop alias remove info@example.org"))
    .action((text: string, flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const { key } = addressArgument(text);
        const done = await store.transaction({ changes: [{ change: "remove-alias", address: key }] });
        if (!done.ok) throw new Fault(`there is no alias ${key}; see npx scop alias list`);
        output.result({ removed: key }, () => `${key} is removed.`);
      }),
    );
}

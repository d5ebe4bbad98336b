import { nodePlatform } from "@scop/node-host";
import { deriveVerifier } from "@scop/sasl";
import type { AccountRecord, Store } from "@scop/store";
import type { Command } from "commander";
import { Fault } from "../fault.ts";
import { instantText, table } from "../output.ts";
import { STANDARD_MAILBOXES } from "../standard-mailboxes.ts";
import { addQuotaCommand } from "./account-quota.ts";
import { example, type StoreFlags, withStore, withStoreOptions } from "./command.ts";
import { addressArgument } from "./names.ts";
import { readPassword } from "./password.ts";

async function known(store: Store, address: string): Promise<AccountRecord> {
  const record = await store.accountByAddress(address);
  if (!record) throw new Fault(`there is no account ${address}; see npx scop account list`);
  return record;
}

/** `scop account list|add|password|quota|remove` */
export function addAccountCommand(program: Command): void {
  const account = program.command("account").description("who has mail here");
  withStoreOptions(account.command("list").description("show them"))
    .addHelpText("after", example("npx scop account list"))
    .action((flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const accounts = (await store.accounts()).map(({ address, created }) => ({ address, created }));
        output.result(accounts, all =>
          table(
            ["account", "since"],
            all.map(one => [one.address, instantText(one.created)]),
          ),
        );
      }),
    );
  withStoreOptions(account.command("add <address>").description("create one; the password comes from standard input"))
    .addHelpText("after", example("npx scop account add you@example.org < password.txt"))
    .action(add);
  withStoreOptions(
    account.command("password <address>").description("change it; the new one comes from standard input"),
  )
    .addHelpText("after", example("npx scop account password you@example.org < password.txt"))
    .action((text: string, flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const { id, address } = await known(store, addressArgument(text).key);
        const verifier = await deriveVerifier(nodePlatform(), await readPassword());
        const done = await store.transaction({ changes: [{ change: "set-verifier", account: id, verifier }] });
        if (!done.ok) throw new Fault(`${address} was removed meanwhile`);
        output.result({ account: address }, () => `${address} has a new password.`);
      }),
    );
  addQuotaCommand(account);
  withStoreOptions(account.command("remove <address>").description("remove it with all of its mail"))
    .requiredOption("--yes", "its mail is deleted; there is no way back")
    .addHelpText("after", example("npx scop account remove you@example.org --yes"))
    .action((text: string, flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const { id, address } = await known(store, addressArgument(text).key);
        const done = await store.transaction({ changes: [{ change: "remove-account", account: id }] });
        if (!done.ok) throw new Fault(`${address} was removed meanwhile`);
        output.result({ removed: address }, () => `${address} and its mail are removed.`);
      }),
    );
}

async function add(text: string, flags: StoreFlags): Promise<void> {
  const { key, domain } = addressArgument(text);
  await withStore(flags, async (store, output) => {
    const domains = await store.domains();
    if (!domains.some(record => record.domain === domain)) {
      throw new Fault(`${domain} is not served here; add it first: npx scop domain add ${domain}`);
    }
    const verifier = await deriveVerifier(nodePlatform(), await readPassword());
    const done = await store.transaction({
      changes: [{ change: "add-account", address: key, verifier, mailboxes: STANDARD_MAILBOXES }],
    });
    if (!done.ok) throw new Fault(`${key} exists already, as an account or an alias`);
    output.result(
      { account: key },
      () => `${key} can receive and send. Its user name is the whole address. Next: npx scop serve`,
    );
  });
}

import { MEMBERS_MAX, membersChange, membersOf, stateOf } from "@scop/gateway";
import type { AccountRecord, Store } from "@scop/store";
import type { Command } from "commander";
import { Fault, UsageError } from "../fault.ts";
import { table } from "../output.ts";
import { serverNameOf } from "../server/matrix.ts";
import { dataFolder } from "../settings.ts";
import { example, type StoreFlags, withStore, withStoreOptions } from "./command.ts";
import { addressArgument } from "./names.ts";

/** `scop gateway list|add|remove` */
export function addGatewayCommand(program: Command): void {
  const gateway = program.command("gateway").description("addresses whose mail is a room of Matrix, too");
  withStoreOptions(gateway.command("list").description("show them"))
    .addHelpText("after", example("npx scop gateway list"))
    .action((flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        output.result(await listed(store), all =>
          table(
            ["address", "room", "members"],
            all.map(({ address, room, members }) => [address, room ?? "when the server runs", members.join(", ")]),
          ),
        );
      }),
    );
  withStoreOptions(
    gateway
      .command("add <address> <members...>")
      .description("show the mail of an account in a room, to these accounts; again: these and no others"),
  )
    .addHelpText("after", example("npx scop gateway add team@example.org you@example.org friend@example.org"))
    .action((text: string, memberTexts: readonly string[], flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        if (memberTexts.length > MEMBERS_MAX) throw new UsageError(`an address has at most ${MEMBERS_MAX} members`);
        const serverName = await serverNameOf(await dataFolder(flags), store);
        const account = await accountOf(store, text, serverName);
        const members: string[] = [];
        for (const each of memberTexts) {
          const { address } = await accountOf(store, each, serverName);
          members.push(`@${address.slice(0, address.lastIndexOf("@"))}:${serverName}`);
        }
        await store.transaction({ changes: [membersChange(account.id, members)] });
        output.result(
          { address: account.address, members },
          () => `${account.address} is a room, too: ${members.join(", ")} are asked in while the server runs.`,
        );
      }),
    );
  withStoreOptions(gateway.command("remove <address>").description("show its mail in a room no more"))
    .addHelpText("after", example("npx scop gateway remove team@example.org"))
    .action((text: string, flags: StoreFlags) =>
      withStore(flags, async (store, output) => {
        const account = await store.accountByAddress(addressArgument(text).key);
        const members = account && (await membersOf(store, account));
        if (account === undefined || members === undefined || members.length === 0) {
          throw new Fault(`${text} is no gateway; see npx scop gateway list`);
        }
        await store.transaction({ changes: [membersChange(account.id, [])] });
        output.result({ removed: account.address }, () => `${account.address} is a mailbox and nothing else.`);
      }),
    );
}

/** An account that is a user of Matrix. */
async function accountOf(store: Store, text: string, serverName: string): Promise<AccountRecord> {
  const { key, domain } = addressArgument(text);
  const account = await store.accountByAddress(key);
  if (account === undefined) throw new Fault(`there is no account ${key}; add it first: npx scop account add ${key}`);
  if (domain !== serverName) throw new Fault(`${key} is no user of Matrix here: their names end in :${serverName}`);
  return account;
}

interface Listed {
  readonly address: string;
  readonly room: string | undefined;
  readonly members: readonly string[];
}

async function listed(store: Store): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  for (const account of await store.accounts()) {
    const members = await membersOf(store, account);
    if (members === undefined || members.length === 0) continue;
    found.push({ address: account.address, room: (await stateOf(store, account))?.room, members });
  }
  return found;
}

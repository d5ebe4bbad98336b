import type { Store } from "@scop/store";
import type { Command } from "commander";
import { createOutput, type Output } from "../output.ts";
import { openToolStore } from "../server/store.ts";
import { DEFAULT_DATA, dataFolder } from "../settings.ts";

/** The options of every command that works on the store. */
export interface StoreFlags {
  readonly data?: string;
  readonly config?: string;
  readonly json?: true;
}

/** Adds the options of `StoreFlags`. */
export function withStoreOptions(command: Command): Command {
  return command
    .option("--data <dir>", `where the mail is kept (default: ${DEFAULT_DATA})`)
    .option("--config <file>", "configuration (default: scop.config.ts if there is one)")
    .option("--json", "print JSON for machines");
}

/** Opens the store that the options name, does the work, closes it. */
export async function withStore(
  flags: StoreFlags,
  work: (store: Store, output: Output) => Promise<void>,
): Promise<void> {
  const store = await openToolStore(await dataFolder(flags));
  try {
    await work(store, createOutput(flags.json === true));
  } finally {
    await store.close();
  }
}

/** For `addHelpText`: an example under the help. */
export function example(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map(line => `  $ ${line}`).join("\n")}\n`;
}

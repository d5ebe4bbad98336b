import type { Command } from "commander";
import { Fault, UsageError } from "../fault.ts";
import { table } from "../output.ts";
import { example, type StoreFlags, withStore, withStoreOptions } from "./command.ts";
import { addressArgument } from "./names.ts";

interface QuotaFlags extends StoreFlags {
  readonly storage?: string;
  readonly messages?: string;
}

/** More than anything that can be stored: a limit of its own that limits nothing. */
const UNLIMITED = Number.MAX_SAFE_INTEGER;
const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["K", 2 ** 10],
  ["M", 2 ** 20],
  ["G", 2 ** 30],
  ["T", 2 ** 40],
]);

/** `scop account quota` */
export function addQuotaCommand(account: Command): void {
  withStoreOptions(
    account.command("quota <address>").description("show or set how much mail it may have; it holds at once"),
  )
    .option(
      "--storage <size>",
      "octets, or with K, M, G or T; `default` is what the configuration says; or `unlimited`",
    )
    .option("--messages <number>", "a number, `default` or `unlimited`")
    .addHelpText("after", example("npx scop account quota you@example.org --storage 5G --messages unlimited"))
    .action(quota);
}

async function quota(text: string, flags: QuotaFlags): Promise<void> {
  const { key } = addressArgument(text);
  const storage = flags.storage === undefined ? undefined : limitOf("--storage", flags.storage, UNITS);
  const messages = flags.messages === undefined ? undefined : limitOf("--messages", flags.messages, new Map([["", 1]]));
  await withStore(flags, async (store, output) => {
    const before = await store.accountByAddress(key);
    if (before === undefined) throw new Fault(`there is no account ${key}; see npx scop account list`);
    const wanted = {
      octets: storage === undefined ? before.quota.octets : storage.limit,
      messages: messages === undefined ? before.quota.messages : messages.limit,
    };
    if (storage !== undefined || messages !== undefined) {
      const done = await store.transaction({
        changes: [{ change: "set-quota", account: before.id, quota: wanted }],
      });
      if (!done.ok) throw new Fault(`${key} was removed meanwhile`);
    }
    const told = {
      account: key,
      storage: { used: before.usage.octets, limit: limitText(wanted.octets) },
      messages: { used: before.usage.messages, limit: limitText(wanted.messages) },
    };
    output.result(told, all =>
      table(
        ["of", "used", "limit"],
        [
          ["storage", `${all.storage.used}`, `${all.storage.limit}`],
          ["messages", `${all.messages.used}`, `${all.messages.limit}`],
        ],
      ),
    );
  });
}

function limitOf(
  option: string,
  text: string,
  units: ReadonlyMap<string, number>,
): { readonly limit: number | undefined } {
  if (text === "default") return { limit: undefined };
  if (text === "unlimited") return { limit: UNLIMITED };
  const [, digits = "", unit = ""] = /^(\d{1,15})([A-Z]?)$/.exec(text.toUpperCase()) ?? [];
  const factor = units.get(unit);
  const limit = Number(digits) * (factor ?? 1);
  if (digits === "" || factor === undefined || !Number.isSafeInteger(limit)) {
    const sizes = [...units.keys()].filter(name => name !== "").join(", ");
    throw new UsageError(
      `${option} ${text}: a number${sizes === "" ? "" : ` with or without ${sizes}`}, default or unlimited`,
    );
  }
  return { limit };
}

function limitText(limit: number | undefined): number | "default" | "unlimited" {
  return limit === undefined ? "default" : limit === UNLIMITED ? "unlimited" : limit;
}

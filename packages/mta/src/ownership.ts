import type { Mailbox } from "@scop/address";
import { resolve } from "./resolve.ts";
import type { Stage } from "./stage.ts";

/** Whether an account may write as this address: its own, with a tag too, or an alias that leads to it. RFC 6409 6.1 */
export async function owns(
  stage: Pick<Stage, "directory" | "settings">,
  identity: string,
  mailbox: Mailbox,
): Promise<boolean> {
  const account = await stage.directory.account(identity);
  if (account === undefined) return false;
  const resolution = await resolve(stage.directory, stage.settings, mailbox);
  return resolution.is === "local" && resolution.accounts.includes(account.id);
}

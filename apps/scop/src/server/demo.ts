import type { Platform } from "@scop/platform";
import { deriveVerifier } from "@scop/sasl";
import type { Store } from "@scop/store";
import { UsageError } from "../fault.ts";
import { ensureKeys } from "../keys.ts";
import { STANDARD_MAILBOXES } from "../standard-mailboxes.ts";

/** What the demonstration serves. */
export const DEMO = {
  domain: "scop.test",
  accounts: ["alice@scop.test", "bob@scop.test"],
  alias: { address: "team@scop.test", targets: ["alice@scop.test", "bob@scop.test"] },
  password: "scop",
} as const;

/** The password is known to everybody, so only this machine may come. */
export function refuseDemoBeyondLoopback(host: string): void {
  if (host === "::1" || host === "localhost" || /^127\.\d+\.\d+\.\d+$/.test(host)) return;
  throw new UsageError(
    `the demonstration listens on loopback only, not on ${host}: its password is public. Leave out --demo, or use --host 127.0.0.1`,
  );
}

/** Creates what is missing of the demonstration; a second start changes nothing. */
export async function ensureDemo(io: Pick<Platform, "crypto" | "random">, store: Store, data: string): Promise<void> {
  await ensureKeys(data, DEMO.domain);
  const domains = await store.domains();
  if (!domains.some(known => known.domain === DEMO.domain)) {
    await store.transaction({ changes: [{ change: "add-domain", domain: DEMO.domain }] });
  }
  for (const address of DEMO.accounts) {
    if (await store.accountByAddress(address)) continue;
    const verifier = await deriveVerifier(io, DEMO.password);
    await store.transaction({ changes: [{ change: "add-account", address, verifier, mailboxes: STANDARD_MAILBOXES }] });
  }
  if (!(await store.aliasByAddress(DEMO.alias.address))) {
    await store.transaction({ changes: [{ change: "put-alias", ...DEMO.alias }] });
  }
}

import type { Platform } from "@scop/platform";
import { type Account, createAuthenticator, createSaslClient, type ServerInput } from "@scop/sasl";

declare const io: Pick<Platform, "crypto" | "random">;

/** What must not compile. */
export function refused(): void {
  // @ts-expect-error a password is not what is stored
  const account: Account = { identity: "alice@scop.test", password: "secret" };
  // @ts-expect-error a mechanism of which we know nothing
  createSaslClient(io, "CRAM-MD5", { username: "alice", password: "secret" });
  // @ts-expect-error randomness is needed for nonces
  createAuthenticator({ crypto: io.crypto }, async () => undefined);
  // @ts-expect-error an account without a verifier cannot be checked
  const input: ServerInput = { on: "account", identity: "alice@scop.test" };
  void [account, input];
}

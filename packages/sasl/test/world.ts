import { pbkdf2Sync, randomBytes } from "node:crypto";
import type { Crypto, Random } from "@scop/platform";
import type { Account } from "@scop/sasl";
import { simulation } from "@scop/sim";
import { base64 } from "@scop/wire";

/** How often and with how much work keys were derived. */
interface Counted {
  readonly derived: number[];
}

/** Real hashes, and a count of the slow ones. */
export function platform(): { readonly crypto: Crypto; readonly random: Random } & Counted {
  const derived: number[] = [];
  return {
    derived,
    random: { bytes: octets => randomBytes(octets) },
    crypto: {
      ...simulation().platform("192.0.2.1").crypto,
      pbkdf2Sha256: async (password, salt, iterations) => {
        derived.push(iterations);
        return pbkdf2Sync(password, salt, iterations, 32, "sha256");
      },
    },
  };
}

export function bytesOf(text: string): Uint8Array {
  const decoded = base64(text);
  if (!decoded.ok) throw new Error(`not base64: ${text}`);
  return decoded.value;
}

/** The example of RFC 7677 3: user `user`, password `pencil`. */
export const rfc7677 = {
  clientFirst: "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
  serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
  clientFinal:
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
};

/** A look-up in a table. */
export function accounts(...known: readonly (readonly [name: string, account: Account])[]) {
  const table = new Map(known);
  return async (username: string): Promise<Account | undefined> => table.get(username);
}

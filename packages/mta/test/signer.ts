import { generateKeyPairSync, sign } from "node:crypto";
import type { Signer } from "@scop/dkim";

const pair = generateKeyPairSync("ed25519");
const octets = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);

/** What the domain publishes. */
export const KEY_RECORD = `v=DKIM1; k=ed25519; p=${octets.toString("base64")}`;

/** Signs for the domains, or for every one, with one key under these selectors. */
export function signerOf(domains?: readonly string[], selectors: readonly string[] = ["s"]): Signer {
  return {
    keys: async domain =>
      domains?.includes(domain) === false
        ? []
        : selectors.map(selector => ({ domain, selector, type: "ed25519", signatureOctets: 64 })),
    sign: async (_domain, _selector, digest) => sign(null, digest, pair.privateKey),
  };
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { ObjectSigner } from "@scop/matrix/sign";

/** The seed of the appendices of the specification, behind what makes it a key of PKCS #8. */
export const SEED = "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1";
const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(SEED, "base64")]);
const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });

export const publicKey: Buffer = createPublicKey(privateKey).export({ format: "der", type: "spki" }).subarray(-32);

/** The server `domain` of the appendices. */
export const signer: ObjectSigner = {
  entity: "domain",
  keyId: "ed25519:1",
  sign: octets => sign(null, octets, privateKey),
};

const other = generateKeyPairSync("ed25519");

export const otherPublicKey: Buffer = other.publicKey.export({ format: "der", type: "spki" }).subarray(-32);

/** The same server with another key. */
export const otherSigner: ObjectSigner = {
  entity: "domain",
  keyId: "ed25519:2",
  sign: octets => sign(null, octets, other.privateKey),
};

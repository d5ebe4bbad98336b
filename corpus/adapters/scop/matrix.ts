import { createPrivateKey, sign } from "node:crypto";
import type { Answer, JsonObject } from "@scop/corpus";
import { canonicalJson, isJsonObject, type JsonLimits, type JsonValue, parseJson } from "@scop/matrix/json";
import { checkSignature, signObject } from "@scop/matrix/sign";
import { nodePlatform } from "@scop/node-host";
import { utf8Lossy } from "@scop/wire";
import { accepted, type Operations, parsedAnswer, textParam } from "./operation.ts";

const LIMITS: JsonLimits = { octetsMax: 1_000_000, numbers: "canonical" };
/** What stands before the seed of an Ed25519 key in PKCS #8. RFC 8410 7 */
const KEY_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

const { crypto } = nodePlatform();

function canonicalText(value: JsonValue): string {
  return utf8Lossy(canonicalJson(value));
}

function signedAnswer(bytes: Uint8Array, params: JsonObject): Answer {
  const read = parseJson(bytes, LIMITS);
  if (!read.ok || !isJsonObject(read.value)) return { outcome: "reject", reason: "no object" };
  const seed = Buffer.from(textParam(params, "seed"), "base64");
  const key = createPrivateKey({ key: Buffer.concat([KEY_HEAD, seed]), format: "der", type: "pkcs8" });
  const [entity, keyId] = [textParam(params, "entity"), textParam(params, "keyId")];
  const signed = signObject(read.value, { entity, keyId, sign: octets => new Uint8Array(sign(null, octets, key)) });
  const { signatures } = JSON.parse(canonicalText(signed)) as {
    readonly signatures: Readonly<Record<string, JsonObject>>;
  };
  return accepted({ signature: signatures[entity]?.[keyId], signed: canonicalText(signed) });
}

function checkedAnswer(bytes: Uint8Array, params: JsonObject): Answer {
  const read = parseJson(bytes, LIMITS);
  if (!read.ok || !isJsonObject(read.value)) return { outcome: "reject", reason: "no object" };
  const publicKey = new Uint8Array(Buffer.from(textParam(params, "publicKey"), "base64"));
  const result = checkSignature(read.value, textParam(params, "entity"), textParam(params, "keyId"), publicKey, crypto);
  return result === "signed" ? accepted({ verified: true }) : { outcome: "reject", reason: result };
}

/** Canonical JSON and signatures of objects by `@scop/matrix`. */
export const matrix: Operations = {
  "matrix.canonical-json": {
    fields: ["canonical"],
    run: bytes => parsedAnswer(parseJson(bytes, LIMITS), value => ({ canonical: canonicalText(value) })),
  },
  "matrix.sign-json": { fields: ["signature", "signed"], run: signedAnswer },
  "matrix.verify-json": { fields: ["verified"], run: checkedAnswer },
};

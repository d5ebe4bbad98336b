import assert from "node:assert/strict";
import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from "node:crypto";
import { test } from "node:test";
import { latin1Bytes } from "@scop/wire";
import { nodePlatform } from "../src/index.ts";

const { crypto } = nodePlatform();
const signed = latin1Bytes("from:ann@example.com\r\n");

test("an RSA key is understood in both of its forms, and checks signatures", () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const signature = sign("sha256", signed, pair.privateKey);
  for (const type of ["spki", "pkcs1"] as const) {
    const key = crypto.publicKey("rsa", pair.publicKey.export({ format: "der", type }));
    assert.deepEqual([key?.type, key?.bits], ["rsa", 1024]);
    assert.equal(key?.verifies(signed, signature), true);
    assert.equal(key?.verifies(signed.subarray(1), signature), false);
    assert.equal(key?.verifies(signed, signature.subarray(1)), false);
    assert.equal(key?.verifies(signed, new Uint8Array()), false);
  }
});

test("an RSA signature is of its whole length, and has the hash and nothing else beneath its padding (RFC 8017 8.2.2)", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const key = crypto.publicKey("rsa", publicKey.export({ format: "der", type: "spki" }))!;
  const info = Buffer.from("3031300d060960864801650304020105000420", "hex");
  const hash = createHash("sha256").update(signed).digest();
  const made = (beneath: Uint8Array): Uint8Array =>
    privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, beneath);
  assert.equal(key.verifies(signed, made(Buffer.concat([info, hash]))), true);
  const sha1 = Buffer.from("3021300906052b0e03021a05000414", "hex");
  const wrong: readonly (readonly [what: string, beneath: Uint8Array])[] = [
    ["an octet behind the hash", Buffer.concat([info, hash, Uint8Array.of(0)])],
    ["an octet before it", Buffer.concat([Uint8Array.of(0), info, hash])],
    ["a hash that was cut", Buffer.concat([info, hash.subarray(1)])],
    ["the hash alone", hash],
    ["another hash", Buffer.concat([sha1, createHash("sha1").update(signed).digest()])],
    ["nothing", new Uint8Array()],
  ];
  for (const [what, beneath] of wrong) assert.equal(key.verifies(signed, made(beneath)), false, what);
  // The padding of encryption, and none at all.
  for (const filler of [0x02, 0x00]) {
    const block = Buffer.concat([
      Uint8Array.of(0, filler),
      Buffer.alloc(128 - 3 - 51, 0xff),
      Uint8Array.of(0),
      info,
      hash,
    ]);
    const signature = privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, block);
    assert.equal(key.verifies(signed, signature), false, `padding ${filler}`);
  }
  let short = { octets: signed, signature: Buffer.of(1) };
  for (let number = 0; short.signature[0] !== 0; number += 1) {
    const octets = latin1Bytes(`from:${number}\r\n`);
    short = { octets, signature: sign("sha256", octets, privateKey) };
  }
  assert.equal(key.verifies(short.octets, short.signature), true);
  assert.equal(key.verifies(short.octets, short.signature.subarray(1)), false, "without its zero");
  assert.equal(key.verifies(short.octets, Buffer.concat([Uint8Array.of(0), short.signature])), false, "with one more");
});

test("an Ed25519 key is its 32 octets (RFC 8463 4.2)", () => {
  const pair = generateKeyPairSync("ed25519");
  const octets = pair.publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const key = crypto.publicKey("ed25519", octets);
  const signature = sign(null, signed, pair.privateKey);
  assert.deepEqual([key?.type, key?.bits], ["ed25519", 256]);
  assert.equal(key?.verifies(signed, signature), true);
  assert.equal(key?.verifies(signed, signature.toReversed()), false);
});

test("what is no key of its type is none", () => {
  const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024, publicExponent: 3 }).publicKey;
  const der = weak.export({ format: "der", type: "pkcs1" });
  assert.notEqual(crypto.publicKey("rsa", der), undefined);
  // The exponent is the last octet.
  assert.equal(crypto.publicKey("rsa", Uint8Array.from([...der.subarray(0, -1), 1])), undefined);
  assert.equal(crypto.publicKey("rsa", ec), undefined);
  assert.equal(crypto.publicKey("rsa", new Uint8Array()), undefined);
  assert.equal(crypto.publicKey("rsa", der.subarray(0, 40)), undefined);
  assert.equal(crypto.publicKey("ed25519", new Uint8Array(31)), undefined);
});

test("octets in pieces have the hash of the whole", () => {
  const hasher = crypto.hasher();
  for (const octet of signed) hasher.update(Uint8Array.of(octet));
  assert.deepEqual(hasher.digest(), crypto.sha256(signed));
});

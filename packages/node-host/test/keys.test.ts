import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
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

import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonObject, type JsonValue, jsonObject } from "@scop/matrix/json";
import {
  checkRequest,
  formatServerKeys,
  keyValidAt,
  readRequestSignature,
  readServerKeys,
  type SignedRequest,
  signObject,
  signRequest,
} from "@scop/matrix/sign";
import { nodePlatform } from "@scop/node-host";
import { publicKey, signer } from "./keys.ts";

const { crypto } = nodePlatform();
const REQUEST: SignedRequest = {
  method: "PUT",
  uri: "/_matrix/federation/v1/send/1?a=%2F",
  origin: "domain",
  destination: "other:8448",
  content: jsonObject({ pdus: [] }),
};

test("a request that was signed is found to be, and none that differs", () => {
  const header = readRequestSignature(signRequest(REQUEST, signer));
  assert.ok(header.ok);
  const { value } = header;
  assert.deepEqual([value.origin, value.destination, value.keyId], ["domain", "other:8448", "ed25519:1"]);
  const check = (changes: Partial<SignedRequest>): string =>
    checkRequest({ ...REQUEST, ...changes }, value, publicKey, crypto);
  assert.equal(check({}), "signed");
  assert.equal(check({ method: "POST" }), "wrong");
  assert.equal(check({ uri: "/_matrix/federation/v1/send/1?a=/" }), "wrong");
  assert.equal(check({ origin: "another" }), "wrong");
  assert.equal(check({ destination: "a third" }), "wrong");
  assert.equal(check({ content: jsonObject({ pdus: [1] }) }), "wrong");
  assert.equal(check({ content: undefined }), "wrong");
});

test("the header is read quoted or not, escaped, with colons and in any case", () => {
  const read = (text: string): readonly (string | undefined)[] => {
    const header = readRequestSignature(text);
    if (!header.ok) return [`${header.error.code} at ${header.error.offset}`];
    const { origin, destination, keyId, signature } = header.value;
    return [origin, destination, keyId, signature];
  };
  assert.deepEqual(read("X-Matrix origin=a:80,key=ed25519:1,sig=AB/+"), ["a:80", undefined, "ed25519:1", "AB/+"]);
  assert.deepEqual(read('x-matrix Origin="a" , DESTINATION="b\\"\\\\",key="k",sig="s"'), ["a", 'b"\\', "k", "s"]);
  assert.deepEqual(read('X-Matrix sig="s", unknown=1,origin="a",key="k",'), ["a", undefined, "k", "s"]);
  assert.deepEqual(read("Bearer x"), ["x-matrix-scheme at 0"]);
  assert.deepEqual(read("X-Matrix origin=a,key=k"), ["x-matrix-parameter at 23"]);
  assert.deepEqual(read("X-Matrix origin=a,origin=b,key=k,sig=s"), ["x-matrix-twice at 18"]);
  assert.deepEqual(read('X-Matrix origin="a'), ["x-matrix-value at 16"]);
  assert.deepEqual(read('X-Matrix origin="a"b'), ["x-matrix-comma at 19"]);
  assert.deepEqual(read("X-Matrix origin"), ["x-matrix-parameter at 9"]);
  assert.deepEqual(read(`X-Matrix origin=${"a".repeat(2048)}`), ["x-matrix-too-long at 2048"]);
});

test("keys of a server are those that it signed, each for its time", () => {
  const published = formatServerKeys(publicKey, 5000, signer);
  const keys = readServerKeys(published, crypto);
  assert.ok(keys.ok);
  assert.equal(keys.value.server, "domain");
  assert.deepEqual(keyValidAt(keys.value, "ed25519:1", 5000), new Uint8Array(publicKey));
  assert.equal(keyValidAt(keys.value, "ed25519:1", 5001), undefined);
  assert.equal(keyValidAt(keys.value, "ed25519:2", 0), undefined);
});

test("old keys count until they expired, and one that is there as a current one too counts as that", () => {
  const key = jsonObject({ key: publicKey.toString("base64"), expired_ts: 100 });
  const changed = new Map(formatServerKeys(publicKey, 5000, signer));
  changed.set(
    "old_verify_keys",
    new Map([
      ["ed25519:old", key],
      ["ed25519:1", key],
    ]),
  );
  const keys = readServerKeys(signObject(changed, signer), crypto);
  assert.ok(keys.ok);
  assert.deepEqual(keyValidAt(keys.value, "ed25519:old", 100), new Uint8Array(publicKey));
  assert.equal(keyValidAt(keys.value, "ed25519:old", 101), undefined);
  assert.deepEqual(keyValidAt(keys.value, "ed25519:1", 4000), new Uint8Array(publicKey));
});

test("keys that nobody proved are refused", () => {
  const published = formatServerKeys(publicKey, 5000, signer);
  const codeOf = (changes: Readonly<Record<string, JsonValue>>): string => {
    const object: JsonObject = new Map([...published, ...Object.entries(changes)]);
    const keys = readServerKeys(object, crypto);
    return keys.ok ? "read" : keys.error.code;
  };
  assert.equal(codeOf({}), "read");
  assert.equal(codeOf({ server_name: 1 }), "server-keys-name");
  assert.equal(codeOf({ server_name: "other" }), "server-keys-unsigned");
  assert.equal(codeOf({ valid_until_ts: 6000 }), "server-keys-unsigned");
  assert.equal(codeOf({ valid_until_ts: "x" }), "server-keys-time");
  assert.equal(codeOf({ verify_keys: new Map() }), "server-keys-none");
  assert.equal(codeOf({ verify_keys: jsonObject({ "ed25519:1": jsonObject({ key: "AAAA" }) }) }), "server-keys-none");
  assert.equal(
    codeOf({ verify_keys: jsonObject({ "rsa:1": jsonObject({ key: "A".repeat(43) }) }) }),
    "server-keys-none",
  );
});

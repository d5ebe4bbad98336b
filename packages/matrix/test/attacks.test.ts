import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  buildEvent,
  contentHash,
  DEPTH_MAX,
  type EventDraft,
  eventFormatOf,
  isIntact,
  readEvent,
} from "@scop/matrix/event";
import {
  canonicalJson,
  EVENT_JSON,
  EVENT_OCTETS_MAX,
  isJsonObject,
  type JsonLimits,
  type JsonObject,
  type JsonValue,
  jsonObject,
  parseJson,
} from "@scop/matrix/json";
import {
  checkRequest,
  checkSignature,
  formatServerKeys,
  keyIdsOf,
  keyValidAt,
  readRequestSignature,
  readServerKeys,
  type SignedRequest,
  signObject,
  signRequest,
} from "@scop/matrix/sign";
import { nodePlatform } from "@scop/node-host";
import type { Crypto } from "@scop/platform";
import { otherPublicKey, otherSigner, publicKey, signer } from "./keys.ts";

const { crypto } = nodePlatform();
const V5 = eventFormatOf("5")!;
const V10 = eventFormatOf("10")!;
/** A whole transaction: what one of its events may not say must not stop the others. */
const TRANSACTION: JsonLimits = { octetsMax: 10_000_000, numbers: "any" };
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: JsonValue): string => new TextDecoder().decode(canonicalJson(value));

const DRAFT: EventDraft = {
  roomId: "!room:domain",
  type: "m.room.message",
  stateKey: undefined,
  sender: "@a:domain",
  content: jsonObject({ body: "hello" }),
  originServerTs: 1_000_000,
  depth: 5,
  authEvents: ["$auth"],
  prevEvents: ["$before"],
  redacts: undefined,
};
const GOOD = buildEvent(DRAFT, V10, signer, crypto)!.json;

/** The event whose content is this text, as another server would write it. */
const withContent = (content: string): string => text(GOOD).replace('{"body":"hello"}', content);

function objectOf(json: string, limits: JsonLimits = TRANSACTION): JsonObject {
  const read = parseJson(octets(json), limits);
  assert.ok(read.ok && isJsonObject(read.value), read.ok ? "no object" : read.error.code);
  return read.value;
}

function codeOf(json: string, limits: JsonLimits = EVENT_JSON): string {
  const read = parseJson(octets(json), limits);
  return read.ok ? "read" : read.error.code;
}

/** What becomes of each event of a transaction. */
function verdicts(events: readonly string[]): readonly string[] {
  const pdus = objectOf(`{"pdus":[${events.join(",")}]}`).get("pdus") as readonly JsonObject[];
  return pdus.map(each => {
    const read = readEvent(each, V10, crypto);
    return read.ok ? "read" : read.error.code;
  });
}

describe("attack 1: what JSON.parse hides, so that two servers hash two events", () => {
  for (const number of ["1.0", "1e2", "-0", "9007199254740993", "-9007199254740992", "1E400"]) {
    it(`${number} is refused from room version 6 on, alone and within a transaction`, () => {
      assert.equal(codeOf(withContent(`{"a":[${number}]}`)), "json-number-not-canonical");
      assert.deepEqual(verdicts([text(GOOD), withContent(`{"a":[${number}]}`), text(GOOD)]), [
        "read",
        "event-number",
        "read",
      ]);
    });
    it(`${number} is itself in older rooms, also in the hash`, () => {
      const event = objectOf(withContent(`{"a":${number}}`));
      assert.equal(readEvent(event, V5, crypto).ok, true);
      assert.ok(text(event).includes(`{"a":${number}}`));
      assert.notEqual(contentHash(event, crypto), contentHash(objectOf(withContent('{"a":1}')), crypto));
    });
  }
  it("a key twice is refused, whichever of the two JSON.parse would keep", () => {
    assert.equal(codeOf('{"sender":"@a:domain","sender":"@b:domain"}'), "json-duplicate-key");
    assert.equal(codeOf('{"sender":"@a:domain","s\\u0065nder":"@a:domain"}'), "json-duplicate-key");
  });
});

describe("attack 2: keys that the engine orders or means something by", () => {
  it("keys go by code points, and those like numbers among them", () => {
    const event = objectOf(withContent('{"\u{10002}":1,"\ufb33":2,"9":3,"10":4,"a":5}'));
    assert.ok(text(event).includes('"content":{"10":4,"9":3,"a":5,"\ufb33":2,"\u{10002}":1}'));
  });
  it("__proto__ and constructor are keys as others, and change no object", () => {
    const event = objectOf(withContent('{"__proto__":{"membership":"join"},"constructor":{"prototype":{"x":1}}}'));
    assert.deepEqual(verdicts([text(event)]), ["read"]);
    assert.ok(text(event).includes('"__proto__":{"membership":"join"},"constructor"'));
    assert.equal(Reflect.get({}, "membership") ?? Reflect.get({}, "x"), undefined);
    assert.equal((event.get("content") as JsonObject).get("membership"), undefined);
  });
});

describe("attack 3: text and sizes that break a parser", () => {
  it("halves of surrogate pairs and octets that are no UTF-8 are refused", () => {
    for (const half of ["\\ud800", "\\udfff", "a\\ud83dz", "\\ude00\\ud83d"]) {
      assert.equal(codeOf(`{"a":"${half}"}`), "json-lone-surrogate");
      assert.equal(codeOf(`{"${half}":1}`), "json-lone-surrogate");
    }
    const cut = parseJson(Uint8Array.of(0x22, 0xf0, 0x9f, 0x98, 0x22), EVENT_JSON);
    assert.equal(cut.ok ? "read" : cut.error.code, "malformed-utf8");
  });
  it("a million brackets are refused at the thousand and first", () => {
    for (const one of ["[", '{"a":']) assert.equal(codeOf(one.repeat(1_000_000), TRANSACTION), "json-too-deep");
  });
  it("65,536 octets are an event, and one more is none: octets, not characters, and with what is unsigned", () => {
    const room = EVENT_OCTETS_MAX - octets(withContent('{"body":""}')).length;
    const fitting = withContent(`{"body":"${"é".repeat(Math.floor(room / 2))}${"a".repeat(room % 2)}"}`);
    assert.deepEqual(verdicts([fitting, fitting.replace("é", "éa")]), ["read", "event-too-long"]);
    const unsigned = new Map(objectOf(fitting)).set("unsigned", jsonObject({ age: 1 }));
    assert.deepEqual(verdicts([text(unsigned)]), ["event-too-long"]);
  });
  it("a number of 4,300 digits and more is refused, or kept as it is", () => {
    const digits = "9".repeat(50_000);
    assert.equal(codeOf(`[${digits}]`), "json-number-not-canonical");
    assert.equal(text(objectOf(`{"a":${digits}}`)), `{"a":${digits}}`);
  });
});

describe("attack 4: CVE-2025-30355, a depth that nobody can follow", () => {
  const at = (depth: string): string => text(GOOD).replace('"depth":5', `"depth":${depth}`);
  it("an event that stands too high is refused alone, never its transaction", () => {
    const events = [at("9007199254740991"), at("9007199254740992"), at("1e300"), at("-1"), at("5")];
    assert.deepEqual(verdicts(events), ["read", "event-number", "event-number", "event-depth", "read"]);
  });
  it("from a room of older versions too", () => {
    const read = readEvent(objectOf(at("9007199254740992")), V5, crypto);
    assert.equal(read.ok ? "read" : read.error.code, "event-depth");
  });
  it("what follows the highest is no higher", () => {
    const made = buildEvent({ ...DRAFT, depth: DEPTH_MAX + 1 }, V10, signer, crypto)!;
    assert.deepEqual(verdicts([text(made.json)]), ["read"]);
    assert.equal(made.depth, DEPTH_MAX);
  });
});

describe("attack 5: signatures and keys that prove nothing", () => {
  const check = (object: JsonObject, keyId = "ed25519:1", key: Uint8Array = publicKey): string =>
    checkSignature(object, "domain", keyId, key, crypto);
  const signaturesOf = (own: Readonly<Record<string, JsonValue>>): JsonObject =>
    jsonObject({ a: 1, signatures: jsonObject({ domain: jsonObject(own) }) });
  const signed = signObject(jsonObject({ a: 1 }), signer);
  const good = ((signed.get("signatures") as JsonObject).get("domain") as JsonObject).get("ed25519:1")!;

  it("no signatures, those of others and those of unknown algorithms are none", () => {
    for (const object of [jsonObject({ a: 1 }), jsonObject({ a: 1, signatures: [] }), signaturesOf({})]) {
      assert.equal(check(object), "missing");
      assert.deepEqual(keyIdsOf(object, "domain"), []);
    }
    assert.deepEqual(keyIdsOf(signaturesOf({ "curve25519:1": good, ed25519: good }), "domain"), []);
  });
  it("one more signature, of whatever kind, takes nothing from a good one", () => {
    const further = signaturesOf({ "ed25519:0": "AAAA", "rsa:1": 7, "ed25519:1": good });
    assert.equal(check(further), "signed");
    assert.equal(check(further, "ed25519:0"), "malformed");
    assert.equal(check(signObject(signed, { ...otherSigner, entity: "evil" })), "signed");
  });
  it("a signature by another key of the same server, or under its name, is wrong", () => {
    const double = signObject(signed, otherSigner);
    assert.equal(check(double, "ed25519:2", otherPublicKey), "signed");
    assert.equal(check(double, "ed25519:2"), "wrong");
    assert.equal(check(signObject(jsonObject({ a: 1 }), { ...otherSigner, keyId: "ed25519:1" })), "wrong");
  });
  it("a key counts as long as its server said, whatever an old one of the same name says", () => {
    const old = { key: otherPublicKey.toString("base64"), expired_ts: 9_000 };
    const changed = new Map(formatServerKeys(publicKey, 5_000, signer));
    changed.set("old_verify_keys", jsonObject({ "ed25519:1": jsonObject(old), "ed25519:2": jsonObject(old) }));
    const keys = readServerKeys(signObject(changed, signer), crypto);
    assert.ok(keys.ok);
    assert.deepEqual(keyValidAt(keys.value, "ed25519:1", 5_000), new Uint8Array(publicKey));
    assert.equal(keyValidAt(keys.value, "ed25519:1", 5_001), undefined);
    assert.equal(keyValidAt(keys.value, "ed25519:2", 9_001), undefined);
    assert.deepEqual([V5.keysByTime, eventFormatOf("4")!.keysByTime], [true, false]);
  });
  it("a notary's word for keys that their server did not sign is nothing", () => {
    const poisoned = formatServerKeys(publicKey, 5_000, { ...otherSigner, entity: "victim", keyId: "ed25519:1" });
    const noted = signObject(poisoned, { ...signer, entity: "notary" });
    const keys = readServerKeys(noted, crypto);
    assert.equal(keys.ok ? "read" : keys.error.code, "server-keys-unsigned");
  });
});

/** A host that takes every signature: of hosts some take those of small order, and some do not. */
const EASY: Pick<Crypto, "publicKey"> = { publicKey: () => ({ type: "ed25519", bits: 256, verifies: () => true }) };

/** The order of the group. RFC 8032 5.1 */
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

describe("attack 6: an event that came without its proof, and signatures that hold twice", () => {
  const signed = signObject(jsonObject({ a: 1 }), signer);
  const own = (signed.get("signatures") as JsonObject).get("domain") as JsonObject;
  const good = Buffer.from(own.get("ed25519:1") as string, "base64");
  const verdict = (signature: Uint8Array, key: Uint8Array = publicKey, host: typeof EASY = crypto): string => {
    const forged = jsonObject({ "ed25519:1": Buffer.from(signature).toString("base64") });
    const object = jsonObject({ a: 1, signatures: jsonObject({ domain: forged }) });
    return checkSignature(object, "domain", "ed25519:1", key, host);
  };

  it("an event that was changed on its way, whoever it came from, is neither intact nor signed", () => {
    const changed = objectOf(withContent('{"body":"changed"}'));
    assert.equal(isIntact(GOOD, crypto), true);
    assert.equal(isIntact(changed, crypto), false);
    assert.equal(isIntact(new Map(changed).set("hashes", jsonObject({ sha256: "" })), crypto), false);
  });
  it("the same signature with the order of the group added is another, and wrong", () => {
    assert.equal(verdict(good), "signed");
    const scalar = littleEndian(good.subarray(32)) + ORDER;
    const added = Buffer.from(scalar.toString(16).padStart(64, "0"), "hex").reverse();
    assert.equal(verdict(Buffer.concat([good.subarray(0, 32), added])), "wrong");
  });
  const small = [
    ["neutral", `01${"00".repeat(31)}`],
    ["neutral, written with its sign", `01${"00".repeat(30)}80`],
    ["of order two", `ec${"ff".repeat(30)}7f`],
    ["of order four", "00".repeat(32)],
    ["of order four, not reduced", `ed${"ff".repeat(30)}7f`],
    ["neutral, not reduced", `ee${"ff".repeat(30)}7f`],
    ["of order eight", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
    ["of order eight, negative", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"],
  ] as const;
  for (const [name, point] of small) {
    it(`a key or a commitment that is ${name} proves nothing, also where the host's own check would take it`, () => {
      const bytes = Buffer.from(point, "hex");
      for (const host of [crypto, EASY]) {
        assert.equal(verdict(Buffer.concat([bytes, Buffer.alloc(32)]), bytes, host), "wrong");
        assert.equal(verdict(Buffer.concat([good.subarray(0, 32), Buffer.alloc(32)]), bytes, host), "wrong");
        assert.equal(verdict(Buffer.concat([bytes, good.subarray(32)]), publicKey, host), "wrong");
      }
      assert.equal(verdict(good, publicKey, EASY), "signed");
    });
  }
  it("a key whose coordinate is not reduced proves nothing", () => {
    // 2^255 - 19 + 3: on the curve, and of no small order.
    const key = Buffer.from(`f0${"ff".repeat(30)}7f`, "hex");
    assert.equal(verdict(good, key, EASY), "wrong");
  });
});

describe("attack 8: requests that somebody else made, or for somebody else", () => {
  const request: SignedRequest = {
    method: "PUT",
    uri: "/_matrix/federation/v1/send/1?a=%2F&b",
    origin: "domain",
    destination: "us.example",
    content: jsonObject({ pdus: [] }),
  };
  const verdict = (header: string, changes: Partial<SignedRequest> = {}): string => {
    const read = readRequestSignature(header);
    if (!read.ok) return read.error.code;
    const { destination, origin } = read.value;
    if (destination !== undefined && destination !== "us.example") return "for another server";
    return checkRequest({ ...request, origin, ...changes }, read.value, publicKey, crypto);
  };
  const header = signRequest(request, signer);

  it("as it was signed it holds", () => assert.equal(verdict(header), "signed"));
  it("one for another server does not hold here, whether its header says so, lies or is silent", () => {
    const other = signRequest({ ...request, destination: "them.example" }, signer);
    assert.equal(verdict(other), "for another server");
    assert.equal(verdict(other.replace("them.example", "us.example")), "wrong");
    assert.equal(verdict(other.replace('destination="them.example",', "")), "wrong");
  });
  it("another body, none, another method or another path and query is another request", () => {
    assert.equal(verdict(header, { content: jsonObject({ pdus: [1] }) }), "wrong");
    assert.equal(verdict(header, { content: undefined }), "wrong");
    assert.equal(verdict(header, { method: "GET" }), "wrong");
    for (const uri of ["/_matrix/federation/v1/send/1", "/_matrix/federation/v1/send/1?a=/&b", `${request.uri}&`]) {
      assert.equal(verdict(header, { uri }), "wrong");
    }
  });
  it("another origin than the one that signed is wrong", () =>
    assert.equal(verdict(header.replace('origin="domain"', 'origin="victim"')), "wrong"));
  it("quotes, escapes, colons and commas within quotes are read and no parameter is smuggled in", () => {
    const smuggled = signRequest(
      { ...request, origin: 'a",origin="victim' },
      { ...signer, entity: 'a",origin="victim' },
    );
    const read = readRequestSignature(smuggled);
    assert.equal(read.ok && read.value.origin, 'a",origin="victim');
    assert.equal(verdict(header.replace("origin=", 'origin="victim",origin=')), "x-matrix-twice");
    assert.equal(verdict(header.replace("X-Matrix ", "X-Matrix,")), "x-matrix-scheme");
  });
});

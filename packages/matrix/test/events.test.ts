import assert from "node:assert/strict";
import { test } from "node:test";
import { eventDraftOf } from "@scop/matrix/arbitrary";
import {
  buildEvent,
  contentHash,
  DEPTH_MAX,
  type EventDraft,
  type EventFormat,
  eventFormatOf,
  eventIdOf,
  isIntact,
  readEvent,
  redactEvent,
} from "@scop/matrix/event";
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue, jsonObject, parseJson } from "@scop/matrix/json";
import { checkSignature, keyIdsOf, signObject } from "@scop/matrix/sign";
import { nodePlatform } from "@scop/node-host";
import fc from "fast-check";
import { publicKey, signer } from "./keys.ts";

const { crypto } = nodePlatform();
function object(text: string): JsonObject {
  const value = parseJson(new TextEncoder().encode(text), { octetsMax: 100_000, numbers: "any" });
  assert.ok(value.ok && isJsonObject(value.value));
  return value.value;
}

const format = (version: number): EventFormat => eventFormatOf(String(version))!;
const text = (value: JsonValue): string => new TextDecoder().decode(canonicalJson(value));

function signatureOf(signed: JsonObject): unknown {
  const signatures = signed.get("signatures") as JsonObject;
  return (signatures.get("domain") as JsonObject).get("ed25519:1");
}

const check = (signed: JsonObject, keyId = "ed25519:1", entity = "domain"): string =>
  checkSignature(signed, entity, keyId, publicKey, crypto);

test("objects are signed as in the appendices of the specification, and are found to be", () => {
  const empty = signObject(object("{}"), signer);
  assert.equal(
    signatureOf(empty),
    "K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ",
  );
  const data = signObject(object('{"one":1,"two":"Two","unsigned":{"age":1}}'), signer);
  assert.equal(
    signatureOf(data),
    "KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw",
  );
  assert.deepEqual(keyIdsOf(data, "domain"), ["ed25519:1"]);
  assert.equal(check(data), "signed");
  assert.equal(check(new Map(data).set("unsigned", "changed on the way")), "signed");
  assert.equal(check(new Map(data).set("one", 2)), "wrong");
});

test("events are hashed and signed as in the appendices", () => {
  const minimal = object(
    '{"room_id":"!x:domain","sender":"@a:domain","origin":"domain","origin_server_ts":1000000,"signatures":{},"hashes":{},"type":"X","content":{},"prev_events":[],"auth_events":[],"depth":3,"unsigned":{"age_ts":1000000}}',
  );
  const hash = contentHash(minimal, crypto);
  assert.equal(hash, "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos");
  const hashed = new Map(minimal).set("hashes", jsonObject({ sha256: hash }));
  assert.equal(isIntact(hashed, crypto), true);
  assert.equal(isIntact(minimal, crypto), false);
  assert.equal(
    signatureOf(signObject(redactEvent(hashed, format(10)), signer)),
    "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg",
  );
});

const SMALL_KEYS = ["00".repeat(32), `01${"00".repeat(31)}`, `ed${"ff".repeat(30)}7f`];

test("a signature that is missing, of another kind, malformed or by a key of a small order does not count", () => {
  const signed = signObject(object('{"a":1}'), signer);
  assert.equal(check(object('{"a":1}')), "missing");
  assert.equal(check(signed, "ed25519:2"), "missing");
  assert.equal(check(signed, "ed25519:1", "other"), "missing");
  const withSignature = (value: JsonValue): JsonObject =>
    jsonObject({ a: 1, signatures: jsonObject({ domain: jsonObject({ "ed25519:1": value, "rsa:1": "x" }) }) });
  assert.equal(check(withSignature("AAAA")), "malformed");
  assert.equal(check(withSignature("*".repeat(86))), "malformed");
  assert.equal(check(withSignature(7)), "malformed");
  assert.deepEqual(keyIdsOf(withSignature("AAAA"), "domain"), ["ed25519:1"]);
  for (const each of SMALL_KEYS) {
    const key = Buffer.from(each, "hex");
    const forged = Buffer.concat([key, Buffer.alloc(32)]).toString("base64");
    assert.equal(checkSignature(withSignature(forged), "domain", "ed25519:1", key, crypto), "wrong");
  }
});

const DRAFT: EventDraft = {
  roomId: "!room:domain",
  type: "m.room.message",
  stateKey: undefined,
  sender: "@a:domain",
  content: jsonObject({ body: "hello", msgtype: "m.text" }),
  originServerTs: 1_000_000,
  depth: 5,
  authEvents: ["$auth"],
  prevEvents: ["$before"],
  redacts: undefined,
};

test("an event that is made is read as the same, intact and signed, in every room version from 3 on", () => {
  for (let version = 3; version <= 12; version += 1) {
    const made = buildEvent(DRAFT, format(version), signer, crypto)!;
    const again = readEvent(object(text(made.json)), format(version), crypto);
    assert.ok(again.ok);
    assert.deepEqual(again.value, made);
    assert.match(made.eventId, version === 3 ? /^\$[A-Za-z0-9+/]{43}$/ : /^\$[A-Za-z0-9_-]{43}$/);
    assert.equal(isIntact(made.json, crypto), true);
    assert.equal(check(redactEvent(made.json, format(version))), "signed");
  }
});

test("a room of version 12 is named after its create event, which names no room", () => {
  const draft = { ...DRAFT, roomId: undefined, type: "m.room.create", stateKey: "", authEvents: [], prevEvents: [] };
  const made = buildEvent(draft, format(12), signer, crypto)!;
  assert.equal(made.roomId, `!${made.eventId.slice(1)}`);
  const read = (value: JsonObject, version: number): string => {
    const result = readEvent(value, format(version), crypto);
    return result.ok ? "read" : result.error.code;
  };
  assert.equal(read(made.json, 12), "read");
  assert.equal(read(made.json, 11), "event-room-id");
  assert.equal(read(new Map(made.json).set("room_id", "!a:domain"), 12), "event-room-id");
});

test("what is redacted stands in the event until version 10, and then in its content", () => {
  const draft = { ...DRAFT, type: "m.room.redaction", redacts: "$gone" };
  for (const version of [3, 10, 11, 12]) {
    const made = buildEvent(draft, format(version), signer, crypto)!;
    assert.equal(made.redacts, "$gone");
    assert.equal(made.json.has("redacts"), version <= 10);
    assert.equal((redactEvent(made.json, format(version)).get("content") as JsonObject).has("redacts"), version > 10);
  }
});

test("one misformed event is refused alone, by the name of its key", () => {
  const made = buildEvent(DRAFT, format(10), signer, crypto)!.json;
  const codeOf = (changes: Readonly<Record<string, JsonValue>>): string => {
    const result = readEvent(new Map([...made, ...Object.entries(changes)]), format(10), crypto);
    return result.ok ? "read" : result.error.code;
  };
  assert.equal(codeOf({}), "read");
  assert.equal(codeOf({ type: 7 }), "event-type");
  assert.equal(codeOf({ sender: "é".repeat(128) }), "event-sender");
  assert.equal(codeOf({ state_key: null }), "event-state-key");
  assert.equal(codeOf({ content: [] }), "event-content");
  assert.equal(codeOf({ hashes: new Map() }), "event-hashes");
  assert.equal(codeOf({ signatures: "x" }), "event-signatures");
  assert.equal(codeOf({ depth: -1 }), "event-depth");
  assert.equal(codeOf({ depth: "5" }), "event-depth");
  assert.equal(codeOf({ origin_server_ts: true }), "event-origin-server-ts");
  assert.equal(codeOf({ auth_events: Array.from({ length: 11 }, () => "$a") }), "event-auth-events");
  assert.equal(codeOf({ prev_events: Array.from({ length: 21 }, () => "$a") }), "event-prev-events");
  assert.equal(codeOf({ prev_events: [["$a", new Map()]] }), "event-prev-events");
  assert.equal(codeOf({ content: jsonObject({ body: "a".repeat(65_536) }) }), "event-too-long");
});

test("an event that stands as high as can be is followed by one that others can read: CVE-2025-30355", () => {
  const made = buildEvent({ ...DRAFT, depth: Number.MAX_SAFE_INTEGER + 1 }, format(10), signer, crypto)!;
  assert.equal(made.depth, DEPTH_MAX);
  assert.equal(readEvent(object(text(made.json)), format(10), crypto).ok, true);
});

test("an event that would be too long is not made", () => {
  const content = jsonObject({ body: "a".repeat(65_536) });
  assert.equal(buildEvent({ ...DRAFT, content }, format(12), signer, crypto), undefined);
});

test("rooms of versions 1 and 2 name their events and give them in pairs", () => {
  const made = buildEvent(DRAFT, format(3), signer, crypto)!.json;
  const pairs: JsonValue = [["$before:domain", jsonObject({ sha256: "x" })]];
  const old = new Map([...made, ["event_id", "$1:domain"], ["prev_events", pairs], ["auth_events", []]]);
  const read = readEvent(old, format(1), crypto);
  assert.ok(read.ok);
  assert.equal(read.value.eventId, "$1:domain");
  assert.deepEqual(read.value.prevEvents, ["$before:domain"]);
  assert.equal(eventIdOf(old, format(2), crypto), undefined);
});

test("property: what is made is read as the same; redacted, and twice so, it keeps its id and its signature", () => {
  const drafts = fc.uint8Array({ maxLength: 200, size: "max" }).map(eventDraftOf);
  fc.assert(
    fc.property(drafts, fc.integer({ min: 3, max: 12 }), (draft, version) => {
      const made = buildEvent(draft, format(version), signer, crypto)!;
      const again = readEvent(object(text(made.json)), format(version), crypto);
      assert.ok(again.ok);
      assert.deepEqual(again.value, made);
      assert.equal(isIntact(made.json, crypto), true);
      const redacted = redactEvent(made.json, format(version));
      assert.deepEqual(redactEvent(redacted, format(version)), redacted);
      assert.equal(eventIdOf(redacted, format(version), crypto), made.eventId);
      const further = new Map(made.json).set("unsigned", jsonObject({ age: 1 }));
      assert.equal(eventIdOf(further, format(version), crypto), made.eventId);
      assert.equal(check(redacted), "signed");
    }),
  );
});

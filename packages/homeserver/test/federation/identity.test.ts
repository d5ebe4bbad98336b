import assert from "node:assert/strict";
import { after, before, describe, it, test } from "node:test";
import { isJsonObject, jsonObject, parseJson } from "@scop/matrix/json";
import { checkSignature, formatServerKeys, signObject, signRequest } from "@scop/matrix/sign";
import { PeerFault } from "../../src/index.ts";
import { type Json, openWorld } from "../world.ts";
import { jsonAnswer, type Network, NOTARY, openNetwork, type Server } from "./network.ts";

const DAY_MS = 24 * 3_600_000;
const PROFILE = "/_matrix/federation/v1/query/profile?user_id=%40alice%3Aone.test";

/** An object as JSON gives it. */
function object(value: Json): Json {
  const read = parseJson(new TextEncoder().encode(JSON.stringify(value)), { octetsMax: 1e6, numbers: "any" });
  assert.ok(read.ok && isJsonObject(read.value));
  return read.value;
}

/** What a server would publish. */
function published(server: Pick<Server, "publicKey" | "signer">, until: number): Json {
  const keys = formatServerKeys(server.publicKey, until, server.signer);
  return JSON.parse(JSON.stringify(keys, (_key, value) => (value instanceof Map ? Object.fromEntries(value) : value)));
}

describe("requests between servers", () => {
  let network: Network;
  let one: Server;
  let two: Server;
  before(async () => {
    network = await openNetwork(["one.test", "two.test"]);
    [one, two] = [...network.servers.values()] as [Server, Server];
  });
  after(() => network.close());

  const request = { method: "GET", uri: PROFILE, origin: "two.test", destination: "one.test", content: undefined };
  const asked = async (authorization: string, target = PROFILE): Promise<readonly [number, string]> => {
    const { status, body } = await one.ask("GET", target, { authorization });
    return [status, body.errcode];
  };
  const unauthorized = [401, "M_UNAUTHORIZED"];

  it("are answered to whom signed them", async () => {
    assert.deepEqual(await asked(signRequest(request, two.signer)), [200, undefined]);
    const target = "/_matrix/federation/v1/query/profile?user_id=%40nobody%3Aone.test";
    const ask = { method: "GET", target, body: undefined, timeoutMs: 1_000 } as const;
    const fault = await two.peers.ask("one.test", ask).catch((error: unknown) => error);
    assert.ok(fault instanceof PeerFault);
    assert.deepEqual([fault.kind, fault.status, fault.errcode], ["refused", 404, "M_NOT_FOUND"]);
  });

  it("are refused where nobody signed them", async () => {
    assert.deepEqual((await one.ask("GET", PROFILE)).status, 401);
    assert.deepEqual(await asked("Bearer token"), unauthorized);
    assert.deepEqual(await asked("X-Matrix origin=two.test"), unauthorized);
  });

  const cases: readonly (readonly [string, Partial<typeof request>, string])[] = [
    ["another server", { destination: "three.test" }, PROFILE],
    ["another query", {}, PROFILE.replace("alice", "bob")],
    ["another method", { method: "PUT" }, PROFILE],
    ["a body that did not come", { content: new Map() as never }, PROFILE],
  ];
  for (const [what, change, target] of cases) {
    it(`are refused that were signed for ${what}`, async () => {
      assert.deepEqual(await asked(signRequest({ ...request, ...change }, two.signer), target), unauthorized);
    });
  }

  it("are refused that are for nobody, by us, or by a server whose key it is not", async () => {
    const good = signRequest(request, two.signer);
    assert.deepEqual(await asked(good.replace('destination="one.test",', "")), unauthorized);
    const own = { ...request, origin: "one.test" };
    assert.deepEqual(await asked(signRequest(own, one.signer)), unauthorized);
    const signer = { ...one.signer, entity: "two.test" };
    assert.deepEqual(await asked(signRequest(request, signer)), unauthorized);
    assert.deepEqual(await asked(signRequest(request, { ...two.signer, keyId: "ed25519:2" })), unauthorized);
    assert.deepEqual(await asked(signRequest({ ...request, origin: "a b" }, two.signer)), unauthorized);
  });
});

test("a server without others answers none of them", async () => {
  const world = await openWorld();
  for (const path of ["/.well-known/matrix/server", "/_matrix/key/v2/server", "/_matrix/federation/v1/version"]) {
    const { status, body } = await world.ask("GET", path);
    assert.deepEqual([status, body.errcode], [404, "M_UNRECOGNIZED"], path);
  }
  await world.close();
});

test("everybody learns where a server is, and what it is", async () => {
  const network = await openNetwork(["one.test"]);
  const one = network.servers.get("one.test")!;
  assert.deepEqual((await one.ask("GET", "/.well-known/matrix/server")).body, { "m.server": "one.test:8448" });
  assert.equal((await one.ask("GET", "/_matrix/federation/v1/version")).body.server.name, "SCoP");
  await network.close();
});

test("a notary signs what it knows, and asks nobody", async () => {
  const network = await openNetwork(["one.test", "two.test"]);
  const [one, two] = [...network.servers.values()] as [Server, Server];
  const query = async (servers: object): Promise<Json> =>
    (await one.ask("POST", "/_matrix/key/v2/query", { body: JSON.stringify({ server_keys: servers }) })).body;
  assert.deepEqual((await query({ "two.test": {} })).server_keys, []);
  assert.deepEqual(network.sent, []);
  await one.peers.keyOf("two.test", "ed25519:1", 0);
  const { server_keys: found } = await query({ "one.test": {}, "two.test": {}, "three.test": {} });
  assert.deepEqual(
    found.map((each: Json) => each.server_name),
    ["one.test", "two.test"],
  );
  const signed = object(found[1]);
  const io = network.sim.platform("192.0.2.1");
  for (const { name, publicKey } of [one, two])
    assert.equal(checkSignature(signed, name, "ed25519:1", publicKey, io.crypto), "signed");
  const single = await one.ask("GET", "/_matrix/key/v2/query/two.test");
  assert.deepEqual(single.body.server_keys, [found[1]]);
  await network.close();
});

describe("keys of other servers", () => {
  let network: Network;
  let one: Server;
  let two: Server;
  before(async () => {
    network = await openNetwork(["one.test", "two.test"]);
    [one, two] = [...network.servers.values()] as [Server, Server];
  });
  after(() => network.close());
  const fetches = (server: string): number => network.sent.filter(each => each.to === server).length;

  it("are asked for once, kept over a restart, and asked for again when they have run out", async () => {
    const now = network.sim.clock.now();
    const keys = await Promise.all([0, 1, 2].map(() => one.peers.keyOf("two.test", "ed25519:1", now)));
    assert.deepEqual(
      keys,
      [two.publicKey, two.publicKey, two.publicKey].map(each => new Uint8Array(each)),
    );
    assert.equal(fetches("two.test"), 1);
    one = await one.restart();
    assert.ok(await one.peers.keyOf("two.test", "ed25519:1", now));
    assert.equal(fetches("two.test"), 1);
    await network.sim.advance(2 * DAY_MS);
    assert.ok(await one.peers.keyOf("two.test", "ed25519:1", network.sim.clock.now()));
    assert.equal(fetches("two.test"), 2);
  });

  it("are not asked for a time that no key is valid at, nor again and again", async () => {
    const before = fetches("two.test");
    assert.equal(await one.peers.keyOf("two.test", "ed25519:1", network.sim.clock.now() + 30 * DAY_MS), undefined);
    assert.equal(await one.peers.keyOf("two.test", "ed25519:none", 0), undefined);
    assert.equal(fetches("two.test"), before);
  });

  it("of a server that does not answer are asked for again, each time after twice as long", async () => {
    for (const waitMs of [0, 5_000, 10_000]) {
      await network.sim.advance(waitMs);
      const before = fetches("nobody.test");
      for (let turn = 0; turn < 3; turn += 1) {
        assert.equal(await one.peers.keyOf("nobody.test", "ed25519:1", 0), undefined);
      }
      assert.equal(fetches("nobody.test"), before + 1);
    }
  });

  it("that a server names no more are valid as long as it said, and signatures before 5 count for ever", async () => {
    const [first, second] = [network.sim.clock.now() + DAY_MS, network.sim.clock.now() + 3 * DAY_MS];
    const other = { publicKey: one.publicKey, signer: { ...one.signer, entity: "old.test", keyId: "ed25519:new" } };
    const before = { publicKey: two.publicKey, signer: { ...two.signer, entity: "old.test" } };
    network.others.set("old.test", () => jsonAnswer(200, published(before, first)));
    const signed = signObject(jsonObject({ a: 1 }), before.signer);
    assert.equal(await one.peers.isSignedBy(signed, "old.test", first), true);
    network.others.set("old.test", () => jsonAnswer(200, published(other, second)));
    await network.sim.advance(2 * DAY_MS);
    assert.equal(await one.peers.isSignedBy(signed, "old.test", first + 1), false);
    assert.equal(await one.peers.isSignedBy(signed, "old.test", first), true);
    assert.equal(await one.peers.isSignedBy(signed, "old.test", undefined), true);
    const later = signObject(jsonObject({ a: 2 }), other.signer);
    assert.equal(await one.peers.isSignedBy(later, "old.test", network.sim.clock.now()), true);
    assert.equal(await one.peers.isSignedBy(new Map(later).set("a", 3), "old.test", 0), false);
  });

  it("hold for a week at most, whatever a server says", async () => {
    const now = network.sim.clock.now();
    const long = { publicKey: two.publicKey, signer: { ...two.signer, entity: "long.test" } };
    network.others.set("long.test", () => jsonAnswer(200, published(long, now + 300 * DAY_MS)));
    assert.ok(await one.peers.keyOf("long.test", "ed25519:1", now + 7 * DAY_MS));
    assert.equal(await one.peers.keyOf("long.test", "ed25519:1", now + 7 * DAY_MS + 1), undefined);
  });

  it("that are of another server, unsigned or malformed are none", async () => {
    const good = published({ publicKey: two.publicKey, signer: { ...two.signer, entity: "bad.test" } }, 1e15);
    const answers: readonly (readonly [number, object])[] = [
      [200, published(two, 1e15)],
      [200, { ...good, valid_until_ts: 2e15 }],
      [200, { ...good, signatures: {} }],
      [200, []],
      [404, good],
    ];
    for (const [at, [status, answer]] of answers.entries()) {
      const name = `bad${at}.test`;
      network.others.set(name, () => jsonAnswer(status, answer));
      assert.equal(await one.peers.keyOf(name, "ed25519:1", 0), undefined, name);
    }
  });
});

describe("keys of servers that don't answer", () => {
  let network: Network;
  let one: Server;
  let gone: Server;
  let notary: Server;
  before(async () => {
    network = await openNetwork(["one.test", "gone.test", NOTARY]);
    [one, gone, notary] = [...network.servers.values()] as [Server, Server, Server];
    await notary.peers.keyOf("gone.test", "ed25519:1", 0);
    network.cut.add("gone.test");
  });
  after(() => network.close());

  const known = (): Promise<Uint8Array | undefined> => one.peers.keyOf("gone.test", "ed25519:1", 0);
  /** What the notary answers, in place of what it would. */
  const answers = async (change: (answer: Json) => object): Promise<void> => {
    network.others.delete(NOTARY);
    const body = JSON.stringify({ server_keys: { "gone.test": {} } });
    const answer = (await notary.ask("POST", "/_matrix/key/v2/query", { body })).body;
    const own = (await notary.ask("GET", "/_matrix/key/v2/server")).body;
    network.others.set(NOTARY, ({ method }) => jsonAnswer(200, method === "GET" ? own : change(answer)));
    await network.sim.advance(2 * 3_600_000);
  };

  it("are not believed of a notary that does not sign them, says those of others, or says nothing", async () => {
    const changed = (change: object): ((answer: Json) => object) => {
      return ({ server_keys: [first] }) => ({ server_keys: [{ ...first, ...change }] });
    };
    for (const change of [{ signatures: {} }, { server_name: "one.test" }, { valid_until_ts: 2e15 }]) {
      await answers(changed(change));
      assert.equal(await known(), undefined, JSON.stringify(change));
    }
    await answers(({ server_keys: [{ signatures, ...first }] }) => {
      return { server_keys: [{ ...first, signatures: { "gone.test": signatures["gone.test"] } }] };
    });
    assert.equal(await known(), undefined, "unsigned by the notary");
    for (const answer of [{}, { server_keys: 1 }, { server_keys: [1, null, {}] }]) {
      await answers(() => answer);
      assert.equal(await known(), undefined, JSON.stringify(answer));
    }
  });

  it("are those that a notary signed, as the server did", async () => {
    await answers(answer => ({ server_keys: [1, ...answer.server_keys] }));
    assert.deepEqual(await known(), new Uint8Array(gone.publicKey));
  });

  it("of a notary itself are asked for at nobody else", async () => {
    network.others.delete(NOTARY);
    network.cut.add(NOTARY);
    const fresh = await network.add("fresh.test");
    network.sent.length = 0;
    assert.equal(await fresh.peers.keyOf(NOTARY, "ed25519:1", 0), undefined);
    assert.deepEqual(
      network.sent.map(each => each.to),
      [NOTARY],
    );
  });
});

test("CVE-2026-24044: a key whose private half everybody knows proves nothing", async () => {
  const network = await openNetwork(["one.test", "two.test"]);
  const [one, two] = [...network.servers.values()] as [Server, Server];
  const leaked = "l/O9hxMVKB6Lg+3Hqf0FQQZhVESQcMzbPN1Cz2nM3og";
  const { signatures: _none, ...unsigned } = published(two, 1e15);
  const answer = { ...unsigned, verify_keys: { ...unsigned.verify_keys, "ed25519:leaked": { key: leaked } } };
  const signed = signObject(object(answer), two.signer);
  network.others.set("two.test", () => jsonAnswer(200, plain(signed)));
  assert.ok(await one.peers.keyOf("two.test", "ed25519:1", 0));
  assert.equal(await one.peers.keyOf("two.test", "ed25519:leaked", 0), undefined);
  await network.close();
});

function plain(map: Json): object {
  return JSON.parse(JSON.stringify(map, (_key, value) => (value instanceof Map ? Object.fromEntries(value) : value)));
}

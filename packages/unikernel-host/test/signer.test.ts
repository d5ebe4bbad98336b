import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection } from "@scop/platform";
import { type Simulation, simulation } from "@scop/sim";
import { concat, equalBytes, latin1Bytes } from "@scop/wire";
import { readSignerBoot } from "../src/signer/boot.ts";
import { remoteSigner } from "../src/signer/remote-signer.ts";
import { RateAlarm, type SigningUnit, serveSigning } from "../src/signer/serve.ts";
import {
  BODY_OCTETS_MAX,
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeFrame,
  encodeRequest,
  FrameReader,
  LABELS,
} from "../src/signer/wire.ts";

const SIGNER = "192.0.2.1";
const CALLER = "192.0.2.2";
const SECRET = latin1Bytes("0123456789abcdef0123456789abcdef");
const SIGNATURE = Uint8Array.of(1, 2, 3);
const HEADER = latin1Bytes("from:a\r\ndkim-signature:d=a.test; s=s1; b=");

function startSigner(world: Simulation, seen: (connection: Connection) => Connection = same): void {
  const io = world.platform(SIGNER);
  const keyOf = (label: string): Uint8Array => io.crypto.hmacSha256(SECRET, latin1Bytes(label));
  const unit: SigningUnit = {
    key: { domain: "a.test", selector: "s1", type: "rsa", signatureOctets: SIGNATURE.length },
    perMinuteMax: 2,
    sign: () => SIGNATURE,
    prove: said => io.crypto.hmacSha256(keyOf(LABELS.signer), said),
    isProven: (said, proof) => equalBytes(io.crypto.hmacSha256(keyOf(LABELS.caller), said), proof),
  };
  const alarm = new RateAlarm(io, unit.perMinuteMax);
  world.network.listen(SIGNER, 7465, connection => serveSigning(io, seen(connection), unit, alarm));
}

const same = (connection: Connection): Connection => connection;

test("a caller that knows the secret is answered, with a signature and with refusals", async () => {
  const world = simulation();
  startSigner(world);
  const signer = remoteSigner(world.platform(CALLER), { address: SIGNER, port: 7465, secret: SECRET });
  const outcome = await world.until(
    (async () => {
      const keys = await signer.keys("a.test");
      const signature = await signer.sign("a.test", "s1", new Uint8Array(32), HEADER);
      const refused = await signer.sign("a.test", "s2", new Uint8Array(32), HEADER).catch(String);
      return { keys, signature, refused };
    })(),
  );
  assert.deepEqual(outcome.keys, [{ domain: "a.test", selector: "s1", type: "rsa", signatureOctets: 3 }]);
  assert.deepEqual(outcome.signature, SIGNATURE);
  assert.match(String(outcome.refused), /refused: no-key/);
});

test("what a caller said on one connection is no proof on another", async () => {
  const world = simulation();
  const heard: Uint8Array[] = [];
  startSigner(world, connection => ({
    ...connection,
    remote: connection.remote,
    read: async () => {
      const bytes = await connection.read();
      if (bytes !== undefined) heard.push(bytes.slice());
      return bytes;
    },
    write: bytes => connection.write(bytes),
    close: () => connection.close(),
    abort: () => connection.abort(),
  }));
  const io = world.platform(CALLER);
  const answered = await world.until(
    (async () => {
      await remoteSigner(io, { address: SIGNER, port: 7465, secret: SECRET }).sign(
        "a.test",
        "s1",
        new Uint8Array(32),
        HEADER,
      );
      const said = concat(heard);
      const connection = await io.net.connect({ address: SIGNER, port: 7465, timeoutMs: 1000 });
      await connection.write(said);
      let octets = 0;
      for (let bytes = await connection.read(); bytes !== undefined; bytes = await connection.read())
        octets += bytes.length;
      return octets;
    })(),
  );
  assert.equal(answered, "scop-sign 1\n".length + 32);
});

for (const request of [
  { ask: "keys", domain: "a.test" },
  { ask: "sign", domain: "a.test", selector: "s1", octets: HEADER },
] as const) {
  test(`a request ${request.ask} is read as it was written, and not when it is cut`, () => {
    const body = encodeRequest(request);
    assert.deepEqual(decodeRequest(body), request);
    for (let end = 0; end < 1 + 1 + request.domain.length; end += 1)
      assert.equal(decodeRequest(body.slice(0, end)), undefined);
  });
}

for (const answer of [
  { answer: "refused", why: "rate" },
  { answer: "signature", signature: SIGNATURE },
  { answer: "keys", keys: [{ selector: "s1", type: "ed25519", signatureOctets: 64 }] },
  { answer: "keys", keys: [{ selector: "s1", type: "rsa", signatureOctets: 512 }] },
] as const) {
  test(`an answer ${JSON.stringify(answer)} is read as it was written`, () => {
    assert.deepEqual(decodeAnswer(encodeAnswer(answer)), answer);
  });
}

test("frames are the same however their octets come, and one that is too long is said to be", () => {
  const frame = { body: latin1Bytes("hello"), proof: new Uint8Array(32).fill(7) };
  const reader = new FrameReader();
  for (const octet of encodeFrame(frame)) {
    assert.equal(reader.next(), undefined);
    reader.feed(Uint8Array.of(octet));
  }
  assert.deepEqual(reader.next(), frame);
  reader.feed(encodeFrame({ ...frame, body: new Uint8Array(BODY_OCTETS_MAX + 1) }));
  assert.equal(reader.next(), "too-long");
});

test("a signer is told its domain, its selector and its parts", () => {
  const line = "ip=10.0.2.15/24 gateway=10.0.2.2 domain=A.test selector=s1";
  const { domain, selector, port, ratePerMinute } = readSignerBoot(line, "key secret");
  assert.deepEqual([domain, selector, port, ratePerMinute], ["a.test", "s1", 7465, 600]);
  assert.throws(() => readSignerBoot(line, "key"), /part secret: missing/);
  assert.throws(() => readSignerBoot(line, "key certificate"), /part certificate: unknown, allowed are key, secret/);
});

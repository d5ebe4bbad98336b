import assert from "node:assert/strict";
import { test } from "node:test";
import { type ServerState, stepServer } from "@scop/sasl";
import { base64Encode, latin1, latin1Bytes } from "@scop/wire";
import fc from "fast-check";
import { stepClient } from "../src/client.ts";
import { keysOf, xor } from "../src/derive.ts";
import {
  authMessage,
  readClientFinal,
  readClientFirst,
  readSaslName,
  readServerFinal,
  readServerFirst,
  writeSaslName,
  writeServerFirst,
} from "../src/scram-message.ts";
import { bytesOf, platform, rfc7677 } from "./world.ts";

const { crypto } = platform();
const salt = bytesOf("W22ZaJ0SNY7soEsUEjb6gQ==");
const nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

async function verifier() {
  const keys = keysOf(crypto, await crypto.pbkdf2Sha256(latin1Bytes("pencil"), salt, 4096));
  return { salt, iterations: 4096, storedKey: keys.storedKey, serverKey: keys.serverKey };
}

test("the server accepts the example of RFC 7677 3 and signs as it does", async () => {
  const first = readClientFirst(latin1Bytes(rfc7677.clientFirst));
  assert(first.ok);
  const state: ServerState = {
    phase: "scram-final",
    first: first.value,
    serverFirst: rfc7677.serverFirst,
    nonce,
    binding: new Uint8Array(),
    identity: "user@example.org",
    verifier: await verifier(),
  };
  const final = stepServer(crypto, state, { on: "message", bytes: latin1Bytes(rfc7677.clientFinal) });
  assert(final.effect.do === "challenge");
  assert.equal(latin1(final.effect.bytes), rfc7677.serverFinal);
  const done = stepServer(crypto, final.state, { on: "message", bytes: latin1Bytes("") });
  assert.deepEqual(done.effect, { do: "done", identity: "user@example.org" });
});

test("the client proves as the example of RFC 7677 3 does, and believes its server alone", async () => {
  const sent = stepClient(
    crypto,
    {
      phase: "scram-first",
      password: "pencil",
      bare: "n=user,r=rOprNGfwEbeRWgbNEkqO",
      nonce: "rOprNGfwEbeRWgbNEkqO",
      bound: latin1Bytes("n,,"),
    },
    { on: "challenge", bytes: latin1Bytes(rfc7677.serverFirst) },
  );
  assert(sent.effect.do === "derive");
  assert.equal(sent.effect.iterations, 4096);
  const saltedPassword = await crypto.pbkdf2Sha256(sent.effect.password, sent.effect.salt, sent.effect.iterations);
  const proof = stepClient(crypto, sent.state, { on: "salted", saltedPassword });
  assert(proof.effect.do === "respond" && proof.effect.bytes !== undefined);
  assert.equal(latin1(proof.effect.bytes), rfc7677.clientFinal);
  const right = stepClient(crypto, proof.state, { on: "challenge", bytes: latin1Bytes(rfc7677.serverFinal) });
  assert.equal(right.state.phase, "complete");
  const forged = latin1Bytes(rfc7677.serverFinal.replace("6rri", "6rrj"));
  const wrong = stepClient(crypto, proof.state, { on: "challenge", bytes: forged });
  assert.deepEqual(wrong.effect, { do: "failed", failure: { reason: "server-signature" } });
});

/** Final messages that are signed correctly over something else than what was agreed on. */
const tampered: readonly (readonly [what: string, withoutProof: string, code: string])[] = [
  ["another nonce", "c=biws,r=rOprNGfwEbeRWgbNEkqO", "scram-nonce"],
  ["another binding header", `c=eSws,r=${nonce}`, "channel-binding"],
];
for (const [what, withoutProof, code] of tampered) {
  test(`a final message with ${what} is refused, however well it is signed`, async () => {
    const first = readClientFirst(latin1Bytes(rfc7677.clientFirst));
    assert(first.ok);
    const keys = keysOf(crypto, await crypto.pbkdf2Sha256(latin1Bytes("pencil"), salt, 4096));
    const signed = authMessage(first.value.bare, rfc7677.serverFirst, withoutProof);
    const proof = base64Encode(xor(keys.clientKey, crypto.hmacSha256(keys.storedKey, signed)));
    const state: ServerState = {
      phase: "scram-final",
      first: first.value,
      serverFirst: rfc7677.serverFirst,
      nonce,
      binding: new Uint8Array(),
      identity: "user@example.org",
      verifier: await verifier(),
    };
    const step = stepServer(crypto, state, { on: "message", bytes: latin1Bytes(`${withoutProof},p=${proof}`) });
    assert(step.effect.do === "failed" && step.effect.failure.reason === "malformed");
    assert.equal(step.effect.failure.detail.code, code);
  });
}

const refusedFirsts: readonly (readonly [what: string, message: string, code: string])[] = [
  ["channel binding", "p=tls-unique,,n=user,r=abc", "channel-binding"],
  ["a mandatory extension", "n,,m=ext,n=user,r=abc", "scram-attributes"],
  ["another user's name", "n,a=admin,n=user,r=abc", "authzid"],
  ["no nonce", "n,,n=user", "scram-attributes"],
  ["an empty nonce", "n,,n=user,r=", "scram-nonce"],
  ["a nonce with a space", "n,,n=user,r=a b", "scram-nonce"],
  ["an empty name", "n,,n=,r=abc", "empty-text"],
  ["an unknown escape", "n,,n=a=2Db,r=abc", "scram-name-escape"],
  ["an authzid without its letter", "n,user,n=user,r=abc", "scram-attributes"],
  ["nothing", "", "scram-attributes"],
];
for (const [what, message, code] of refusedFirsts) {
  test(`a first message with ${what} is refused`, () => {
    const read = readClientFirst(latin1Bytes(message));
    assert.equal(read.ok ? "read" : read.error.code, code);
  });
}

const refusedServerFirsts: readonly (readonly [what: string, message: string, code: string])[] = [
  ["too few iterations", "r=abc,s=AAAA,i=4095", "scram-iterations"],
  ["work for hours", "r=abc,s=AAAA,i=2000000000", "scram-iterations"],
  ["no number", "r=abc,s=AAAA,i=4096x", "scram-iterations"],
  ["no salt", "r=abc,s=,i=4096", "scram-iterations"],
  ["a broken salt", "r=abc,s=A,i=4096", "base64-length"],
];
for (const [what, message, code] of refusedServerFirsts) {
  test(`a server that wants ${what} is refused`, () => {
    const read = readServerFirst(latin1Bytes(message));
    assert.equal(read.ok ? "read" : read.error.code, code);
  });
}

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 60 }), name => {
      const read = readSaslName(writeSaslName(name));
      if (read.ok) assert.equal(read.value.normalize(), readSaslName(writeSaslName(read.value)).ok && read.value);
    }),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 40 }),
      fc.integer({ min: 4096, max: 1e6 }),
      (octets, count) => {
        const message = { nonce: "abc", salt: octets, iterations: count };
        const read = readServerFirst(latin1Bytes(writeServerFirst(message)));
        assert(read.ok);
        assert.deepEqual(
          { ...read.value, salt: Array.from(read.value.salt) },
          { ...message, salt: Array.from(octets) },
        );
      },
    ),
  );
});

test("no input throws", () => {
  const words = fc.array(
    fc.constantFrom("n", "y", "p=", ",", "n=u", "r=", "a=", "=2C", "=", "c=biws", "p=AAAA", "v=", "é"),
  );
  fc.assert(
    fc.property(words, parts => {
      const bytes = new TextEncoder().encode(parts.join(""));
      for (const read of [readClientFirst, readClientFinal, readServerFirst, readServerFinal]) read(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      for (const read of [readClientFirst, readClientFinal, readServerFirst, readServerFinal]) read(bytes);
    }),
  );
});

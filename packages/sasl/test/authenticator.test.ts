import assert from "node:assert/strict";
import { test } from "node:test";
import { Overloaded } from "@scop/platform";
import {
  type Account,
  createAuthenticator,
  createSaslClient,
  deriveVerifier,
  MECHANISMS,
  type SaslAnswer,
} from "@scop/sasl";
import { latin1, utf8Bytes } from "@scop/wire";
import fc from "fast-check";
import { accounts, platform } from "./world.ts";

const io = platform();
const alice: Account = { identity: "alice@scop.test", verifier: await deriveVerifier(io, "pässword") };
const lookup = accounts(["alice", alice]);

/** Lets a client and the authenticator talk until the server decides. */
async function logIn(
  mechanism: (typeof MECHANISMS)[number],
  username: string,
  password: string,
): Promise<SaslAnswer & { readonly believed: boolean }> {
  const binding = new Uint8Array(32).fill(1);
  const isBound = mechanism === "SCRAM-SHA-256-PLUS";
  const client = createSaslClient(io, mechanism, { username, password }, isBound ? binding : undefined);
  const connection = createAuthenticator(io, lookup).on({ key: "192.0.2.1", binding: () => binding });
  assert.deepEqual(connection.mechanisms, MECHANISMS);
  const server = connection.start(mechanism);
  assert(server);
  let said = await client.start();
  for (let turn = 0; turn < 6; turn += 1) {
    assert(said.answer === "respond");
    const answer = await server.next(said.bytes);
    if (answer.answer !== "challenge") return { ...answer, believed: client.complete() };
    said = await client.next(answer.bytes);
  }
  throw new Error("too many turns");
}

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: the right password gives the account's identity`, async () => {
    const answer = await logIn(mechanism, "alice", "pässword");
    assert.deepEqual(answer, { answer: "done", identity: "alice@scop.test", believed: true });
  });
  test(`${mechanism}: a decomposed letter is the same password`, async () => {
    assert.equal((await logIn(mechanism, "alice", "pa\u0308ssword")).answer, "done");
  });
  for (const [what, name, password] of [
    ["a wrong password", "alice", "pässwort"],
    ["an unknown user", "mallory", "pässword"],
  ] as const) {
    test(`${mechanism}: ${what} fails as bad credentials, after as much work`, async () => {
      const before = io.derived.length;
      const answer = await logIn(mechanism, name, password);
      assert(answer.answer === "failed");
      assert.deepEqual(answer.failure, { reason: "credentials" });
      assert.deepEqual(io.derived.slice(before), [10_000]);
      assert.equal(mechanism.startsWith("SCRAM") ? answer.believed : false, false);
    });
  }
}

test("an unknown user always gets the same salt, and one like a known user's", async () => {
  const secret = new Uint8Array(32).fill(7);
  const firstOf = async (name: string): Promise<string> => {
    const exchange = createAuthenticator(io, lookup, { secret }).start("SCRAM-SHA-256");
    const answer = await exchange!.next(utf8Bytes(`n,,n=${name},r=abc`));
    assert(answer.answer === "challenge");
    return latin1(answer.bytes).replace(/^r=[^,]*/, "");
  };
  assert.equal(await firstOf("mallory"), await firstOf("mallory"));
  assert.notEqual(await firstOf("mallory"), await firstOf("trent"));
  assert.match(await firstOf("mallory"), /^,s=[A-Za-z0-9+/]{22}==,i=10000$/);
  assert.match(await firstOf("alice"), /^,s=[A-Za-z0-9+/]{22}==,i=10000$/);
});

const plain: readonly (readonly [what: string, message: string, reason: string])[] = [
  ["acting for another", "bob\0alice\0pässword", "authorization"],
  ["one separator", "alice\0pässword", "malformed"],
  ["no password", "\0alice\0", "malformed"],
  ["no name", "\0\0pässword", "malformed"],
  ["a third NUL", "\0alice\0päss\0word", "malformed"],
  ["a password without end", `\0alice\0${"a".repeat(1025)}`, "malformed"],
  ["a message without end", `\0alice\0${"a".repeat(9216)}`, "malformed"],
];
for (const [what, message, reason] of plain) {
  test(`PLAIN with ${what} is refused`, async () => {
    const answer = await createAuthenticator(io, lookup).start("plain")!.next(utf8Bytes(message));
    assert.equal(answer.answer === "failed" ? answer.failure.reason : answer.answer, reason);
  });
}

test("PLAIN with one's own name as authzid is accepted", async () => {
  const answer = await createAuthenticator(io, lookup).start("PLAIN")!.next(utf8Bytes("alice\0alice\0pässword"));
  assert.deepEqual(answer, { answer: "done", identity: "alice@scop.test" });
});

test("a mechanism without an initial response asks for one", async () => {
  const asks = async (mechanism: string): Promise<string> => {
    const answer = await createAuthenticator(io, lookup).start(mechanism)!.next(undefined);
    return answer.answer === "challenge" ? latin1(answer.bytes) : answer.answer;
  };
  assert.deepEqual(await Promise.all(MECHANISMS.map(asks)), ["", "", "", "Username:"]);
  assert.equal(createAuthenticator(io, lookup).start("CRAM-MD5"), undefined);
});

test("a table that fails and a pool that is full are temporary, and only the first is a fault", async () => {
  const faults: unknown[] = [];
  const broken = new Error("the disk is gone");
  const failing = createAuthenticator(
    io,
    () => Promise.reject(broken),
    {},
    fault => faults.push(fault),
  );
  const unavailable = { answer: "failed", failure: { reason: "unavailable" } };
  assert.deepEqual(await failing.start("PLAIN")!.next(utf8Bytes("\0alice\0secret")), unavailable);
  const full = { ...io, crypto: { ...io.crypto, pbkdf2Sha256: () => Promise.reject(new Overloaded("full")) } };
  const busy = createAuthenticator(full, lookup, {}, fault => faults.push(fault));
  assert.deepEqual(await busy.start("PLAIN")!.next(utf8Bytes("\0alice\0secret")), unavailable);
  assert.deepEqual(faults, [broken]);
});

test("a SCRAM client that is answered by success alone does not believe it", async () => {
  const client = createSaslClient(io, "SCRAM-SHA-256", { username: "alice", password: "pässword" });
  await client.start();
  assert.equal(client.complete(), false);
});

test("nothing that a client sends makes the authenticator reject", async () => {
  const messages = fc.array(fc.option(fc.uint8Array({ maxLength: 60 }), { nil: undefined }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...MECHANISMS), messages, async (mechanism, sent) => {
      const exchange = createAuthenticator(io, async () => undefined, { iterations: 1 }).start(mechanism);
      for (const bytes of sent) assert.notEqual((await exchange!.next(bytes)).answer, "done");
    }),
    { numRuns: 60 },
  );
});

test("README example", async () => {
  const verifier = await deriveVerifier(io, "correct horse");
  const authenticator = createAuthenticator(io, async username =>
    username === "alice" ? { identity: "alice@scop.test", verifier } : undefined,
  );
  const client = createSaslClient(io, "PLAIN", { username: "alice", password: "correct horse" });
  const first = await client.start();
  const exchange = authenticator.start("PLAIN");
  const answer = first.answer === "respond" ? await exchange?.next(first.bytes) : undefined;

  assert.deepEqual(answer, { answer: "done", identity: "alice@scop.test" });
});

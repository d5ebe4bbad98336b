import assert from "node:assert/strict";
import { test } from "node:test";
import type { Backend } from "@scop/imap";
import { serveImap } from "@scop/imap/run";
import { createAuthenticator } from "@scop/sasl";
import { latin1, utf8Bytes } from "@scop/wire";
import fc from "fast-check";
import { Client } from "./client.ts";
import { ALICE, append, type World, world } from "./world.ts";

/** The same mailboxes without an index: every search reads every message. */
function scanning(backend: Backend): Backend {
  const own: Partial<Backend> = { textCandidates: async () => ({ ok: false, failure: "unavailable" }) };
  return new Proxy(backend, {
    get: (target, name) => {
      const value = Reflect.get(own, name) ?? Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A client of alice's whose searches use no index. */
async function scanner(w: World): Promise<Client> {
  const io = w.sim.platform("192.0.2.1");
  const authenticator = createAuthenticator(io, async name => {
    const account = await w.store.accountByAddress(name);
    return account && { identity: account.address, verifier: account.verifier };
  });
  w.sim.network.listen("192.0.2.1", 994, connection => {
    const openBackend = async (identity: string) => scanning(await w.mailstore.openBackend(identity));
    void serveImap(io, connection, { hostname: "mail.scop.test", authenticator, openBackend, tls: "active" });
  });
  const to = { address: "192.0.2.1", port: 994, timeoutMs: 1000 };
  const client = new Client(w.sim, await w.sim.network.from("192.0.2.9").connect(to));
  await client.until("\r\n");
  await client.run(`LOGIN ${ALICE} secret`);
  return client;
}

const WORDS = [
  "plan",
  "PLANE",
  "straße",
  "Ärger",
  "ﬁne",
  "ΟΔΟΣ",
  "😀😀😀",
  'a"b',
  "x",
  "lan e",
  "%_*",
  "é",
  "cafe\u0301",
];

/** Messages whose words stand in subjects, names, plain and encoded bodies, and attached messages. */
function messages(): readonly string[] {
  const words = fc.sample(fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }), {
    numRuns: 40,
    seed: 5,
  });
  return words.map((each, index) => {
    const text = each.join(index % 2 === 0 ? " " : "");
    const encoded = Buffer.from(text).toString("base64");
    const subject = `Subject: =?utf-8?b?${encoded}?=`;
    const bodies = [
      `Content-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`,
      `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}\r\n`,
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: ${each[0]}\r\n\r\n${text}\r\n--b--\r\n`,
      "Content-Type: application/octet-stream\r\n\r\nplan\r\n",
    ];
    const from = `From: =?utf-8?b?${Buffer.from(each[0]!).toString("base64")}?= <${index}@scop.test>`;
    return latin1(utf8Bytes(`${subject}\r\n${from}\r\n${bodies[index % bodies.length]!}`));
  });
}

/** Parts of words and of words together, in any case. */
const needle = fc
  .tuple(fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(), fc.boolean())
  .map(([words, from, length, upper]) => {
    const characters = [...words.join(" ")];
    const start = from % characters.length;
    const text = characters.slice(start, start + 1 + (length % 8)).join("");
    return upper ? text.toUpperCase() : text;
  });

test("a search with the index finds exactly what a search of every message finds", async t => {
  const w = await world(t);
  const all = messages();
  for (const message of all) await append(w.backend, "INBOX", message);
  const indexed = await w.client();
  const scans = await scanner(w);
  for (const client of [indexed, scans]) await client.run("SELECT INBOX");
  // Half of them are indexed, and half come later.
  await indexed.run("SEARCH BODY nothing");
  for (const message of all) await append(w.backend, "INBOX", message);
  for (const client of [indexed, scans]) await client.run("NOOP");
  let found = 0;
  const key = fc.constantFrom("TEXT", "BODY", "SUBJECT", "FROM", "HEADER Content-Type", "NOT TEXT", "OR SEEN BODY");
  await fc.assert(
    fc.asyncProperty(key, needle, async (keys, text) => {
      const octets = latin1(utf8Bytes(text));
      const command = `SEARCH CHARSET UTF-8 ${keys} {${octets.length}+}\r\n${octets}`;
      const answer = await indexed.run(command);
      assert.equal(answer, await scans.run(command));
      assert.match(answer, /^\* SEARCH[ \d]*\r\nT OK/);
      if (/SEARCH \d/.test(answer)) found += 1;
    }),
    { numRuns: 60 },
  );
  assert.ok(found > 10, "searches that find something are among them");
});

test("what is indexed is kept, and goes with its message", async t => {
  const w = await world(t);
  await append(w.backend, "INBOX", "Subject: a\r\n\r\nneedle\r\n");
  await append(w.backend, "INBOX", "Subject: b\r\n\r\nneedle\r\n");
  const alice = await w.client();
  await alice.run("SELECT INBOX");
  assert.match(await alice.run("SEARCH BODY needle"), /^\* SEARCH 1 2\r\n/);
  const inbox = (await w.store.mailboxByName((await w.store.accountByAddress(ALICE))!.id, "INBOX"))!.id;
  assert.deepEqual(await w.store.textCandidates(inbox, ["NEEDLE"]), { unindexed: [], possible: [[1, 2]] });
  await alice.run("STORE 1 +FLAGS \\Deleted");
  await alice.run("EXPUNGE");
  assert.deepEqual(await w.store.textCandidates(inbox, ["NEEDLE"]), { unindexed: [], possible: [[2]] });
  await alice.run("COPY 1 Sent");
  assert.match(await alice.run("SELECT Sent"), /1 EXISTS/);
  assert.match(await alice.run("SEARCH BODY needle"), /^\* SEARCH 1\r\n/);
});

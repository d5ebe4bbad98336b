import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Account,
  chooseMechanism,
  createAuthenticator,
  createSaslClient,
  deriveVerifier,
  type Mechanism,
  type SaslAnswer,
} from "@scop/sasl";
import { accounts, platform } from "./world.ts";

const io = platform();
const alice: Account = { identity: "alice@scop.test", verifier: await deriveVerifier(io, "secret", 4_096) };
const OURS = new Uint8Array(32).fill(1);
const THEIRS = new Uint8Array(32).fill(2);

/** An exchange between ends that each have a binding or none; `announced`: whether the client was shown what the server can. */
async function logIn(
  mechanism: Mechanism,
  ofClient: Uint8Array | undefined,
  ofServer: Uint8Array | undefined,
  announced: "announced" | "silent" = "announced",
): Promise<string> {
  const connection = createAuthenticator(io, accounts(["alice", alice])).on({ key: "::1", binding: () => ofServer });
  if (announced === "announced")
    assert.equal(connection.mechanisms.includes("SCRAM-SHA-256-PLUS"), ofServer !== undefined);
  const client = createSaslClient(io, mechanism, { username: "alice", password: "secret" }, ofClient);
  const exchange = connection.start(mechanism);
  let said = await client.start();
  for (let turn = 0; turn < 4; turn += 1) {
    if (said.answer === "failed")
      return `client: ${"detail" in said.failure ? said.failure.detail.code : said.failure.reason}`;
    const answer: SaslAnswer = await exchange!.next(said.bytes);
    if (answer.answer === "done") return client.complete() ? "done" : "not believed";
    if (answer.answer === "failed")
      return "detail" in answer.failure ? answer.failure.detail.code : answer.failure.reason;
    said = await client.next(answer.bytes);
  }
  return "too many turns";
}

const rows: readonly (readonly [what: string, answer: string, ...Parameters<typeof logIn>])[] = [
  ["both ends have the same binding", "done", "SCRAM-SHA-256-PLUS", OURS, OURS],
  ["somebody stands between them", "channel-binding", "SCRAM-SHA-256-PLUS", THEIRS, OURS],
  ["the server has none", "channel-binding", "SCRAM-SHA-256-PLUS", OURS, undefined],
  ["the server has one and did not say so", "channel-binding", "SCRAM-SHA-256-PLUS", OURS, OURS, "silent"],
  ["the client has none", "client: channel-binding", "SCRAM-SHA-256-PLUS", undefined, OURS],
  ["the announcement was taken away", "channel-binding-downgrade", "SCRAM-SHA-256", OURS, OURS],
  ["the announcement was never made", "done", "SCRAM-SHA-256", OURS, OURS, "silent"],
  ["only the client has one", "done", "SCRAM-SHA-256", OURS, undefined],
  ["only the server has one", "done", "SCRAM-SHA-256", undefined, OURS],
  ["neither has one", "done", "SCRAM-SHA-256", undefined, undefined],
];
for (const [what, answer, ...given] of rows) {
  test(`${given[0]} where ${what}: ${answer}`, async () => assert.equal(await logIn(...given), answer));
}

test("a client that can bind prefers to", () => {
  assert.equal(chooseMechanism(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"], "bound"), "SCRAM-SHA-256-PLUS");
  assert.equal(chooseMechanism(["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"]), "SCRAM-SHA-256");
  assert.equal(chooseMechanism(["SCRAM-SHA-256-PLUS"]), undefined);
});

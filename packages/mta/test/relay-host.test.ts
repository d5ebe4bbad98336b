import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthenticator, deriveVerifier } from "@scop/sasl";
import { serveSmtp } from "@scop/smtp/run";
import { latin1Bytes, Secret } from "@scop/wire";
import { settingsOf } from "../src/config.ts";
import { A, B, SECOND, started, submit } from "./servers.ts";
import { world } from "./world.ts";

const ROWS: readonly (readonly [what: string, password: string, arrives: number])[] = [
  ["takes mail from who logs in", "right", 1],
  ["gets another try later with a wrong password", "wrong", 0],
];

for (const [what, password, arrives] of ROWS) {
  test(`a relay with accounts ${what}`, async t => {
    const here = world(t);
    const relay = {
      host: "mx.b.test",
      port: 587,
      credentials: { username: "Bob@B.test", password: new Secret(latin1Bytes(password)) },
    };
    const a = await started(here, { ...A, config: { relay } });
    const b = await started(here, B);
    const account = (await b.store.accountByAddress("bob@b.test"))!.id;
    const verifier = await deriveVerifier(b.io, "right");
    await b.store.transaction({ changes: [{ change: "set-verifier", account, verifier }] });
    const options = {
      hostname: "mx.b.test",
      handler: b.mta.receiver("mx"),
      authenticator: createAuthenticator(b.io, name => b.mta.lookup(name)),
      authRequired: "yes",
      tls: "offered",
    } as const;
    here.network.listen(B.address, 587, connection => void serveSmtp(b.io, connection, options));
    await submit(a, ["ben@b.test"]);
    await here.advance(SECOND);
    const inbox = await b.inbox("ben@b.test");
    assert.equal(inbox.length, arrives);
    assert.ok(inbox.every(message => message.includes("with ESMTPSA id")));
    const [item] = await a.queue();
    assert.equal(item?.attempts, arrives === 1 ? undefined : 1);
  });
}

test("a password is never sent where anybody may listen", () => {
  const credentials = { username: "bob@b.test", password: new Secret(latin1Bytes("right")) };
  for (const tls of ["opportunistic", "never"] as const) {
    const relay = { host: "mx.b.test", port: 587, tls, credentials };
    assert.throws(() => settingsOf({ hostname: "mx.a.test", relay }), /verified TLS/u);
    const transports = new Map([["c.test", relay]]);
    assert.throws(() => settingsOf({ hostname: "mx.a.test", transports }), /verified TLS/u);
  }
});

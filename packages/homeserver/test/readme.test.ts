import assert from "node:assert/strict";
import { test } from "node:test";
import { createAuthenticator } from "@scop/sasl";
import { OPERATIONS } from "../src/api.ts";
import { createHomeserver, type HomeserverOptions, MEDIA_LIMITS, RATES } from "../src/index.ts";
import { openWorld } from "./world.ts";

test("README example", async () => {
  const { sim, store, close } = await openWorld();
  const io = sim.platform("192.0.2.1");
  const serverName = "scop.test";
  const baseUrl = (): string => "http://127.0.0.1:2080";
  const signer: HomeserverOptions["signer"] = {
    entity: serverName,
    keyId: "ed25519:a",
    sign: () => new Uint8Array(64),
  };
  const authenticator = (): ReturnType<HomeserverOptions["authenticator"]> =>
    createAuthenticator(io, async () => undefined);
  const options = {
    ...{ serverName, baseUrl, signer, publicKey: new Uint8Array(32), authenticator },
    presence: "off" as const,
    rates: RATES,
    media: MEDIA_LIMITS,
    peers: undefined,
    federationAt: () => undefined,
  };
  const homeserver = createHomeserver(io, store, options);
  const answer = await homeserver.answer({
    method: "GET",
    target: "/_matrix/client/v3/login",
    authorization: undefined,
    body: new Uint8Array(),
    peer: "192.0.2.7",
    onGone: () => undefined,
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(JSON.parse(answer.body), { flows: [{ type: "m.login.password" }] });
  homeserver.close();
  await close();
});

test("what needs no token by the specification, and nothing else, is answered without one", async () => {
  const world = await openWorld();
  for (const { id, method, path, token } of OPERATIONS) {
    // Nobody is known by a mail to another address here.
    const isNeeded = token === "needed" || id === "changePassword";
    const { body } = await world.ask(method, path, { body: {} });
    assert.equal(body.errcode === "M_MISSING_TOKEN", isNeeded, `${method} ${path}`);
  }
  await world.close();
});

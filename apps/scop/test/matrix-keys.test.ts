import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isJsonObject, type JsonValue, jsonObject } from "@scop/matrix/json";
import { type ObjectSigner, signObject, unpaddedBase64 } from "@scop/matrix/sign";
import { freePorts, startReady, stopServer } from "../crash/server-process.ts";
import { loginOf, matrixClient } from "./matrix-client.ts";

const KEYS = 300;
const CLAIMS_AT_ONCE = 8;
/** The server is killed when so many were answered. */
const ANSWERED_UNTIL_KILL = 60;

const folder = await mkdtemp(join(tmpdir(), "scop-keys-"));
after(() => rm(folder, { recursive: true, force: true }));

function plain(value: JsonValue): unknown {
  if (isJsonObject(value)) return Object.fromEntries([...value].map(([key, each]) => [key, plain(each)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

/** What a device publishes: its keys, and many one-time keys that differ. */
function published(user: string, device: string): object {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const key = unpaddedBase64(publicKey.export({ type: "spki", format: "der" }).subarray(-32));
  const signer: ObjectSigner = {
    entity: user,
    keyId: `ed25519:${device}`,
    sign: octets => sign(null, octets, privateKey),
  };
  const signed = (object: Parameters<typeof jsonObject>[0]): unknown => plain(signObject(jsonObject(object), signer));
  const keys = jsonObject({ [`ed25519:${device}`]: key, [`curve25519:${device}`]: key });
  const oneTime = Array.from({ length: KEYS }, (_none, at) => {
    const octets = new Uint8Array(32).fill(7);
    octets.set([at >> 8, at & 0xff]);
    return [`signed_curve25519:${at}`, signed({ key: unpaddedBase64(octets) })] as const;
  });
  return {
    device_keys: signed({ user_id: user, device_id: device, algorithms: [], keys }),
    one_time_keys: Object.fromEntries(oneTime),
  };
}

test("attack 20: a one-time key is given out once, also by a server that is killed among claims", async () => {
  const data = join(folder, "data");
  const first = await startReady({ data, ports: await freePorts() });
  const ask = matrixClient(first);
  const { body: alice } = await ask("POST", "/v3/login", undefined, loginOf("alice"));
  const { body: bob } = await ask("POST", "/v3/login", undefined, loginOf("bob"));
  const uploaded = published(alice.user_id, alice.device_id);
  assert.equal((await ask("POST", "/v3/keys/upload", alice.access_token, uploaded)).status, 200);
  const wanted = { one_time_keys: { [alice.user_id]: { [alice.device_id]: "signed_curve25519" } } };
  const given: string[] = [];
  const claim = async (asked: typeof ask): Promise<boolean> => {
    const { body } = await asked("POST", "/v3/keys/claim", bob.access_token, wanted);
    const keys = Object.keys(body.one_time_keys[alice.user_id]?.[alice.device_id] ?? {});
    given.push(...keys);
    return keys.length > 0;
  };
  const claimUntilKilled = async (): Promise<void> => {
    try {
      for (let more = true; more; ) {
        more = await claim(ask);
        if (given.length >= ANSWERED_UNTIL_KILL) first.kill("SIGKILL");
      }
    } catch {
      // The server is gone.
    }
  };
  await Promise.all(Array.from({ length: CLAIMS_AT_ONCE }, claimUntilKilled));
  await first.ended;
  assert.ok(given.length >= ANSWERED_UNTIL_KILL && given.length < KEYS, `${given.length} were answered`);

  const second = await startReady({ data, ports: await freePorts() });
  const again = matrixClient(second);
  // Who never heard that the keys came sends them again.
  assert.equal((await again("POST", "/v3/keys/upload", alice.access_token, uploaded)).status, 200);
  while (await claim(again));
  assert.equal(new Set(given).size, given.length, "none was given out twice");
  assert.ok(given.length >= KEYS - CLAIMS_AT_ONCE, `${given.length} were given out in all`);
  assert.equal(await stopServer(second), true, second.output());
});

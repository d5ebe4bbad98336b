import assert from "node:assert/strict";
import { test } from "node:test";
import { openKeyCache } from "@scop/dkim";
import { signDkim, verifyDkim, wholeMessage } from "@scop/dkim/run";
import { concat, latin1Bytes } from "@scop/wire";
import { signerOf, testKey, world, zoneOf } from "./world.ts";

test("README example", async () => {
  const key = testKey("2026a", "ed25519");
  const io = world(zoneOf([key]));
  const signer = signerOf([key]);
  const message = latin1Bytes("From: ann@example.com\r\nSubject: Hello\r\n\r\nHello Bob\r\n");

  const fields = await signDkim(io, signer, wholeMessage(message), "example.com");
  const sent = concat([latin1Bytes(fields), message]);

  const options = { keys: openKeyCache(io.crypto) };
  const [verdict] = await verifyDkim(io, wholeMessage(sent), options);
  assert.equal(verdict?.result, "pass");
  assert.equal(verdict?.reason, "example.com has signed the message, and nothing that was signed has changed.");
});

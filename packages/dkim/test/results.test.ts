import assert from "node:assert/strict";
import { test } from "node:test";
import { arcResult, dkimResults } from "@scop/dkim";
import { sealArc, signDkim, verifyDkimAndArc } from "@scop/dkim/run";
import type { AuthenticationResult } from "@scop/mime";
import { DOMAIN, message, options, signerOf, testKey, world, zoneOf } from "./world.ts";

const KEY = testKey("s", "ed25519");
const IO = world(zoneOf([KEY]));
const TEXT = "From: ann@example.com\r\n\r\nHello\r\n";

/** As it stands in a field, without the start of the signature. */
function shown({ method, result, reason, properties }: AuthenticationResult): string {
  const words = properties.map(({ type, name, value }) => `${type}.${name}=${name === "b" ? value.length : value}`);
  return [`${method}=${result}`, ...(reason === undefined ? [] : [`reason="${reason}"`]), ...words].join(" ");
}

async function resultsOf(text: string): Promise<readonly string[]> {
  const { dkim, arc } = await verifyDkimAndArc(IO, message(text), options());
  return [...dkimResults(dkim), arcResult(arc)].map(shown);
}

test("what DKIM and ARC contribute to Authentication-Results (RFC 8601 2.7.1, RFC 8617 5.2)", async () => {
  assert.deepEqual(await resultsOf(TEXT), ['dkim=none reason="The message has no DKIM signature."', "arc=none"]);
  const signed = (await signDkim(IO, signerOf([KEY]), message(TEXT), DOMAIN)) + TEXT;
  const about = "header.d=example.com header.i=@example.com header.a=ed25519-sha256 header.s=s header.b=12";
  const chain = (await verifyDkimAndArc(IO, message(signed), options())).arc;
  const sealed = (await sealArc(IO, signerOf([KEY]), message(signed), DOMAIN, { chain, results: "x; none" })) + signed;
  assert.deepEqual(await resultsOf(sealed), [`dkim=pass ${about}`, "arc=pass header.oldest-pass=0"]);
  const changed = "The body is not the one that was signed.";
  assert.deepEqual(await resultsOf(sealed.replace("Hello", "Bye")), [
    `dkim=fail reason="${changed}" ${about}`,
    `arc=fail reason="The newest signature of the chain does not hold (set 1): ${changed}"`,
  ]);
});

test("signatures that were not looked at are one result, and one that can't be read claims nothing", async () => {
  const results = await resultsOf(`${"DKIM-Signature: v=1\r\n".repeat(20)}${TEXT}`);
  assert.equal(results.length, 8 + 1 + 1);
  assert.match(results[0]!, /^dkim=neutral reason="The signature can't be read: a-missing at octet 15 \(.*\)\."$/);
  assert.match(results[8]!, /^dkim=policy reason="The message has more signatures than are looked at\."$/);
});

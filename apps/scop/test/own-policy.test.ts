import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStsPolicy } from "@scop/tls-policy";
import { latin1Bytes } from "@scop/wire";
import { ownStsPolicy } from "../src/server/own-policy.ts";

const DOMAINS = ["example.org", "xn--bcher-kva.example"];

function served(host: string, certificate: "checked" | "self-signed"): string | undefined {
  const text = ownStsPolicy(host, DOMAINS, { hostname: "mx.example.net", certificate });
  if (text === undefined) return undefined;
  const policy = parseStsPolicy(latin1Bytes(text));
  assert.ok(policy.ok);
  const { mode, maxAgeS, names } = policy.value;
  return `${mode} ${maxAgeS} ${names.map(name => name.domain).join()}`;
}

const rows: readonly (readonly [host: string, certificate: "checked" | "self-signed", expected: string | undefined])[] =
  [
    ["mta-sts.example.org", "checked", "enforce 604800 mx.example.net"],
    ["mta-sts.example.org", "self-signed", "testing 86400 mx.example.net"],
    ["MTA-STS.Example.ORG:8443", "checked", "enforce 604800 mx.example.net"],
    ["mta-sts.xn--bcher-kva.example", "checked", "enforce 604800 mx.example.net"],
    ["mta-sts.example.com", "checked", undefined],
    ["example.org", "checked", undefined],
    ["mta-sts.", "checked", undefined],
    ["mta-sts.example.org:x", "checked", undefined],
    ["", "checked", undefined],
  ];

for (const [host, certificate, expected] of rows) {
  test(`with a ${certificate} certificate, ${JSON.stringify(host)} has ${expected ?? "no policy"}`, () =>
    assert.equal(served(host, certificate), expected));
}

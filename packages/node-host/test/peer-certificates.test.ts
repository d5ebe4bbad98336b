import "reflect-metadata";
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { PeerCertificates } from "@scop/platform";
import { listen, nodePlatform, secureContext, type TlsIdentity } from "../src/index.ts";
import { selfSigned } from "../src/self-signed.ts";

const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A certificate for mx.test under an authority of its own, which is sent along; `from` and `until` in days from now. */
async function issued(from: number, until: number, authority: "is one" | "is none"): Promise<TlsIdentity> {
  const [above, own] = await Promise.all(
    [0, 1].map(() => webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"])),
  );
  const valid = (days: number): Date => new Date(Date.now() + days * DAY_MS);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=authority",
    notBefore: valid(-10),
    notAfter: valid(10),
    signingAlgorithm: ALGORITHM,
    keys: above!,
    extensions: [new BasicConstraintsExtension(authority === "is one", undefined, true)],
  });
  const leaf = await X509CertificateGenerator.create({
    serialNumber: "02",
    subject: "CN=mx.test",
    issuer: "CN=authority",
    notBefore: valid(from),
    notAfter: valid(until),
    signingAlgorithm: ALGORITHM,
    publicKey: own!.publicKey,
    signingKey: above!.privateKey,
    extensions: [new SubjectAlternativeNameExtension([{ type: "dns", value: "mx.test" }])],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", own!.privateKey);
  return {
    certificate: `${leaf.toString("pem")}\n${root.toString("pem")}`,
    key: PemConverter.encode(key, "PRIVATE KEY"),
  };
}

/** What a client sees of a server with this certificate, and whether the handshake succeeds with the answer that `look` gives. */
async function handshake(identity: TlsIdentity, look: (peer: PeerCertificates) => boolean): Promise<boolean> {
  const context = secureContext(identity);
  const listener = await listen({
    at: { host: "127.0.0.1", port: 0 },
    tls: () => context,
    connectionsMax: 10,
    accept: async connection => {
      await connection.startTls({ role: "server" }).catch(() => undefined);
      await connection.read();
    },
    failed: error => assert.fail(String(error)),
  });
  const { net } = nodePlatform();
  const client = await net.connect({ address: "127.0.0.1", port: listener.port, timeoutMs: 5_000 });
  const isDone = await client.startTls({ role: "client", serverName: "mx.test", verify: look }).then(
    () => true,
    () => false,
  );
  client.abort();
  await listener.stop();
  return isDone;
}

test("the certificates are shown before anything else is said, and a no ends the connection", async () => {
  const identity = await selfSigned({ names: ["mx.test"], now: Date.now() });
  const seen: number[] = [];
  assert.equal(await handshake(identity, peer => seen.push(peer.chain.length) > 0), true);
  assert.equal(await handshake(identity, () => false), false);
  assert.deepEqual(seen, [1]);
});

const rows: readonly (readonly [
  title: string,
  from: number,
  until: number,
  authority: "is one" | "is none",
  at: number,
  names: readonly string[],
  expected: boolean,
])[] = [
  ["under the authority", -1, 1, "is one", 1, ["other.test", "mx.test"], true],
  ["by itself", -1, 1, "is one", 0, ["mx.test"], true],
  ["for another name", -1, 1, "is one", 1, ["other.test"], false],
  ["that has expired", -2, -1, "is one", 1, ["mx.test"], false],
  ["that is not valid yet", 1, 2, "is one", 1, ["mx.test"], false],
  ["under a certificate that may not issue any", -1, 1, "is none", 1, ["mx.test"], false],
];

for (const [title, from, until, authority, at, names, expected] of rows) {
  test(`a certificate ${title} is ${expected ? "" : "not "}issued as it should be`, async () => {
    const identity = await issued(from, until, authority);
    let found: boolean | undefined;
    await handshake(identity, peer => {
      assert.equal(peer.chain.length, 2);
      found = peer.isIssuedUnder(at, names);
      return true;
    });
    assert.equal(found, expected);
  });
}

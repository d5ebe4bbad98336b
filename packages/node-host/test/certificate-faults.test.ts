import assert from "node:assert/strict";
import { test } from "node:test";
import { type CertificateFault, type Connection, TlsFailed, type TlsInfo } from "@scop/platform";
import { listen, nodePlatform, secureContext } from "../src/index.ts";
import { selfSigned } from "../src/self-signed.ts";

const ELEVEN_YEARS_MS = 11 * 365 * 86_400_000;

interface Row {
  readonly name: string;
  readonly ageMs: number;
  readonly trusted: "yes" | "no";
  readonly fault: CertificateFault | undefined;
}

const rows: readonly Row[] = [
  { name: "mx.test", ageMs: 0, trusted: "yes", fault: undefined },
  { name: "mx.test", ageMs: 0, trusted: "no", fault: "untrusted" },
  { name: "other.test", ageMs: 0, trusted: "yes", fault: "host" },
  { name: "mx.test", ageMs: ELEVEN_YEARS_MS, trusted: "yes", fault: "expired" },
];

/** A handshake with such a server, as the client wants it. */
async function handshake(
  { name, ageMs, trusted }: Row,
  verify: "require" | "opportunistic" | (() => boolean),
): Promise<TlsInfo> {
  const identity = await selfSigned({ names: [name], now: Date.now() - ageMs });
  const context = secureContext(identity);
  const accept = async (connection: Connection): Promise<void> => {
    await connection.startTls({ role: "server" }).catch(() => undefined);
    await connection.close();
  };
  const failed = (): void => undefined;
  const at = { host: "127.0.0.1", port: 0 };
  const listener = await listen({ at, tls: () => context, connectionsMax: 9, accept, failed });
  const { net } = nodePlatform(trusted === "yes" ? { trust: identity.certificate } : {});
  const client = await net.connect({ address: "127.0.0.1", port: listener.port, timeoutMs: 5_000 });
  try {
    return await client.startTls({ role: "client", serverName: "mx.test", verify });
  } finally {
    await client.close();
    await listener.stop();
  }
}

for (const row of rows) {
  test(`a certificate for ${row.name}, ${row.ageMs} ms old, trusted: ${row.trusted}: ${row.fault ?? "fine"}`, async () => {
    const info = await handshake(row, "opportunistic");
    assert.deepEqual([info.verified, info.fault], [row.fault === undefined, row.fault]);
    if (row.fault === undefined) assert.equal((await handshake(row, "require")).verified, true);
    else
      await assert.rejects(handshake(row, "require"), error => error instanceof TlsFailed && error.fault === row.fault);
  });
}

test("one that is not the one that was expected", () =>
  assert.rejects(
    handshake(rows[0]!, () => false),
    error => error instanceof TlsFailed && error.fault === "unexpected",
  ));

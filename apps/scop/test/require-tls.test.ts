import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { certificatePath, freePorts, type ServerProcess, startReady, stopServer } from "../crash/server-process.ts";
import { inboxOf, sendFrom } from "./mail-users.ts";
import { runLines, runScop } from "./run-scop.ts";

const folder = mkdtempSync(join(tmpdir(), "scop-require-tls-"));
const running: ServerProcess[] = [];
after(async () => {
  await Promise.all(running.map(stopServer));
  rmSync(folder, { recursive: true, force: true });
});

const PASSWORD = "one-of-its-own";
const ARRIVAL_MS_MAX = 15_000;

async function addAccount(address: string, name: string): Promise<void> {
  const { out, status } = await runScop(["account", "add", address, "--data", join(folder, name)], PASSWORD);
  assert.equal(status, 0, out);
}

async function arrived(server: ServerProcess, name: string, account: string): Promise<string> {
  for (let waited = 0; waited < ARRIVAL_MS_MAX; waited += 200) {
    const [found] = await inboxOf(server, join(folder, name), account, PASSWORD);
    if (found !== undefined) return found.toString();
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(`nothing reached ${account}: ${server.output()}`);
}

test("a message that requires TLS reaches a server that promises as much, and no other", async () => {
  await runLines(...["a", "b"].map(name => `domain add ${name}.test --data ${join(folder, name)}`));
  await Promise.all([addAccount("ann@a.test", "a"), addAccount("ben@b.test", "b")]);
  const b = await startReady({ data: join(folder, "b"), ports: await freePorts(), options: [] });
  running.push(b);
  const host = "localhost";
  const transports = {
    "b.test": { host, port: b.ports.smtp, tls: "require" },
    // The same server, and nobody says that it has to be the right one.
    "c.test": { host, port: b.ports.smtp },
  };
  const config = join(folder, "a.config.ts");
  writeFileSync(config, `export default ${JSON.stringify({ transports })};\n`);
  const a = await startReady({
    data: join(folder, "a"),
    ports: await freePorts(),
    options: ["--config", config],
    environment: { NODE_EXTRA_CA_CERTS: certificatePath(join(folder, "b")) },
  });
  running.push(a);
  const letter = "From: ann@a.test\r\nSubject: secret\r\n\r\nThe body\r\n";
  const send = (to: string): Promise<readonly string[]> =>
    sendFrom(a.ports, "ann@a.test", [to], letter, "ann@a.test", PASSWORD, { tls: "required" });
  assert.deepEqual(await send("ben@b.test"), ["delivered"]);
  assert.match(await arrived(b, "b", "ben@b.test"), /with ESMTPS [\s\S]*The body/);
  assert.deepEqual(await send("ben@c.test"), ["delivered"]);
  const report = await arrived(a, "a", "ann@a.test");
  assert.match(report, /^Action: failed\r\nStatus: 5\.7\.30\r$/m);
  assert.doesNotMatch(report, /The body/);
});

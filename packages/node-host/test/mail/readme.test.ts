import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock, test } from "node:test";
import { deriveVerifier } from "@scop/sasl";
import { nodePlatform } from "../../src/index.ts";
import { createSender, receiveMail, refuse } from "../../src/mail/index.ts";
import { selfSigned } from "../../src/self-signed.ts";
import { HELLO, receiver } from "./raw.ts";

/** The lines of the README's examples about mail that this file and the one about verdicts do not have, ports and what follows them aside. */
async function linesNotTested(): Promise<readonly string[]> {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const files = [import.meta.filename, join(import.meta.dirname, "verdicts.test.ts")];
  const own = (await Promise.all(files.map(file => readFile(file, "utf8")))).join("\n");
  const mail = readme.slice(readme.indexOf("## Mail in ten lines"));
  const blocks = [...mail.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
  assert.equal(blocks.length, 3);
  const plain = (text: string): string => text.replace(/port: \d+/, "port").replace(/\s/g, "");
  const lines = blocks.flatMap(block => block.split("\n")).filter(line => !line.startsWith("import "));
  return lines.filter(line => !plain(own).includes(plain(line)));
}

test("README example: a receiver and a sender", async t => {
  assert.deepEqual(await linesNotTested(), []);
  const folder = await mkdtemp(join(tmpdir(), "scop-mail-"));
  t.after(() => rm(folder, { recursive: true }));
  const server = await receiveMail({
    hostname: "mx.example.org",
    port: 0,
    onRecipient: async address => (address === "bob@example.org" ? undefined : refuse("No such mailbox", "5.1.1")),
    onMessage: async ({ message }) => {
      const path = join(folder, randomUUID());
      await writeFile(`${path}.part`, message, { flush: true });
      await rename(`${path}.part`, `${path}.eml`);
    },
  });
  const outside = createSender({ hostname: "c.example", via: { host: "127.0.0.1", port: server.port, tls: "never" } });
  const { delivered } = await outside.send({ from: undefined, to: ["bob@example.org"], message: HELLO });
  assert.equal(delivered.length, 1);
  const [name] = await readdir(folder);
  assert.match(name!, /\.eml$/);
  assert.deepEqual(await readFile(join(folder, name!)), HELLO);
  await outside.close();
  await server.close();
});

test("README example: a sender that logs in", async t => {
  const io = nodePlatform();
  const identity = await selfSigned({ names: ["localhost"], now: Date.now() });
  const verifier = await deriveVerifier(io, "secret", 4_096);
  const { port } = await receiver(t, {
    tls: identity,
    accounts: async identity => ({ identity, verifier }),
    onRecipient: async address => (address === "bob@example.org" ? undefined : refuse("No such mailbox", "5.1.1")),
    onMessage: async () => undefined,
  });
  const message = HELLO;
  const told = mock.method(console, "error", () => undefined);
  const sender = createSender({
    trust: identity.certificate,
    hostname: "app.example.org",
    via: { host: "localhost", port, tls: "require", credentials: { username: "app", password: "secret" } },
  });
  const to = ["bob@example.org", "eve@example.org"];
  const { failed } = await sender.send({ from: "app@example.org", to, message, dsn: { notify: ["failure"] } });
  for (const { recipient, blame, lasting, text } of failed) console.error(recipient, blame, lasting, text);
  await sender.close();
  told.mock.restore();
  const text = "localhost (127.0.0.1) said: 550 5.1.1 No such mailbox";
  assert.deepEqual(
    told.mock.calls.map(call => call.arguments),
    [["eve@example.org", "peer", "permanent", text]],
  );
});

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePorts, type ServerPorts, startReady, stopServer, withinMs } from "../crash/server-process.ts";
import { ALICE, BOB, inboxOf, sendFrom } from "./mail-users.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "scop-daemon-"));
after(() => rm(folder, { recursive: true, force: true }));

function serve(data: string, ports: ServerPorts): { readonly status: number | null; readonly err: string } {
  const options = Object.entries(ports).flatMap(([name, port]) => [`--${name}`, String(port)]);
  const run = spawnSync(process.execPath, [
    "--conditions=@scop/source",
    MAIN,
    "serve",
    "--demo",
    "--data",
    data,
    ...options,
  ]);
  return { status: run.status, err: run.stderr.toString() };
}

test("a start says where everything is, a second one keeps the mail, and two signals are one", async () => {
  const data = join(folder, "twice");
  const first = await startReady({ data, ports: await freePorts() });
  for (const said of [ALICE, BOB, ...Object.values(first.ports).map(String)])
    assert.ok(first.output().includes(said), said);
  assert.match(first.output(), /\nready\n/);
  const sent = await sendFrom(first.ports, ALICE, [BOB], `From: ${ALICE}\r\nSubject: kept\r\n\r\nbody\r\n`);
  assert.deepEqual(sent, ["delivered"]);
  first.kill("SIGTERM");
  first.kill("SIGTERM");
  const ending = await withinMs(first.ended, 5_000);
  assert.equal(ending?.code, 0, first.output());

  const second = await startReady({ data, ports: await freePorts() });
  const inbox = await inboxOf(second, data, BOB);
  assert.equal(inbox.length, 1);
  assert.match(inbox[0]!.toString(), /Subject: kept/);
  assert.equal(await stopServer(second), true, second.output());
});

test("the launcher that npx runs passes a signal on and ends as the server did", async () => {
  const launcher = fileURLToPath(new URL("../bin/scop.js", import.meta.url));
  const options = Object.entries(await freePorts()).flatMap(([name, port]) => [`--${name}`, String(port)]);
  const child = spawn(process.execPath, [launcher, "serve", "--demo", "--data", join(folder, "launched"), ...options]);
  await new Promise<void>(resolve => {
    child.stdout.on("data", text => {
      if (/^ready$/m.test(String(text))) resolve();
    });
  });
  const ended = new Promise<number | null>(resolve => child.on("exit", resolve));
  child.kill("SIGTERM");
  child.kill("SIGTERM");
  assert.equal(await withinMs(ended, 5_000), 0);
});

test("a server whose npm was told to end does so, although npm ends its shell alone", {
  skip: process.platform === "win32",
}, async () => {
  const options = Object.entries(await freePorts()).flatMap(([name, port]) => [`--${name}`, String(port)]);
  const npm = spawn("npm", ["start", "--", "--data", join(folder, "npm"), ...options], { cwd: ROOT });
  let output = "";
  const ended = new Promise<void>(resolve => {
    npm.stdout.on("data", text => (output += String(text))).on("close", () => resolve());
  });
  while (!/^ready$/m.test(output)) await new Promise(resolve => setTimeout(resolve, 50));
  npm.kill("SIGTERM");
  npm.kill("SIGTERM");
  // The pipe closes when the last process that holds it is gone.
  assert.equal(
    await withinMs(
      ended.then(() => "gone"),
      5_000,
    ),
    "gone",
  );
});

/** A document that is there for a host. */
async function documentAt(
  port: number,
  host: string,
  path: string,
): Promise<readonly [status: number | undefined, body: string]> {
  const asked = get({ host: "127.0.0.1", port, path, headers: { host } });
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let body = "";
  for await (const piece of response) body += String(piece);
  return [response.statusCode, body];
}

test("health and metrics are on the web port", async () => {
  const server = await startReady({ data: join(folder, "web"), ports: await freePorts() });
  const base = `http://127.0.0.1:${server.ports.http}`;
  const health = await fetch(`${base}/health`);
  assert.equal(health.status, 200);
  assert.deepEqual(await health.json(), { status: "ok", queue: { ready: 0, leased: 0, held: 0 } });
  assert.match(await (await fetch(`${base}/metrics`)).text(), /^process_cpu_user_seconds_total/m);
  assert.match(await (await fetch(base)).text(), /mail\.scop\.test serves scop\.test/);
  assert.equal((await fetch(`${base}/nothing`)).status, 404);
  assert.equal((await fetch(base, { method: "POST" })).status, 405);
  const at = (host: string, path: string): ReturnType<typeof documentAt> => documentAt(server.ports.http, host, path);
  const policy = await at("mta-sts.scop.test", "/.well-known/mta-sts.txt");
  assert.deepEqual(policy, [200, "version: STSv1\r\nmode: testing\r\nmx: mail.scop.test\r\nmax_age: 86400\r\n"]);
  assert.equal((await at("mta-sts.other.test", "/.well-known/mta-sts.txt"))[0], 404);
  const [status, settings] = await at("autoconfig.scop.test", "/mail/config-v1.1.xml?emailaddress=alice@scop.test");
  assert.equal(status, 200);
  const { imaps, imap, submission } = server.ports;
  assert.deepEqual(
    [...settings.matchAll(/<port>(\d+)<\/port>\s+<socketType>(\w+)</g)].map(([, port, socket]) => `${port} ${socket}`),
    [`${imaps} SSL`, `${imap} STARTTLS`, `${submission} STARTTLS`],
  );
  assert.match(settings, /<domain>scop\.test<[\s\S]*<hostname>mail\.scop\.test</);
  assert.equal((await at("autoconfig.other.test", "/mail/config-v1.1.xml"))[0], 404);
  await stopServer(server);
});

test("a port in use is named with the option that moves it, and a folder in use with the one that changes it", async () => {
  const data = join(folder, "busy");
  const server = await startReady({ data, ports: await freePorts() });
  const others = await freePorts();
  const samePort = serve(join(folder, "other"), { ...others, imap: server.ports.imap });
  assert.match(samePort.err, new RegExp(`port ${server.ports.imap} is in use .*--imap PORT`));
  assert.equal(samePort.status, 1);
  const sameFolder = serve(data, others);
  assert.match(sameFolder.err, /is served by another scop already.*--data DIR/);
  assert.equal(sameFolder.status, 1);
  await stopServer(server);
});

test("an idle session is told that the server goes down", async () => {
  const server = await startReady({ data: join(folder, "idle"), ports: await freePorts() });
  const said: string[] = [];
  const ended = [server.ports.smtp, server.ports.imap].map(
    port =>
      new Promise<void>(resolve => {
        const socket = createConnection(port, "127.0.0.1");
        socket.setEncoding("utf8").on("data", text => said.push(String(text)));
        socket.on("close", () => resolve()).on("end", () => socket.end());
      }),
  );
  await new Promise(resolve => setTimeout(resolve, 300));
  assert.equal(await stopServer(server), true);
  await Promise.all(ended);
  assert.match(said.join(""), /^421 /m);
  assert.match(said.join(""), /^\* BYE /m);
});

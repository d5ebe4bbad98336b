import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freePorts, type ServerProcess, startReady, stopServer } from "../crash/server-process.ts";
import { inboxOf, sendFrom } from "./mail-users.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "scop-two-"));
const running: ServerProcess[] = [];
after(async () => {
  await Promise.all(running.map(stopServer));
  await rm(folder, { recursive: true, force: true });
});

const PASSWORD = "one-of-its-own";
const ARRIVAL_MS_MAX = 15_000;

function scop(data: string, line: string, input = ""): { readonly out: string; readonly status: number | null } {
  const args = ["--conditions=@scop/source", MAIN, ...line.split(" "), "--data", join(folder, data)];
  const run = spawnSync(process.execPath, args, { input });
  return { out: run.stdout.toString() + run.stderr.toString(), status: run.status };
}

async function arrived(server: ServerProcess, data: string, account: string, marker: RegExp): Promise<string> {
  for (let waited = 0; waited < ARRIVAL_MS_MAX; waited += 200) {
    const all = await inboxOf(server, join(folder, data), account, PASSWORD);
    const found = all.map(bytes => bytes.toString()).find(text => marker.test(text));
    if (found !== undefined) return found;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(
    `${marker} did not reach ${account}; queues: ${scop("a", "queue list").out} ${scop("b", "queue list").out}`,
  );
}

test("two servers exchange mail through their queues, return what can't be delivered, and obey the operator", async () => {
  for (const [data, domain, account] of [
    ["a", "a.test", "ann@a.test"],
    ["b", "b.test", "ben@b.test"],
  ] as const) {
    assert.equal(scop(data, `domain add ${domain}`).status, 0);
    assert.equal(scop(data, `account add ${account}`, PASSWORD).status, 0);
  }
  const [portsA, portsB] = [await freePorts(), await freePorts()];
  const a = await startReady({
    data: join(folder, "a"),
    ports: portsA,
    options: ["--transport", `b.test=127.0.0.1:${portsB.smtp}`, "--transport", "dead.test=127.0.0.1:1"],
  });
  running.push(a);
  const b = await startReady({
    data: join(folder, "b"),
    ports: portsB,
    options: ["--transport", `a.test=127.0.0.1:${portsA.smtp}`],
  });
  running.push(b);

  const letter = "From: ann@a.test\r\nSubject: over\r\n\r\n.one dot\r\n";
  assert.deepEqual(await sendFrom(portsA, "ann@a.test", ["ben@b.test"], letter, "ann@a.test", PASSWORD), ["delivered"]);
  const text = await arrived(b, "b", "ben@b.test", /Subject: over/);
  assert.ok(text.endsWith(letter));
  assert.equal(text.match(/^Received: /gm)?.length, 2);
  assert.equal(text.match(/^Return-Path: /gm)?.length, 1);
  assert.match(text, /^Received: from mail\.a\.test .*\r\n.*with ESMTPS/m);

  const answer = "From: ben@b.test\r\nSubject: back\r\n\r\nx\r\n";
  await sendFrom(portsB, "ben@b.test", ["ann@a.test"], answer, "ben@b.test", PASSWORD);
  await arrived(a, "a", "ann@a.test", /Subject: back/);

  const lost = "From: ann@a.test\r\nSubject: lost\r\n\r\nx\r\n";
  await sendFrom(portsA, "ann@a.test", ["nobody@b.test"], lost, "ann@a.test", PASSWORD);
  const report = await arrived(a, "a", "ann@a.test", /Content-Type: multipart\/report/i);
  assert.match(report, /^Return-Path: <>\r\n/);
  assert.match(report, /Final-Recipient: rfc822; ?nobody@b\.test/i);
  assert.match(report, /Status: 5\.1\.1/);
  assert.match(report, /Action: failed/);

  await sendFrom(portsA, "ann@a.test", ["someone@dead.test"], lost, "ann@a.test", PASSWORD);
  let item: { id: number; attempts: number; lastReply: string } | undefined;
  for (let waited = 0; waited < ARRIVAL_MS_MAX && !item?.attempts; waited += 200) {
    await new Promise(resolve => setTimeout(resolve, 200));
    item = JSON.parse(scop("a", "queue list --json").out).items[0];
  }
  assert.match(item!.lastReply, /ECONNREFUSED/);
  assert.match(scop("a", `queue hold ${item!.id}`).out, /held/);
  assert.match(scop("a", "queue list").out, /held .*someone@dead\.test/);
  assert.match(scop("a", `queue retry ${item!.id}`).out, /tried again now/);
  for (let waited = 0; waited < ARRIVAL_MS_MAX; waited += 200) {
    item = JSON.parse(scop("a", `queue show ${item!.id} --json`).out);
    if (item!.attempts >= 2) break;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  assert.equal(item!.attempts, 2);
  assert.match(scop("a", "queue drop all").out, /dropped/);
  assert.match(scop("a", "queue list").out, /queue is empty/);
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePorts, type ServerProcess, startReady, stopServer } from "../crash/server-process.ts";
import { inboxOf, sendFromOutside } from "./mail-users.ts";
import { runLines, runScop } from "./run-scop.ts";
import { type ServedZone, serveZone, txt } from "./zone-server.ts";

const folder = mkdtempSync(join(tmpdir(), "scop-reports-send-"));
const running: ServerProcess[] = [];
const zone: ServedZone = new Map();
const names = await serveZone(zone);
after(async () => {
  await Promise.all(running.map(stopServer));
  names.stop();
  rmSync(folder, { recursive: true, force: true });
});

const PASSWORD = "one-of-its-own";
const ARRIVAL_MS_MAX = 15_000;

/** A server that verifies what comes from this machine too, and asks our zone. */
async function server(name: string, transport?: readonly [domain: string, port: number]): Promise<ServerProcess> {
  const config = {
    verify: { peers: "all" },
    resolvers: [names.address],
    ...(transport ? { transports: { [transport[0]]: `127.0.0.1:${transport[1]}` } } : {}),
  };
  const file = join(folder, `${name}.config.ts`);
  writeFileSync(file, `export default ${JSON.stringify(config)};\n`);
  const started = await startReady({ data: join(folder, name), ports: await freePorts(), options: ["--config", file] });
  running.push(started);
  return started;
}

const DATA_A = join(folder, "a");
const DATA_FAR = join(folder, "far");

async function addAccount(address: string, data: string): Promise<void> {
  const { out, status } = await runScop(["account", "add", address, "--data", data], PASSWORD);
  assert.equal(status, 0, out);
}

test("what a server saw of another's mail comes to that one, signed, and is read there", async () => {
  const [, , published] = await runLines(
    `domain add a.test --data ${DATA_A}`,
    `domain add far.test --data ${DATA_FAR}`,
    `dns a.test --json --data ${DATA_A}`,
  );
  await Promise.all([addAccount("ann@a.test", DATA_A), addAccount("r@far.test", DATA_FAR)]);
  const { records }: { readonly records: readonly { name: string; type: string; value: string }[] } = JSON.parse(
    published!,
  );
  for (const { name, type, value } of records) if (type === "TXT") zone.set(name, [txt(value)]);
  zone.set("far.test", [txt("v=spf1 ip4:127.0.0.1 -all")]);
  zone.set("_dmarc.far.test", [txt("v=DMARC1; p=reject; rua=mailto:r@far.test")]);
  const far = await server("far");
  const a = await server("a", ["far.test", far.ports.smtp]);
  const mail = (from: string): string => `From: ${from}\r\nTo: ann@a.test\r\nSubject: hello\r\n\r\nOne line.\r\n`;
  const good = await sendFromOutside(a.ports, "ben@far.test", ["ann@a.test"], mail("ben@far.test"));
  assert.deepEqual(good, ["delivered"]);
  const [forged] = await sendFromOutside(a.ports, "x@else.test", ["ann@a.test"], mail("ben@far.test"));
  assert.match(forged!, /5\.7\.26/);

  const options = `--data ${DATA_A} --config ${join(folder, "a.config.ts")}`;
  // What was refused is counted within a second.
  let ready: { outcome: string; counted: number; to: readonly string[] }[] = [];
  for (let waited = 0; waited < ARRIVAL_MS_MAX && ready[0]?.counted !== 2; waited += 200) {
    const [found] = await runLines(`reports send --now --dry-run --json ${options}`);
    ready = JSON.parse(found!);
  }
  assert.deepEqual([ready[0]?.outcome, ready[0]?.counted, ready[0]?.to], ["ready", 2, ["r@far.test"]]);
  const [early] = await runLines(`reports send ${options}`);
  assert.match(early!, /Nothing to report/);
  const killedAt = async (point: string): Promise<void> => {
    const { out, status } = await runScop(`reports send --now ${options}`.split(" "), "", { SCOP_CRASH_AT: point });
    assert.equal(status, null, `${point}: ${out}`);
  };
  // Killed on the way: before it is in the queue it is still to be sent, and after that never again.
  for (const point of ["before-transaction", "after-statements-before-commit"]) await killedAt(point);
  const [left] = await runLines(`reports send --now --dry-run ${options}`);
  assert.match(left!, /far\.test +2 +r@far\.test +would be sent/);
  await killedAt("after-commit-before-answer");
  const [again] = await runLines(`reports send --now ${options}`);
  assert.match(again!, /Nothing to report/);

  let reports: readonly Buffer[] = [];
  for (let waited = 0; waited < ARRIVAL_MS_MAX && reports.length === 0; waited += 200) {
    await new Promise(resolve => setTimeout(resolve, 200));
    reports = await inboxOf(far, DATA_FAR, "r@far.test", PASSWORD);
  }
  const [report] = reports;
  assert.equal(reports.length, 1);
  assert.match(
    report!.toString(),
    /Subject: Report Domain: far\.test\s+Submitter: a\.test\s+Report-ID:\s+<[0-9a-f]{32}>/,
  );
  assert.match(report!.toString(), /dmarc=pass[^;]*header\.from=a\.test/);
  writeFileSync(join(folder, "report.eml"), report!);
  const [shown] = await runLines(`reports ${join(folder, "report.eml")}`);
  assert.match(shown!, /far\.test {2}p=reject, seen by a\.test/);
  assert.match(shown!, /1 +127\.0\.0\.1 +pass +fail +pass +pass +far\.test/);
  assert.match(shown!, /1 +127\.0\.0\.1 +fail +fail +fail +reject +far\.test/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogEntry } from "../crash/ack-log.ts";
import { reportedId } from "../crash/messages.ts";
import { startNextHop } from "../crash/next-hop.ts";
import { auditQueue } from "../crash/queue-audit.ts";
import { seededRandom } from "../crash/random.ts";
import { connectSmtp } from "../crash/smtp-client.ts";

const NOWHERE = { queued: new Set<string>(), reports: new Map<string, number>() };

function message(id: string): Buffer {
  return Buffer.from(`X-Crash-Id: ${id}\r\nX-Crash-Digest: none\r\n\r\n.a line with a dot\r\n`);
}

function relayed(id: string, fate: "taken" | "refused" = "taken"): LogEntry {
  return { event: "relayed", id, sha256: "of another message", fate };
}

test("the audit of the queue finds what is nowhere, twice, changed or delivered against a no", async () => {
  const nextHop = await startNextHop({ random: seededRandom(1), pipelining: false });
  try {
    const client = await connectSmtp(nextHop.port);
    for (const id of ["a-b-1", "a-b-2", "a-b-2"])
      assert.match(await client.send(["take@x.test"], message(id)), /^250 /);
    assert.match(await client.send(["take@x.test"], Buffer.from("a foreign message\r\n\r\n..\r\n")), /^250 /);
    await assert.rejects(client.send(["refuse@x.test"], message("a-b-3")), /550 5\.1\.1/);
    client.close();
    const log = [relayed("a-b-1"), relayed("a-b-2", "refused"), relayed("a-b-3"), relayed("a-b-4"), relayed("a-b-5")];
    const audit = auditQueue(log, {
      nextHop,
      queued: new Set(["a-b-4"]),
      reports: new Map([["a-b-5", 2]]),
    });
    assert.deepEqual(audit.lost, ["a-b-3, acknowledged for another domain"]);
    assert.deepEqual(audit.twice, ["the report about a-b-5"]);
    assert.equal(audit.faults.filter(fault => fault.includes("other bytes")).length, 2);
    assert.equal(audit.faults.filter(fault => fault.includes("said no")).length, 1);
    assert.deepEqual([audit.delivered, audit.queued, audit.returned], [2, 1, 1]);
    assert.equal(nextHop.repeated(), 1);
    assert.equal(auditQueue(log, { nextHop, ...NOWHERE }).lost.length, 3);
  } finally {
    nextHop.close();
  }
});

test("connections count as cut if they end before the next hop can know that its 250 was read", async () => {
  const nextHop = await startNextHop({ random: seededRandom(1), pipelining: false });
  try {
    const client = await connectSmtp(nextHop.port);
    const answered = client.send(["take@x.test"], message("a-b-1"));
    await new Promise<void>(resolve => nextHop.watch(point => point === "next-hop-has-message" && resolve()));
    client.close();
    await assert.rejects(answered);
    for (let looks = 0; nextHop.cut() === 0 && looks < 100; looks += 1) await new Promise(done => setTimeout(done, 10));
    assert.equal(nextHop.cut(), 1);
  } finally {
    nextHop.close();
  }
});

test("a delivery report names the message that it is about, and nothing else does", () => {
  const report = `Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nX-Crash-Id: a-b-1\r\n\r\n--b--\r\n`;
  assert.equal(reportedId(Buffer.from(report)), "a-b-1");
  assert.equal(reportedId(message("a-b-1")), undefined);
});

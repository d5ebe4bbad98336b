import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { stopServer } from "../../crash/server-process.ts";
import { connectSmtp, isAccepted } from "../../crash/smtp-client.ts";
import { sampleMessage } from "./sample.ts";
import { BOB, startTestServer, type TestServer } from "./server.ts";
import { readTrace, type SystemCall, straceMissing, traced } from "./system-calls.ts";

const LARGE_OCTETS = 1024 * 1024;
const TRACE_MS_MAX = 5_000;
const POLL_MS = 50;

/** The calls between the last octet of a message and its 250, both included. */
interface Acceptance {
  readonly lastRead: SystemCall;
  readonly answer: SystemCall;
  /** All calls after 354 and before the answer. */
  readonly between: readonly SystemCall[];
}

describe("the order of system calls", { skip: straceMissing() }, () => {
  let server: TestServer;
  let acceptances: readonly Acceptance[];
  before(async () => {
    server = await startTestServer(folder => traced(join(folder, "trace")));
    const large = Buffer.concat([
      sampleMessage("large"),
      Buffer.alloc(LARGE_OCTETS, "another line of text, 50 octets long, CRLF counted\r\n"),
    ]);
    for (const message of [sampleMessage("small"), Buffer.concat([large, Buffer.from("\r\n")])]) {
      const client = await connectSmtp(server.ports.smtp);
      assert.ok(isAccepted(await client.send([BOB], message)));
      client.close();
    }
    assert.ok(await stopServer(server.process));
    acceptances = acceptancesIn(await finishedTrace(join(server.folder, "trace")));
  });
  after(() => server.stop());

  it("has two messages", () => assert.equal(acceptances.length, 2));

  it("of a small message: it arrives, the log is written and synced, 250", () => {
    const { lastRead, answer, between } = acceptances[0]!;
    const logWrite = firstAfter(lastRead, between, isLogWrite, "a write to the write-ahead log");
    const logSync = firstAfter(logWrite, between, call => isSync(call) && isLog(call), "a sync of the write-ahead log");
    assertBefore(logSync, answer);
    assert.deepEqual(
      between.filter(call => isLogWrite(call) && call.end > logSync.begin),
      [],
      "nothing is written after the sync",
    );
  });

  it("of a large message: data synced, named, folder synced, log synced, 250", () => {
    const { lastRead, answer, between } = acceptances[1]!;
    const dataSync = firstAfter(lastRead, between, call => isSync(call) && isBlobFile(call), "a sync of the data");
    const dataWrite = between.findLast(call => /^p?write/.test(call.name) && isBlobFile(call));
    assert.ok(dataWrite !== undefined && dataWrite.end < dataSync.begin, "the data is written before it is synced");
    const name = firstAfter(dataSync, between, call => /^(?:link|rename)/.test(call.name), "a link or rename");
    const folderSync = firstAfter(
      name,
      between,
      call => isSync(call) && isFolderOf(name, call),
      "a sync of its folder",
    );
    const logWrite = firstAfter(folderSync, between, isLogWrite, "a write to the write-ahead log");
    const logSync = firstAfter(logWrite, between, call => isSync(call) && isLog(call), "a sync of the write-ahead log");
    assertBefore(logSync, answer);
  });
});

function acceptancesIn(calls: readonly SystemCall[]): readonly Acceptance[] {
  return calls
    .filter(call => isWrite(call) && call.text.includes('"354 '))
    .map(goAhead => {
      const descriptor = descriptorOf(goAhead);
      const later = calls.filter(call => call.begin > goAhead.end);
      const answer = later.find(call => isWrite(call) && descriptorOf(call) === descriptor);
      assert.ok(answer !== undefined, "the message is answered");
      assert.match(answer.text, /"250 /);
      const between = later.filter(call => call.begin < answer.begin);
      const lastRead = between.findLast(
        call => /^re/.test(call.name) && descriptorOf(call) === descriptor && (call.result ?? 0) > 0,
      );
      assert.ok(lastRead !== undefined, "the message is read");
      return { lastRead, answer, between };
    });
}

function firstAfter(
  earlier: SystemCall,
  calls: readonly SystemCall[],
  matches: (call: SystemCall) => boolean,
  what: string,
): SystemCall {
  const found = calls.find(call => call.begin > earlier.end && matches(call));
  assert.ok(found !== undefined, `${what} after ${earlier.name}(${earlier.text}`);
  assert.ok(found.result !== undefined && found.result >= 0, `${found.name}(${found.text} succeeds`);
  return found;
}

function assertBefore(one: SystemCall, other: SystemCall): void {
  assert.ok(one.end < other.begin, `${one.name}(${one.text} is over before ${other.name}(${other.text}`);
}

/** `23<TCP:[...]>` or `23</path/of/file>`: with the path, so that a number used again is another one. */
function descriptorOf(call: SystemCall): string {
  return /^\d+<.*?>(?=[,)])/.exec(call.text)?.[0] ?? "";
}

function isWrite({ name, text }: SystemCall): boolean {
  return /^(?:writev?|sendto|sendmsg)$/.test(name) && text.includes("<TCP:");
}

function isSync({ name }: SystemCall): boolean {
  return name === "fsync" || name === "fdatasync";
}

function isLog(call: SystemCall): boolean {
  return descriptorOf(call).endsWith("-wal>");
}

function isLogWrite(call: SystemCall): boolean {
  return call.name.startsWith("pwrite") && isLog(call);
}

function isBlobFile(call: SystemCall): boolean {
  return /\/blobs\/.+>$/.test(descriptorOf(call));
}

/** Whether a call is on the folder in which a link or rename put a name. */
function isFolderOf(naming: SystemCall, call: SystemCall): boolean {
  const name = [...naming.text.matchAll(/"([^"]+)"/g)].at(-1)?.[1];
  return name !== undefined && descriptorOf(call).endsWith(`<${dirname(name)}>`);
}

/** strace ends a little after the server. */
async function finishedTrace(path: string): Promise<readonly SystemCall[]> {
  for (let waited = 0; waited < TRACE_MS_MAX; waited += POLL_MS) {
    if (/\+\+\+ exited with \d+ \+\+\+\s*$/.test(await readFile(path, "latin1"))) break;
    await sleep(POLL_MS);
  }
  return readTrace(path);
}

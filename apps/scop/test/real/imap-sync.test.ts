import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { BENCH_MISSING, fromBench, missing, runProgram } from "./program.ts";
import { sampleMessage } from "./sample.ts";
import { BOB, PASSWORD, startTestServer, type TestServer } from "./server.ts";

interface Opened {
  readonly highestModseq?: bigint;
  readonly uidValidity: bigint;
}
interface Flow {
  readonly enabled: ReadonlySet<string>;
  connect(): Promise<void>;
  on(
    event: "expunge" | "flags",
    listener: (told: { readonly uid?: number; readonly vanished: boolean | undefined }) => void,
  ): void;
  mailboxOpen(path: string, options?: object): Promise<Opened>;
  append(path: string, message: Buffer, flags: readonly string[]): Promise<{ readonly uid?: number }>;
  fetch(range: string, query: object, options: object): AsyncIterable<{ readonly uid: number }>;
  messageFlagsAdd(range: string, flags: readonly string[], options: object): Promise<boolean>;
  messageDelete(range: string, options: object): Promise<boolean>;
  search(query: object, options: object): Promise<readonly number[]>;
  logout(): Promise<void>;
}

const imapflow = fromBench<{ readonly ImapFlow: new (options: object) => Flow }>("imapflow");

async function connect(server: TestServer): Promise<Flow> {
  const client = new imapflow!.ImapFlow({
    host: "127.0.0.1",
    port: server.ports.imaps,
    secure: true,
    tls: { ca: await readFile(server.certificate), checkServerIdentity: () => undefined },
    auth: { user: BOB, pass: PASSWORD },
    logger: false,
    qresync: true,
  });
  await client.connect();
  return client;
}

describe("imapflow synchronises", { skip: imapflow === undefined ? BENCH_MISSING : false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());

  it("is told what changed and what went while it was away", async () => {
    const first = await connect(server);
    assert.ok(first.enabled.has("QRESYNC"));
    for (const name of ["one", "two", "three"]) await first.append("INBOX", sampleMessage(name), []);
    const { highestModseq, uidValidity } = await first.mailboxOpen("INBOX");
    await first.messageFlagsAdd("1", ["\\Flagged"], { uid: true });
    await first.messageDelete("2", { uid: true });
    await first.logout();

    const again = await connect(server);
    const gone: (number | undefined)[] = [];
    again.on("expunge", ({ uid, vanished }) => {
      if (vanished === true) gone.push(uid);
    });
    await again.mailboxOpen("INBOX", { changedSince: highestModseq, uidValidity });
    assert.deepEqual(gone, [2]);
    const changed: number[] = [];
    const query = { uid: true, flags: true };
    for await (const { uid } of again.fetch("1:*", query, { uid: true, changedSince: highestModseq }))
      changed.push(uid);
    assert.deepEqual(changed, [1]);
    assert.deepEqual(await again.search({ modseq: highestModseq! + 1n }, { uid: true }), [1]);
    assert.deepEqual(await again.search({ body: "no such text" }, { uid: true }), []);
    await again.logout();
  });
});

describe("imaplib synchronises and searches", { skip: missing("python3", "--version", /Python 3/) }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());

  it("with CONDSTORE, QRESYNC, ESEARCH, SORT, THREAD and IMAP4rev2", async () => {
    const script = fileURLToPath(new URL("python/sync.py", import.meta.url));
    const end = await runProgram("python3", script, String(server.ports.imaps), server.certificate);
    assert.equal(end.status, 0, end.text);
    assert.deepEqual(JSON.parse(end.stdout.toString()), {
      "conditional store": "[MODIFIED 1:3] Some of the messages were changed by others",
      "changed since": ["2 (UID 2 MODSEQ)"],
      vanished: ["(EARLIER) 3"],
      changed: ["2 (UID 2 FLAGS (\\Flagged) MODSEQ)"],
      esearch: ["(TAG) MIN 1 MAX 2 COUNT 2"],
      "among what was saved": ["2"],
      sorted: "1 2",
      threads: "(1 2)",
      name: ['(\\HasNoChildren) "/" "Entwürfe"'],
      "search of rev2": ["(TAG) ALL 1:2"],
    });
  });
});

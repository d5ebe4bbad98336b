import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { BENCH_MISSING, fromBench, missing, runProgram } from "./program.ts";
import { assertSameBytes, sampleMessage } from "./sample.ts";
import { BOB, PASSWORD, startTestServer, type TestServer } from "./server.ts";

interface Listed {
  readonly path: string;
  readonly specialUse?: string;
  readonly status?: { readonly messages: number; readonly unseen: number };
}
interface Quota {
  readonly storage?: { readonly usage: number; readonly limit: number };
  readonly messages?: { readonly usage: number; readonly limit: number };
}
interface Fetched {
  readonly uid: number;
  readonly emailId?: string;
  readonly threadId?: string;
  readonly source?: Buffer;
}
interface Flow {
  readonly capabilities: ReadonlyMap<string, unknown>;
  readonly _inflate?: unknown;
  connect(): Promise<void>;
  list(options: object): Promise<readonly Listed[]>;
  getQuota(path: string): Promise<Quota>;
  mailboxOpen(path: string): Promise<{ readonly mailboxId?: string; readonly exists: number }>;
  mailboxCreate(path: string): Promise<{ readonly created: boolean; readonly mailboxId?: string }>;
  mailboxRename(path: string, to: string): Promise<unknown>;
  status(path: string, query: object): Promise<{ readonly messages: number }>;
  append(path: string, message: Buffer, flags: readonly string[]): Promise<{ readonly uid?: number }>;
  fetchOne(uid: string, query: object, options: object): Promise<Fetched>;
  messageMove(uid: string, to: string, options: object): Promise<unknown>;
  logout(): Promise<void>;
}

const imapflow = fromBench<{ readonly ImapFlow: new (options: object) => Flow }>("imapflow");
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** A server where bob may have a mebibyte and nine messages. */
async function limited(): Promise<TestServer> {
  const server = await startTestServer();
  const limits = ["--storage", "1M", "--messages", "9", "--data", join(server.folder, "data")];
  const end = await runProgram(process.execPath, MAIN, "account", "quota", BOB, ...limits);
  assert.equal(end.status, 0, end.text);
  return server;
}

describe("imapflow and extensions", { skip: imapflow === undefined ? BENCH_MISSING : false }, () => {
  let server: TestServer;
  let client: Flow;
  before(async () => {
    server = await limited();
    client = new imapflow!.ImapFlow({
      host: "127.0.0.1",
      port: server.ports.imaps,
      secure: true,
      tls: { ca: await readFile(server.certificate), checkServerIdentity: () => undefined },
      auth: { user: BOB, pass: PASSWORD },
      logger: false,
    });
    await client.connect();
  });
  after(async () => {
    await client.logout();
    await server.stop();
  });

  it("compresses the connection, and large messages come through it unchanged", async () => {
    assert.ok(client._inflate !== undefined, "COMPRESS=DEFLATE is active");
    const large = Buffer.concat([sampleMessage("imapflow-large"), Buffer.from("0123456789abcdef\r\n".repeat(20_000))]);
    const { uid } = await client.append("INBOX", large, ["\\Seen"]);
    await client.mailboxOpen("INBOX");
    const { source } = await client.fetchOne(String(uid), { source: true }, { uid: true });
    assertSameBytes(source!, large);
  });

  it("is told the quota, and refused what goes beyond it", async () => {
    const { storage } = await client.getQuota("INBOX");
    assert.equal(storage?.limit, 1024 * 1024);
    assert.ok(storage.usage > 360_000 && storage.usage < 370_000, String(storage.usage));
    const most = Buffer.concat([sampleMessage("imapflow-most"), Buffer.alloc(700_000, "x\r\n")]);
    await assert.rejects(client.append("INBOX", most, []), { serverResponseCode: "OVERQUOTA" });
  });

  it("lists mailboxes with their figures at once", async () => {
    const all = await client.list({ statusQuery: { messages: true, unseen: true } });
    assert.equal(all.find(({ path }) => path === "INBOX")?.status?.messages, 1);
    assert.equal(all.find(({ specialUse }) => specialUse === "\\Sent")?.status?.messages, 0);
  });

  it("finds mailboxes and messages again by their names after they moved", async () => {
    const { mailboxId } = await client.mailboxCreate("Before");
    await client.mailboxRename("Before", "After");
    assert.ok(mailboxId !== undefined);
    assert.equal((await client.mailboxOpen("After")).mailboxId, mailboxId);
    await client.mailboxOpen("INBOX");
    const query = { emailId: true, threadId: true };
    const before = await client.fetchOne("*", query, {});
    await client.messageMove(String(before.uid), "After", { uid: true });
    await client.mailboxOpen("After");
    const moved = await client.fetchOne("*", query, {});
    assert.match(before.emailId!, /^M\d+$/);
    assert.deepEqual([moved.emailId, moved.threadId], [before.emailId, before.threadId]);
  });
});

describe("imaplib and extensions", { skip: missing("python3", "--version", /Python 3/) }, () => {
  let server: TestServer;
  before(async () => {
    server = await limited();
  });
  after(() => server.stop());

  it("appends several messages at once, puts messages together, reads parts without their encoding", async () => {
    const script = fileURLToPath(new URL("python/extensions.py", import.meta.url));
    const end = await runProgram("python3", script, String(server.ports.imaps), server.certificate);
    assert.equal(end.status, 0, end.text);
    assert.deepEqual(JSON.parse(end.stdout.toString()), {
      "appended UIDs": "1:3",
      together: "Subject: a\r\n\r\none\r\ntwo\r\n",
      "decoded part": "\u0000\u0001\u0002\u00ff",
      "bad URL": "NO BADURL",
      "too many": "NO OVERQUOTA",
      quota: '"" (STORAGE 1 1024 MESSAGE 5 9)',
      preview: "one",
      "special use": true,
      "lost subscription": true,
    });
  });
});

describe("curl and extensions", { skip: missing("curl", "--version", /imaps/) }, () => {
  let server: TestServer;
  before(async () => {
    server = await limited();
  });
  after(() => server.stop());

  it("asks for what it names", async () => {
    const path = await server.file("curl.eml", sampleMessage("curl-extensions"));
    const curl = (folder: string, ...more: readonly string[]) =>
      runProgram(
        ...([
          "curl",
          "-sS",
          "--cacert",
          server.certificate,
          "--resolve",
          `localhost:${server.ports.imaps}:127.0.0.1`,
        ] as const),
        `imaps://localhost:${server.ports.imaps}/${folder}`,
        ...["--user", `${BOB}:${PASSWORD}`, ...more],
      );
    const appended = await curl("INBOX", "-T", path);
    assert.equal(appended.status, 0, appended.text);
    const rows: readonly (readonly [folder: string, command: string, answer: RegExp])[] = [
      ["", "GETQUOTAROOT INBOX", /\* QUOTAROOT "INBOX" ""\r\n\* QUOTA "" \(STORAGE \d 1024 MESSAGE 1 9\)/],
      ["", "STATUS INBOX (MESSAGES SIZE MAILBOXID)", /\* STATUS "INBOX" \(MESSAGES 1 SIZE \d+ MAILBOXID \(F\d+\)\)/],
      [
        "INBOX",
        "FETCH 1 (EMAILID THREADID SAVEDATE PREVIEW (LAZY) BINARY.SIZE[1])",
        /EMAILID \(M\d+\) THREADID \(T\d+\) SAVEDATE "/,
      ],
      ["", 'LIST (SUBSCRIBED) "" (INBOX Sent)', /\* LIST \(\\HasNoChildren \\Sent \\Subscribed\) "\/" "Sent"/],
      ["INBOX", "SEARCH SAVEDATESUPPORTED NOT EMAILID M999999", /\* SEARCH 1\r\n/],
    ];
    for (const [folder, command, answer] of rows) {
      const end = await curl(folder, "-X", command);
      assert.match(end.text, answer, command);
    }
  });
});

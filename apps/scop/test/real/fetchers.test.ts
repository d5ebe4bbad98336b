import assert from "node:assert/strict";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ImapClient } from "../../crash/imap-client.ts";
import { appendAll, imapOf, mailOf } from "./imap-mail.ts";
import { maildirMessages } from "./maildir.ts";
import { missing, type ProgramEnd, runProgram } from "./program.ts";
import { assertSameBelowTrace, sampleMessage } from "./sample.ts";
import { ALICE, arrivedAtBob, BOB, PASSWORD, startTestServer, type TestServer } from "./server.ts";

/** Messages that each program fetches. */
const MESSAGES = 20;

/** getmail does not deliver as root, but as somebody else. */
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;

const messages = (marker: string): readonly Buffer[] =>
  Array.from({ length: MESSAGES }, (_, index) => sampleMessage(`${marker}-${index}-end`));

/** What a server or a program put in front is cut off; each message is there once. */
function assertAllThere(found: readonly Buffer[], expected: readonly Buffer[]): void {
  assert.equal(found.length, expected.length);
  for (const message of expected) {
    const marker = /^Message-ID: <([^@]*)@/m.exec(message.toString("latin1"))![1]!;
    const same = found.filter(each => each.includes(`<${marker}@`));
    assert.equal(same.length, 1, marker);
    assertSameBelowTrace(same[0]!, message);
  }
}

let server: TestServer;
let client: ImapClient;
before(async () => {
  server = await startTestServer();
  client = await imapOf(server, ALICE);
});
after(async () => {
  client?.close();
  await server?.stop();
});

describe("fetchmail", { skip: missing("fetchmail", "--version", /fetchmail release/) }, () => {
  const fetch = async (...options: readonly string[]): Promise<ProgramEnd> => {
    const rc = join(server.folder, "fetchmailrc");
    const where = `poll localhost protocol imap port ${server.ports.imaps}`;
    const who = `user "${ALICE}" password "${PASSWORD}" is "${BOB}" here`;
    const tls = `ssl sslproto "auto" sslcertck sslcertfile "${server.certificate}"`;
    await writeFile(rc, `${where}\n${who}\n${tls}\nsmtphost 127.0.0.1/${server.ports.smtp}\n`);
    await chmod(rc, 0o600);
    const own = ["--pidfile", join(server.folder, "fetchmail.pid"), "--idfile", join(server.folder, "fetchids")];
    return runProgram("fetchmail", "--fetchmailrc", rc, ...own, ...options);
  };

  it("fetches what is new from one account by IMAP, and gives it to the other by SMTP", async () => {
    const sent = messages("fetchmail");
    await appendAll(client, "INBOX", sent);
    const end = await fetch("--keep");
    assert.equal(end.status, 0, end.text);
    await arrivedAtBob(server, `fetchmail-${MESSAGES - 1}-end`);
    const bob = await imapOf(server, BOB);
    assertAllThere(
      (await mailOf(bob, "INBOX")).map(({ bytes }) => bytes),
      sent,
    );
    bob.close();
    assert.ok((await mailOf(client, "INBOX")).every(({ flags }) => flags.includes("\\Seen")));
  });

  it("finds nothing new the second time", async () => {
    const NOTHING_NEW = 1;
    assert.equal((await fetch("--keep")).status, NOTHING_NEW);
  });

  it("deletes what it fetched, where it is told to", async () => {
    assert.equal((await fetch("--nokeep", "--fetchall")).status, 0);
    assert.deepEqual(await mailOf(client, "INBOX"), []);
  });
});

describe("getmail", { skip: missing("getmail", "--version", /getmail/) }, () => {
  const get = async (maildir: string, more: string): Promise<ProgramEnd> => {
    const rc = join(server.folder, "getmailrc");
    await writeFile(rc, getmailConfiguration(maildir, more));
    return runProgram("getmail", `--getmaildir=${server.folder}`, `--rcfile=${rc}`);
  };

  it("fetches every mailbox that it is told to, once", async () => {
    const maildir = join(server.folder, "got");
    for (const name of ["cur", "new", "tmp"]) await mkdir(join(maildir, name), { recursive: true });
    await chmod(server.folder, 0o755);
    for (const name of ["", "cur", "new", "tmp"]) if (isRoot) await chown(join(maildir, name), NOBODY, NOBODY);
    const sent = messages("getmail");
    await appendAll(client, "INBOX", sent.slice(0, MESSAGES / 2));
    await appendAll(client, "Archive", sent.slice(MESSAGES / 2));
    for (let time = 1; time <= 2; time += 1) {
      const end = await get(maildir, "read_all = false\ndelete = false\n");
      assert.equal(end.status, 0, end.text);
      assertAllThere((await maildirMessages(maildir)).map(withoutOrigin), sent);
    }
  });

  it("deletes what it fetched, where it is told to", async () => {
    const end = await get(join(server.folder, "got"), "read_all = true\ndelete = true\n");
    assert.equal(end.status, 0, end.text);
    assert.deepEqual(await mailOf(client, "INBOX"), []);
    assert.deepEqual(await mailOf(client, "Archive"), []);
  });
});

/** getmail adds a field that says where the message was. */
function withoutOrigin(message: Buffer): Buffer {
  const text = message.toString("latin1");
  return Buffer.from(text.replace(/^X-getmail-retrieved-from-mailbox: .*\r\n/m, ""), "latin1");
}

function getmailConfiguration(maildir: string, options: string): string {
  return `[retriever]
type = SimpleIMAPSSLRetriever
server = localhost
port = ${server.ports.imaps}
username = ${ALICE}
password = ${PASSWORD}
ca_certs = ${server.certificate}
mailboxes = ("INBOX", "Archive")

[destination]
type = Maildir
path = ${maildir}/
${isRoot ? "user = nobody" : ""}

[options]
verbose = 1
message_log_verbose = false
delivered_to = false
received = false
${options}`;
}

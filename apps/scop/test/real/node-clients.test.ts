import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { BENCH_MISSING, fromBench } from "./program.ts";
import { assertSameBelowTrace, assertSameBytes, sampleMessage } from "./sample.ts";
import { ALICE, arrivedAtBob, BOB, PASSWORD, startTestServer, type TestServer } from "./server.ts";

interface Envelope {
  readonly from: string;
  readonly to: string;
}
interface Transport {
  sendMail(mail: {
    readonly envelope: Envelope;
    readonly raw: Buffer;
  }): Promise<{ readonly accepted: readonly string[] }>;
  close(): void;
}
interface Nodemailer {
  createTransport(options: object): Transport;
}
interface Lock {
  release(): void;
}
interface Flow {
  connect(): Promise<void>;
  list(): Promise<readonly { readonly path: string }[]>;
  getMailboxLock(name: string): Promise<Lock>;
  search(query: object, options: object): Promise<readonly number[]>;
  fetchOne(uid: string, query: object, options: object): Promise<{ readonly source: Buffer }>;
  append(mailbox: string, message: Buffer, flags: readonly string[]): Promise<{ readonly uid?: number }>;
  messageFlagsAdd(uid: string, flags: readonly string[], options: object): Promise<boolean>;
  messageDelete(uid: string, options: object): Promise<boolean>;
  logout(): Promise<void>;
}
interface ImapFlowModule {
  readonly ImapFlow: new (options: object) => Flow;
}

const nodemailer = fromBench<Nodemailer>("nodemailer");
const imapflow = fromBench<ImapFlowModule>("imapflow");

describe("nodemailer", { skip: nodemailer === undefined ? BENCH_MISSING : false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());

  const send = async (port: number, to: string, raw: Buffer, pass?: string): Promise<readonly string[]> => {
    const tls = { ca: await readFile(server.certificate), checkServerIdentity: () => undefined };
    const auth = pass === undefined ? {} : { auth: { user: ALICE, pass } };
    const transport = nodemailer!.createTransport({ host: "127.0.0.1", port, requireTLS: true, tls, ...auth });
    try {
      return (await transport.sendMail({ envelope: { from: ALICE, to }, raw })).accepted;
    } finally {
      transport.close();
    }
  };

  it("submits after STARTTLS and login; bob reads the same bytes", async () => {
    const raw = sampleMessage("nodemailer-submits");
    assert.deepEqual(await send(server.ports.submission, BOB, raw, PASSWORD), [BOB]);
    assertSameBelowTrace(await arrivedAtBob(server, "nodemailer-submits"), raw);
  });

  it("is refused an unknown recipient, relay, and a wrong password", async () => {
    const raw = sampleMessage("nodemailer-refused");
    const { smtp, submission } = server.ports;
    await assert.rejects(send(submission, "nobody@scop.test", raw, PASSWORD), {
      responseCode: 550,
      command: "RCPT TO",
    });
    await assert.rejects(send(smtp, "eve@outside.example", raw), { command: "RCPT TO" });
    await assert.rejects(send(submission, BOB, raw, "wrong"), { responseCode: 535 });
  });
});

describe("imapflow", { skip: imapflow === undefined || nodemailer === undefined ? BENCH_MISSING : false }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());

  for (const secure of [true, false]) {
    it(`appends, finds, reads, flags and deletes with ${secure ? "IMAPS" : "STARTTLS"}`, async () => {
      const client = new imapflow!.ImapFlow({
        host: "127.0.0.1",
        port: secure ? server.ports.imaps : server.ports.imap,
        secure,
        doSTARTTLS: !secure,
        tls: { ca: await readFile(server.certificate), checkServerIdentity: () => undefined },
        auth: { user: BOB, pass: PASSWORD },
        logger: false,
      });
      await client.connect();
      try {
        await useMailbox(client, `imapflow-${secure ? "tls" : "starttls"}`);
      } finally {
        await client.logout();
      }
    });
  }

  const useMailbox = async (client: Flow, marker: string): Promise<void> => {
    const sent = sampleMessage(marker);
    assert.ok((await client.list()).some(({ path }) => path === "INBOX"));
    await client.append("INBOX", sent, ["\\Seen"]);
    assertSameBytes(await arrivedAtBob(server, marker), sent);
    const lock = await client.getMailboxLock("INBOX");
    try {
      const [uid] = await client.search({ header: { "message-id": marker } }, { uid: true });
      const byUid = { uid: true };
      const { source } = await client.fetchOne(String(uid), { source: true }, byUid);
      assertSameBytes(source, sent);
      assert.equal(await client.messageFlagsAdd(String(uid), ["\\Flagged"], byUid), true);
      assert.deepEqual(await client.search({ flagged: true, header: { "message-id": marker } }, byUid), [uid]);
      assert.equal(await client.messageDelete(String(uid), byUid), true);
      assert.deepEqual(await client.search({ header: { "message-id": marker } }, byUid), []);
    } finally {
      lock.release();
    }
  };
});

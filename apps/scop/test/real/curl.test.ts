import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { missing, type ProgramEnd, runProgram } from "./program.ts";
import { assertSameBelowTrace, assertSameBytes, sampleMessage } from "./sample.ts";
import { ALICE, arrivedAtBob, BOB, PASSWORD, startTestServer, type TestServer } from "./server.ts";

/** curl's exit status when a login is refused, when sending is, and when TLS was required and not there. */
const LOGIN_DENIED = 67;
const SEND_ERROR = 55;

describe("curl", { skip: missing("curl", "--version", /\bsmtp\b/) }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());

  const curl = (...more: readonly string[]): Promise<ProgramEnd> =>
    runProgram("curl", "--silent", "--show-error", "--cacert", server.certificate, "--ssl-reqd", ...more);
  const send = async (port: number, to: string, marker: string, ...more: readonly string[]): Promise<ProgramEnd> => {
    const path = await server.file(`${marker}.eml`, sampleMessage(marker));
    const envelope = ["--mail-from", ALICE, "--mail-rcpt", to, "--upload-file", path];
    return curl(`smtp://127.0.0.1:${port}/client.outside.example`, ...envelope, ...more);
  };

  it("submits after STARTTLS and login; bob reads the same bytes", async () => {
    const end = await send(server.ports.submission, BOB, "curl-submission", "--user", `${ALICE}:${PASSWORD}`);
    assert.equal(end.status, 0, end.text);
    assertSameBelowTrace(await arrivedAtBob(server, "curl-submission"), sampleMessage("curl-submission"));
  });

  it("reads what arrived, by IMAP with STARTTLS and by IMAPS", async () => {
    const sent = await send(server.ports.smtp, BOB, "curl-reads");
    assert.equal(sent.status, 0, sent.text);
    const stored = await arrivedAtBob(server, "curl-reads");
    for (const origin of [`imap://127.0.0.1:${server.ports.imap}`, `imaps://127.0.0.1:${server.ports.imaps}`]) {
      const found = await curl(`${origin}/INBOX?HEADER%20SUBJECT%20curl-reads`, "--user", `${BOB}:${PASSWORD}`);
      assert.equal(found.status, 0, found.text);
      const number = /\* SEARCH (\d+)/.exec(found.text)?.[1];
      assert.ok(number !== undefined, found.text);
      const read = await curl(`${origin}/INBOX;MAILINDEX=${number}`, "--user", `${BOB}:${PASSWORD}`);
      assert.equal(read.status, 0, read.text);
      assertSameBytes(read.stdout, stored);
    }
  });

  it("appends to a mailbox and reads the same bytes", async () => {
    const message = sampleMessage("curl-append");
    const path = await server.file("curl-append.eml", message);
    const login = ["--user", `${BOB}:${PASSWORD}`];
    const end = await curl(`imaps://127.0.0.1:${server.ports.imaps}/INBOX`, ...login, "--upload-file", path);
    assert.equal(end.status, 0, end.text);
    const stored = await arrivedAtBob(server, "curl-append");
    assertSameBytes(stored, message);
  });

  it("is refused an unknown recipient and a wrong password", async () => {
    const unknown = await send(server.ports.smtp, "nobody@scop.test", "curl-unknown");
    assert.equal(unknown.status, SEND_ERROR, unknown.text);
    assert.match(unknown.text, /RCPT failed: 550/);
    const wrong = await send(server.ports.submission, BOB, "curl-wrong", "--user", `${ALICE}:wrong`);
    assert.equal(wrong.status, LOGIN_DENIED, wrong.text);
    const imap = await curl(`imaps://127.0.0.1:${server.ports.imaps}/`, "--user", `${BOB}:wrong`);
    assert.equal(imap.status, LOGIN_DENIED, imap.text);
  });

  it("is refused relay without login", async () => {
    const end = await send(server.ports.smtp, "eve@outside.example", "curl-relay");
    assert.equal(end.status, SEND_ERROR, end.text);
    assert.match(end.text, /RCPT failed: 55\d/);
  });
});

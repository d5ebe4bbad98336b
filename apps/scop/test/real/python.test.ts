import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { missing, runProgram } from "./program.ts";
import { assertSameBelowTrace, sampleMessage } from "./sample.ts";
import { arrivedAtBob, startTestServer, type TestServer } from "./server.ts";

const script = (name: string): string => fileURLToPath(new URL(`python/${name}`, import.meta.url));

describe("Python's smtplib and imaplib", { skip: missing("python3", "--version", /Python 3/) }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());

  it("submit, and are told what a stranger and a mistyped address are told", async () => {
    const sent = sampleMessage("smtplib-submit");
    const path = await server.file("smtplib.eml", sent);
    const end = await runProgram(
      "python3",
      script("submit.py"),
      String(server.ports.submission),
      server.certificate,
      path,
    );
    assert.equal(end.status, 0, end.text);
    assert.deepEqual(JSON.parse(end.stdout.toString()), {
      "auth before TLS": false,
      "mail before TLS": 530,
      "auth after TLS": true,
      "wrong password": 535,
      refused: {},
      "unknown recipient": 550,
    });
    assertSameBelowTrace(await arrivedAtBob(server, "smtplib-submit"), sent);
  });

  for (const kind of ["starttls", "tls"] as const) {
    it(`read, flag and append with ${kind}`, async () => {
      const marker = `imaplib-${kind}`;
      const sent = sampleMessage(marker);
      const path = await server.file(`${marker}.eml`, sent);
      const submission = String(server.ports.submission);
      const submitted = await runProgram("python3", script("submit.py"), submission, server.certificate, path);
      assert.equal(submitted.status, 0, submitted.text);
      const port = String(kind === "tls" ? server.ports.imaps : server.ports.imap);
      const end = await runProgram("python3", script("read.py"), port, server.certificate, marker, kind);
      assert.equal(end.status, 0, end.text);
      assertSameBelowTrace(end.stdout, sent);
    });
  }
});

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { missing, type ProgramEnd, runProgram } from "./program.ts";
import { assertSameBelowTrace, sampleMessage } from "./sample.ts";
import { ALICE, arrivedAtBob, BOB, PASSWORD, startTestServer, type TestServer } from "./server.ts";

/** swaks' exit status when a recipient is refused, when MAIL is, and when AUTH is not possible. */
const REFUSED_RECIPIENT = 24;
const REFUSED_SENDER = 23;
const NO_AUTH = 28;

describe("swaks", { skip: missing("swaks", "--support", /TLS supported/) }, () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.stop());

  const swaks = (port: number, to: string, ...more: readonly string[]): Promise<ProgramEnd> => {
    const envelope = ["--helo", "client.outside.example", "--from", ALICE, "--to", to];
    return runProgram("swaks", "--server", "127.0.0.1", "--port", String(port), ...envelope, ...more);
  };
  // swaks ends what it sends with a CRLF of its own.
  const fileOf = (marker: string): Promise<string> =>
    server.file(`${marker}.eml`, sampleMessage(marker).subarray(0, -"\r\n".length));
  const login = (kind: string): readonly string[] => [
    ...["--tls", "--tls-verify", "--tls-ca-path", server.certificate],
    ...["--auth", kind, "--auth-user", ALICE, "--auth-password", PASSWORD],
  ];

  for (const kind of ["PLAIN", "LOGIN"]) {
    it(`submits after STARTTLS and AUTH ${kind}; bob reads the same bytes`, async () => {
      const marker = `swaks-${kind.toLowerCase()}`;
      const end = await swaks(server.ports.submission, BOB, ...login(kind), "--data", `@${await fileOf(marker)}`);
      assert.equal(end.status, 0, end.text);
      assertSameBelowTrace(await arrivedAtBob(server, marker), sampleMessage(marker));
    });
  }

  it("delivers from outside to a local account without login", async () => {
    const data = `@${await fileOf("swaks-mx")}`;
    const end = await swaks(server.ports.smtp, BOB, "--from", "eve@outside.example", "--data", data);
    assert.equal(end.status, 0, end.text);
    assertSameBelowTrace(await arrivedAtBob(server, "swaks-mx"), sampleMessage("swaks-mx"));
  });

  it("is refused an unknown recipient at RCPT, on both ports", async () => {
    const outside = await swaks(server.ports.smtp, "nobody@scop.test", "--quit-after", "RCPT");
    assert.equal(outside.status, REFUSED_RECIPIENT, outside.text);
    assert.match(outside.text, /<\*\* 550 /);
    const inside = await swaks(server.ports.submission, "nobody@scop.test", ...login("PLAIN"), "--quit-after", "RCPT");
    assert.equal(inside.status, REFUSED_RECIPIENT, inside.text);
    assert.match(inside.text, /<~\* 550 /);
  });

  it("is refused relay without login", async () => {
    const end = await swaks(server.ports.smtp, "eve@outside.example", "--quit-after", "RCPT");
    assert.equal(end.status, REFUSED_RECIPIENT, end.text);
    assert.match(end.text, /<\*\* 55\d /);
  });

  it("is refused submission without login, before and after STARTTLS", async () => {
    for (const more of [[], ["--tls"]]) {
      const end = await swaks(server.ports.submission, BOB, ...more);
      assert.equal(end.status, REFUSED_SENDER, end.text);
      assert.match(end.text, /53\d /);
    }
  });

  it("is not offered AUTH before STARTTLS", async () => {
    const end = await swaks(server.ports.submission, BOB, "--auth", "PLAIN", "-au", ALICE, "-ap", PASSWORD);
    assert.equal(end.status, NO_AUTH, end.text);
  });

  it("is refused a wrong password", async () => {
    const wrong = login("PLAIN").map(argument => (argument === PASSWORD ? "wrong" : argument));
    const end = await swaks(server.ports.submission, BOB, ...wrong);
    assert.equal(end.status, NO_AUTH, end.text);
    assert.match(end.text, /535 /);
  });
});

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ImapClient, runOk } from "../../crash/imap-client.ts";
import { appendAll, imapOf, mailOf } from "./imap-mail.ts";
import { missing, type ProgramEnd, runProgram } from "./program.ts";
import { assertSameBelowTrace, sampleMessage } from "./sample.ts";
import { ALICE, arrivedAtBob, BOB, PASSWORD, startTestServer, type TestServer } from "./server.ts";

const skip = missing("neomutt", "-v", /\+.*sasl|imap/i) || missing("script", "--version", /script/);

describe("neomutt, scripted", { skip }, () => {
  let server: TestServer;
  let client: ImapClient;
  before(async () => {
    server = await startTestServer();
    client = await imapOf(server, BOB);
    await mkdir(join(server.folder, "home"));
    await writeFile(join(server.folder, ALICE), configuration(server, ALICE));
  });
  after(async () => {
    client?.close();
    await server?.stop();
  });

  const environment = (): readonly string[] => ["env", `HOME=${join(server.folder, "home")}`, "TERM=xterm"];
  /** Opens the INBOX in a terminal and presses keys, by the names of what they do. */
  const press = async (who: string, keys: string, settings = ""): Promise<ProgramEnd> => {
    const rc = join(server.folder, "neomuttrc");
    await writeFile(rc, `${configuration(server, who)}${settings}\npush "${keys}"\n`);
    const line = [...environment(), "neomutt", "-n", "-F", rc].join(" ");
    const end = await runProgram("script", "--quiet", "--return", "--command", line, join(server.folder, "typescript"));
    assert.equal(end.status, 0, end.text);
    return end;
  };

  it("sends a text with a file, by submission with STARTTLS and login", async () => {
    const body = await server.file("body", Buffer.from("neomutt-sends\n.\nGr\u00fc\u00dfe\n"));
    const file = await server.file(
      "file.bin",
      Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 7) % 256)),
    );
    const program = `neomutt -n -F '${join(server.folder, ALICE)}' -s 'a file' -a '${file}' -- ${BOB} < '${body}'`;
    const end = await runProgram("sh", "-c", `${environment().join(" ")} ${program}`);
    assert.equal(end.status, 0, end.text);
    const arrived = (await arrivedAtBob(server, "neomutt-sends")).toString("latin1");
    assert.match(arrived, /^Subject: a file\r$/m);
    assert.match(arrived, /^From: .*alice@scop\.test/m);
    const base64 = /filename="?file\.bin"?\r\nContent-Transfer-Encoding: base64\r\n\r\n([A-Za-z0-9+/=\r\n]*)/.exec(
      arrived,
    )?.[1];
    assert.ok(base64 !== undefined, arrived);
    assert.equal(Buffer.from(base64, "base64").length, 5_000);
  });

  it("flags, deletes and saves to another mailbox", async () => {
    await runOk(client, "SELECT INBOX");
    await runOk(client, "UID STORE 1:* +FLAGS.SILENT (\\Deleted)");
    await runOk(client, "EXPUNGE");
    const messages = ["first", "second", "third", "fourth"].map(sampleMessage);
    await appendAll(client, "INBOX", messages);
    await press(
      BOB,
      "<first-entry><flag-message><next-entry><delete-message><next-entry><save-message>=Archive<enter><sync-mailbox><quit>",
    );
    const inbox = await mailOf(client, "INBOX");
    assert.deepEqual(
      inbox.map(({ bytes, flags }) => [bytes.toString("latin1"), flags.includes("\\Flagged")]),
      [
        [messages[0]!.toString("latin1"), true],
        [messages[3]!.toString("latin1"), false],
      ],
    );
    const archive = await mailOf(client, "Archive");
    assert.deepEqual(
      archive.map(({ bytes }) => bytes.toString("latin1")),
      [messages[2]!.toString("latin1")],
    );
  });

  it("answers a message, marks it as answered and keeps what it sent", async () => {
    const settings = "set editor=true abort_unmodified=no fast_reply=yes include=no";
    await press(BOB, "<first-entry><reply><send-message><quit>", settings);
    const [first] = await mailOf(client, "INBOX");
    assert.ok(first?.flags.includes("\\Answered"), String(first?.flags));
    const sent = await mailOf(client, "Sent");
    assert.equal(sent.length, 1);
    const alice = await imapOf(server, ALICE);
    const [answer] = await mailOf(alice, "INBOX");
    alice.close();
    assert.match(answer!.bytes.toString("latin1"), /^In-Reply-To: <first@scop\.test>\r$/m);
    assertSameBelowTrace(undated(answer!.bytes), undated(sent[0]!.bytes));
  });
});

/** neomutt writes the copy that it keeps a moment after the message itself, and counts its lines. */
function undated(message: Buffer): Buffer {
  return Buffer.from(
    message.toString("latin1").replace(/^(?:Date|Lines|Content-Length|Status): .*\r\n/gm, ""),
    "latin1",
  );
}

function configuration(server: TestServer, who: string): string {
  return `set folder="imaps://localhost:${server.ports.imaps}/"
set imap_user="${who}" imap_pass="${PASSWORD}"
set spoolfile="+INBOX" record="+Sent" postponed="+Drafts" trash=""
# Of the mechanisms it picks the one with a channel binding, which it then does not have
set smtp_authenticators="plain"
set smtp_url="smtp://${who}@localhost:${server.ports.submission}/" smtp_pass="${PASSWORD}"
set ssl_starttls=yes ssl_force_tls=yes ssl_verify_host=no certificate_file="${server.certificate}"
set from="${who}" use_from=yes envelope_from=yes hostname="client.example"
set quit=yes delete=yes move=no wait_key=no confirmappend=no sort=mailbox-order mark_old=no resolve=no
`;
}

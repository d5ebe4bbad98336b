import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ImapClient, runOk } from "../../crash/imap-client.ts";
import { appendAll, imapOf, mailOf } from "./imap-mail.ts";
import { missing, type ProgramEnd, runProgram } from "./program.ts";
import { sampleMessage } from "./sample.ts";
import { ALICE, PASSWORD, startTestServer, type TestServer } from "./server.ts";

/** In all, half of them on each side at first; `SCOP_MBSYNC_MESSAGES` says another number. */
const MESSAGES = Number(process.env["SCOP_MBSYNC_MESSAGES"] ?? 2_000);
/** Of each side: so many are flagged, so many deleted. */
const CHANGED = Math.floor(MESSAGES / 10);

/** One message as both sides have to have it: what stands in it is a key, its flags in the letters of Maildir. */
type Mailbox = ReadonlyMap<string, { readonly flags: string; readonly text: string }>;

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["\\Draft", "D"],
  ["\\Flagged", "F"],
  ["\\Answered", "R"],
  ["\\Seen", "S"],
  ["\\Deleted", "T"],
]);

describe(`mbsync, ${MESSAGES} messages`, { skip: missing("mbsync", "--version", /isync/) }, () => {
  let server: TestServer;
  let client: ImapClient;
  let near: string;
  before(async () => {
    server = await startTestServer();
    client = await imapOf(server, ALICE);
    near = join(server.folder, "near");
    await makeMaildir(join(near, "INBOX"));
    await server.file("mbsyncrc", Buffer.from(configuration(server, near)));
  });
  after(async () => {
    client?.close();
    await server?.stop();
  });

  const sync = async (): Promise<ProgramEnd> => {
    const end = await runProgram("mbsync", "-c", join(server.folder, "mbsyncrc"), "-a");
    assert.equal(end.status, 0, end.text);
    return end;
  };
  const assertSame = async (mailbox: string, expected: number): Promise<Mailbox> => {
    const [far, local] = [await farMailbox(client, mailbox), await nearMailbox(join(near, mailbox))];
    assert.equal(far.size, expected);
    assert.deepEqual([...local.keys()].sort(), [...far.keys()].sort());
    for (const [key, message] of far) assert.deepEqual(local.get(key), message);
    return far;
  };

  it("carries the messages of each side to the other", async () => {
    const messages = Array.from({ length: MESSAGES }, (_, index) => sampleMessage(`m${index}`));
    await appendAll(client, "INBOX", messages.slice(0, MESSAGES / 2));
    for (const [index, message] of messages.slice(MESSAGES / 2).entries()) {
      const unix = message.toString("latin1").replaceAll("\r\n", "\n");
      await writeFile(join(near, "INBOX/cur", `${index}.near:2,S`), unix, "latin1");
    }
    await sync();
    const both = await assertSame("INBOX", MESSAGES);
    for (const [index, message] of messages.entries()) {
      assert.equal(both.get(`m${index}`)?.text, message.toString("latin1"), `m${index}`);
    }
  });

  it("carries flags and deletions of both sides", async () => {
    await runOk(client, "SELECT INBOX");
    await runOk(client, `STORE 1:${CHANGED} +FLAGS.SILENT (\\Flagged \\Answered)`);
    await runOk(client, `STORE ${CHANGED + 1}:${2 * CHANGED} +FLAGS.SILENT (\\Deleted)`);
    await runOk(client, "EXPUNGE");
    const names = (await readdir(join(near, "INBOX/cur"))).filter(name => name.includes(".near")).sort();
    for (const name of names.slice(0, CHANGED)) {
      await rename(join(near, "INBOX/cur", name), join(near, "INBOX/cur", name.replace(/:2,.*$/, ":2,FRS")));
    }
    for (const name of names.slice(CHANGED, 2 * CHANGED)) await rm(join(near, "INBOX/cur", name));
    await sync();
    const both = await assertSame("INBOX", MESSAGES - 2 * CHANGED);
    const flags = Map.groupBy(both.values(), message => message.flags);
    assert.equal(flags.get("FR")?.length, CHANGED);
    assert.equal(flags.get("FRS")?.length, CHANGED);
  });

  it("does nothing where nothing changed", async () => {
    const before = await assertSame("INBOX", MESSAGES - 2 * CHANGED);
    await sync();
    assert.deepEqual(await assertSame("INBOX", MESSAGES - 2 * CHANGED), before);
  });

  it("creates mailboxes of either side on the other, whatever their names (mbsync leaves them in modified UTF-7)", async () => {
    await runOk(client, 'CREATE "Projekte/Gr&APwA3w-e"');
    await appendAll(client, '"Projekte/Gr&APwA3w-e"', [sampleMessage("far")]);
    await makeMaildir(join(near, "Here/Sub folder"));
    await writeFile(
      join(near, "Here/Sub folder/new/1.near"),
      sampleMessage("near").toString("latin1").replaceAll("\r\n", "\n"),
    );
    await sync();
    assert.equal(
      (await farMailbox(client, '"Here/Sub folder"')).get("near")?.text,
      sampleMessage("near").toString("latin1"),
    );
    assert.equal(
      (await nearMailbox(join(near, "Projekte/Gr&APwA3w-e"))).get("far")?.text,
      sampleMessage("far").toString("latin1"),
    );
  });

  it("moves a message on the server, and has it in the other mailbox", async () => {
    await runOk(client, "SELECT INBOX");
    await runOk(client, "MOVE 1 Archive");
    await sync();
    await assertSame("INBOX", MESSAGES - 2 * CHANGED - 1);
    await assertSame("Archive", 1);
  });
});

async function makeMaildir(path: string): Promise<void> {
  for (const name of ["cur", "new", "tmp"]) await mkdir(join(path, name), { recursive: true });
}

async function farMailbox(client: ImapClient, mailbox: string): Promise<Mailbox> {
  const mail = await mailOf(client, mailbox);
  return new Map(
    mail.map(({ flags, bytes }) => {
      const letters = flags.map(flag => LETTERS.get(flag) ?? flag).sort();
      return entryOf(bytes.toString("latin1"), letters.join(""));
    }),
  );
}

async function nearMailbox(path: string): Promise<Mailbox> {
  const found: [string, { readonly flags: string; readonly text: string }][] = [];
  for (const folder of ["cur", "new"]) {
    for (const name of await readdir(join(path, folder))) {
      const text = (await readFile(join(path, folder, name), "latin1")).replaceAll("\n", "\r\n");
      found.push(entryOf(text, /:2,(.*)$/.exec(name)?.[1] ?? ""));
    }
  }
  return new Map(found);
}

/** mbsync marks what it carries with a field of its own, by which it finds it again. */
function entryOf(text: string, flags: string): [string, { readonly flags: string; readonly text: string }] {
  const key = /^Message-ID: <([^@]*)@/m.exec(text)?.[1];
  assert.ok(key !== undefined, "each message has its number");
  return [key, { flags, text: text.replace(/^X-TUID: .*\r\n/m, "") }];
}

function configuration(server: TestServer, near: string): string {
  return `FSync no

IMAPAccount scop
Host localhost
Port ${server.ports.imaps}
User ${ALICE}
Pass ${PASSWORD}
SSLType IMAPS
CertificateFile ${server.certificate}

IMAPStore far
Account scop

MaildirStore near
Path ${near}/
Inbox ${near}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
`;
}

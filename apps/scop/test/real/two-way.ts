import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type ImapClient, runOk } from "../../crash/imap-client.ts";
import { appendAll, imapOf, mailOf } from "./imap-mail.ts";
import { type ProgramEnd, runProgram } from "./program.ts";
import { sampleMessage } from "./sample.ts";
import { ALICE, startTestServer, type TestServer } from "./server.ts";

/** A program that keeps a Maildir and the mail of a server the same. */
interface Synchroniser {
  readonly name: string;
  readonly skip: string | false;
  /** In all, half of them on each side at first. */
  readonly messages: number;
  /** Its configuration for alice's mail and this folder, in which each mailbox is a Maildir of its name. */
  configuration(server: TestServer, near: string): string;
  /** What to run, with the configuration in this file. */
  command(file: string): readonly [program: string, ...options: readonly string[]];
}

/** One message as both sides have to have it: its text, and its flags in the letters of Maildir. */
interface Held {
  readonly flags: string;
  readonly text: string;
}

/** By what stands in their Message-ID. */
type Mailbox = ReadonlyMap<string, Held>;

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["\\Draft", "D"],
  ["\\Flagged", "F"],
  ["\\Answered", "R"],
  ["\\Seen", "S"],
  ["\\Deleted", "T"],
]);

/** Tests both ways: new messages, flags, deletions and mailboxes of each side, and that nothing happens where nothing changed. */
export function twoWayTests(program: Synchroniser): void {
  const { name, skip, messages: count } = program;
  /** Of each side: so many are flagged, so many deleted. */
  const changed = Math.floor(count / 10);
  describe(`${name}, ${count} messages`, { skip }, () => {
    let server: TestServer;
    let client: ImapClient;
    let near: string;
    before(async () => {
      server = await startTestServer();
      client = await imapOf(server, ALICE);
      near = join(server.folder, "near");
      await makeMaildir(join(near, "INBOX"));
      await server.file("configuration", Buffer.from(program.configuration(server, near)));
    });
    after(async () => {
      client?.close();
      await server?.stop();
    });

    const sync = async (): Promise<ProgramEnd> => {
      const end = await runProgram(...program.command(join(server.folder, "configuration")));
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
      const messages = Array.from({ length: count }, (_, index) => sampleMessage(`m${index}`));
      await appendAll(client, "INBOX", messages.slice(0, count / 2));
      for (const [index, message] of messages.slice(count / 2).entries()) {
        const unix = message.toString("latin1").replaceAll("\r\n", "\n");
        await writeFile(join(near, "INBOX/cur", `${index}.near:2,S`), unix, "latin1");
      }
      await sync();
      const both = await assertSame("INBOX", count);
      for (const [index, message] of messages.entries()) {
        assert.equal(both.get(`m${index}`)?.text, message.toString("latin1"), `m${index}`);
      }
    });

    it("carries flags and deletions of both sides", async () => {
      await runOk(client, "SELECT INBOX");
      await runOk(client, `STORE 1:${changed} +FLAGS.SILENT (\\Flagged \\Answered)`);
      await runOk(client, `STORE ${changed + 1}:${2 * changed} +FLAGS.SILENT (\\Deleted)`);
      await runOk(client, "EXPUNGE");
      const files = await filesOf(join(near, "INBOX"));
      const own = [...files.keys()].filter(key => Number(key.slice(1)) >= count / 2);
      for (const key of own.slice(0, changed)) {
        const path = files.get(key)!;
        const flagged = `${basename(path).replace(/:2,.*$/, "")}:2,FRS`;
        await rename(path, join(dirname(path), "../cur", flagged));
      }
      for (const key of own.slice(changed, 2 * changed)) await rm(files.get(key)!);
      await sync();
      const both = await assertSame("INBOX", count - 2 * changed);
      const flags = Map.groupBy(both.values(), message => message.flags);
      assert.equal(flags.get("FR")?.length, changed);
      assert.equal(flags.get("FRS")?.length, changed);
    });

    it("does nothing where nothing changed", async () => {
      const before = await assertSame("INBOX", count - 2 * changed);
      await sync();
      assert.deepEqual(await assertSame("INBOX", count - 2 * changed), before);
    });

    it("creates mailboxes of either side on the other, whatever their names", async () => {
      await runOk(client, 'CREATE "Projekte/Gr&APwA3w-e"');
      await appendAll(client, '"Projekte/Gr&APwA3w-e"', [sampleMessage("far")]);
      const own = join(near, "Here/Sub folder");
      await makeMaildir(dirname(own));
      await makeMaildir(own);
      await writeFile(join(own, "new/1.near"), sampleMessage("near").toString("latin1").replaceAll("\r\n", "\n"));
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
      await assertSame("INBOX", count - 2 * changed - 1);
      await assertSame("Archive", 1);
    });
  });
}

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
  const files = await filesOf(path);
  return new Map(
    await Promise.all(
      [...files.values()].map(async file => entryOf(await textOf(file), /:2,(.*)$/.exec(file)?.[1] ?? "")),
    ),
  );
}

/** The files of a Maildir, by what stands in their Message-ID. */
async function filesOf(path: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const folder of ["cur", "new"]) {
    for (const name of await readdir(join(path, folder))) {
      const file = join(path, folder, name);
      found.set(keyOf(await textOf(file)), file);
    }
  }
  return found;
}

async function textOf(file: string): Promise<string> {
  return (await readFile(file, "latin1")).replaceAll("\n", "\r\n");
}

function keyOf(text: string): string {
  const key = /^Message-ID: <([^@]*)@/m.exec(text)?.[1];
  assert.ok(key !== undefined, "each message has its number");
  return key;
}

/** mbsync marks what it carries with a field of its own, by which it finds it again. */
function entryOf(text: string, flags: string): readonly [string, Held] {
  return [keyOf(text), { flags, text: text.replace(/^X-TUID: .*\r\n/m, "") }];
}

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runDovecot } from "../../../../../bench/peers/dovecot.ts";
import { type Completion, connectImap, type ImapClient, runOk } from "../../../crash/imap-client.ts";
import { missing } from "../program.ts";
import { ALICE, PASSWORD, startTestServer, type TestServer } from "../server.ts";
import { GROUPS } from "./command-groups.ts";
import type { CommandGroup } from "./commands.ts";
import { EXPLAINED, type Explained } from "./explained.ts";
import { MAILS } from "./mails.ts";
import { normalised } from "./normalise.ts";

/** Where two answers differ. */
type Difference = Omit<Explained, "reason">;

const skip =
  missing("dovecot", "--version", /^2\.3/) || (process.getuid?.() === 0 ? false : "Dovecot is started by root here");
const commands = GROUPS.reduce((sum, group) => sum + group.commands.length, 0);

describe(`${commands} commands, to us and to Dovecot`, { skip }, () => {
  let server: TestServer;
  let folder: string;
  let dovecot: Exclude<Awaited<ReturnType<typeof runDovecot>>, string>;
  let capabilities: readonly string[];
  const ours = async (): Promise<ImapClient> =>
    connectImap(server.ports.imaps, await readFile(server.certificate), ALICE, PASSWORD);
  const theirs = (): Promise<ImapClient> => connectImap(dovecot.port, dovecot.certificate, ALICE, PASSWORD);
  before(async () => {
    server = await startTestServer();
    folder = await mkdtemp(join(tmpdir(), "scop-dovecot-"));
    const started = await runDovecot(folder, SETTINGS);
    assert.ok(typeof started !== "string", String(started));
    dovecot = started;
    for (const client of [await ours(), await theirs()]) {
      for (const { flags, date, text } of MAILS) {
        const end = await client.run(`APPEND INBOX (${flags}) "${date}"`, Buffer.from(text, "latin1"));
        assert.ok(end.ok, end.text);
      }
      client.close();
    }
    const client = await ours();
    const { untagged } = await runOk(client, "CAPABILITY");
    capabilities = untagged[0]!.text.toUpperCase().split(" ");
    client.close();
  });
  after(async () => {
    await dovecot?.stop();
    await rm(folder, { recursive: true, force: true });
    await server?.stop();
  });

  for (const group of GROUPS) {
    it(group.name, async t => {
      if (group.needs !== undefined && !capabilities.includes(group.needs)) {
        t.skip(`we do not announce ${group.needs}`);
        return;
      }
      const [our, their] = [await ours(), await theirs()];
      try {
        const differences = await differencesIn(group, our, their);
        const explained = EXPLAINED.filter(each => each.group === group.name);
        const unexplained = differences.filter(each => !explained.some(known => isSame(known, each)));
        const gone = explained.filter(known => !differences.some(each => isSame(known, each)));
        assert.deepEqual(unexplained, [], "differences that are not explained");
        assert.deepEqual(gone, [], "explanations of what is no longer different");
      } finally {
        our.close();
        their.close();
      }
    });
  }
});

/** What every account of ours has, at the start and without being asked. */
const OWN_MAILBOXES = ["Archive", "Drafts", "Junk", "Sent", "Trash"];
const SETTINGS = `mail_location = sdbox:~/mail
namespace inbox {
  inbox = yes
  separator = /
  mailbox INBOX {
    auto = subscribe
  }
${OWN_MAILBOXES.map(name => `  mailbox ${name} {\n    auto = subscribe\n    special_use = \\${name}\n  }\n`).join("")}}
`;

function isSame(one: Difference, other: Difference): boolean {
  const key = ({ command, ours, dovecots }: Difference): string => JSON.stringify([command, ours, dovecots]);
  return key(one) === key(other);
}

async function differencesIn(group: CommandGroup, our: ImapClient, their: ImapClient): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  const said: readonly [ImapClient, Map<string, string>][] = [
    [our, new Map()],
    [their, new Map()],
  ];
  for (const command of group.commands) {
    const [ours = [], dovecots = []] = await Promise.all(
      said.map(([client, values]) => answerOf(client, command, values)),
    );
    const only = (these: readonly string[], those: readonly string[]): readonly string[] =>
      these.filter(line => !those.includes(line));
    const [onlyOurs, onlyTheirs] = [only(ours, dovecots), only(dovecots, ours)];
    if (onlyOurs.length + onlyTheirs.length === 0) continue;
    differences.push({ group: group.name, command, ours: onlyOurs, dovecots: onlyTheirs });
  }
  return differences;
}

/** The normalised answer; a connection that was closed is one too. */
async function answerOf(client: ImapClient, command: string, values: Map<string, string>): Promise<readonly string[]> {
  const text = command.replace(/\$(UIDVALIDITY|MODSEQ)\b/g, (_, name: string) => values.get(name) ?? "1");
  try {
    const answer = await client.run(text);
    remember(answer, values);
    return normalised(command, answer);
  } catch (error) {
    return [`closed: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function remember({ text, untagged }: Completion, values: Map<string, string>): void {
  const all = [...untagged.map(each => each.text), text].join("\n");
  const uidValidity = [...all.matchAll(/\[UIDVALIDITY (\d+)\]/g)].at(-1)?.[1];
  const modSeq = [...all.matchAll(/HIGHESTMODSEQ (\d+)/g)].at(-1)?.[1];
  if (uidValidity !== undefined) values.set("UIDVALIDITY", uidValidity);
  if (modSeq !== undefined) values.set("MODSEQ", modSeq);
}

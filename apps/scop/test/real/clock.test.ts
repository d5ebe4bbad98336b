import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connectImap, type ImapClient, runOk } from "../../crash/imap-client.ts";
import { reportedId } from "../../crash/messages.ts";
import { RECIPIENTS } from "../../crash/next-hop.ts";
import type { ServerProcess } from "../../crash/server-process.ts";
import { connectSmtp, connectSubmission } from "../../crash/smtp-client.ts";
import { type FaultyServer, faultyServer, numberedMessage, until } from "./faults.ts";
import { ALICE, BOB, PASSWORD } from "./server.ts";

const PRELOAD = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** The longest interval between retries, a fifth more. */
const RETRY_MS_MAX = 4.8 * HOUR_MS;
const DELIVERY_MS_MAX = 10_000;
const OCTETS = 2_000;

/** What the clock says against ours, one jump after the other. */
const JUMPS: readonly (readonly [name: string, awayMs: number])[] = [
  ["an hour ahead", HOUR_MS],
  ["back, an hour behind", -HOUR_MS],
  ["back, a year behind", -YEAR_MS],
  ["ahead again, to the right time", 0],
];

describe("a clock that jumps", { skip: existsSync(PRELOAD) ? false : "libfaketime is not installed" }, () => {
  let server: FaultyServer;
  let running: ServerProcess;
  let idle: ImapClient;
  let taken = 0;
  const jump = async (awayMs: number): Promise<void> => {
    const path = join(server.folder, "clock");
    await writeFile(`${path}.new`, `${awayMs < 0 ? "" : "+"}${awayMs / 1000}\n`);
    await rename(`${path}.new`, path);
  };
  const submit = async (fate: keyof typeof RECIPIENTS, id: string): Promise<void> => {
    const login = { certificate: await server.certificate(), password: PASSWORD };
    const client = await connectSubmission(server.ports.submission, ALICE, login);
    const recipient = `${RECIPIENTS[fate]}@${id}.next.example`;
    assert.match(await client.send([recipient], numberedMessage(id, OCTETS)), /^250 /);
    client.close();
  };
  before(async () => {
    server = await faultyServer();
    await jump(0);
    running = await server.start({
      environment: {
        LD_PRELOAD: PRELOAD,
        FAKETIME_TIMESTAMP_FILE: join(server.folder, "clock"),
        FAKETIME_NO_CACHE: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      },
    });
    idle = await connectImap(server.ports.imaps, await server.certificate(), ALICE, PASSWORD);
    await submit("deferred", "waiting");
    await until("the first attempt failed", DELIVERY_MS_MAX, async () => (await waiting(server)).attempts === 1);
  });
  after(async () => {
    idle.close();
    running.kill("SIGKILL");
    await running.ended;
    await server.remove();
  });

  for (const [place, [name, awayMs]] of JUMPS.entries()) {
    it(`${name}: sessions go on, mail comes and goes, its date is the clock's, and nothing waits longer than it may`, async () => {
      await jump(awayMs);
      assert.ok((await idle.run("NOOP")).ok);
      const client = await connectSmtp(server.ports.smtp);
      assert.match(await client.send([BOB], numberedMessage(`in-${place}`, OCTETS)), /^250 /);
      client.close();
      taken += 1;
      await submit("taken", `out-${place}`);
      await until("it is delivered", DELIVERY_MS_MAX, () => server.nextHop.received.has(`out-${place}`));
      assert.equal(await server.messagesOfBob(), taken);
      const awayNow = (await lastDateOfBob(server)) - Date.now();
      assert.ok(Math.abs(awayNow - awayMs) < HOUR_MS / 2, `${awayNow} ms away`);
      const { due } = await waiting(server);
      assert.ok(due - (Date.now() + awayMs) <= RETRY_MS_MAX, `due in ${due - Date.now() - awayMs} ms`);
    });
  }

  it("a year ahead: what waited is tried once more and then returned, not lost", async () => {
    await jump(YEAR_MS);
    await submit("taken", "year");
    await until("it is delivered", DELIVERY_MS_MAX, () => server.nextHop.received.has("year"));
    await until("the report is there", DELIVERY_MS_MAX, async () => (await reportOfAlice(idle)) === "waiting");
    const { validFrom, validTo } = new X509Certificate(await server.certificate());
    assert.ok(Date.parse(validFrom) < Date.now() - HOUR_MS && Date.parse(validTo) > Date.now() + YEAR_MS);
  });

  it("leaves no damage", async () => assert.deepEqual(await server.stop(running), []));
});

interface Waiting {
  readonly attempts: number;
  readonly due: number;
}

/** The item that the next hop asked to come later with. */
async function waiting({ data }: FaultyServer): Promise<Waiting> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(join(data, "scop.db"), { readOnly: true });
  try {
    const row = database.prepare("SELECT attempts, due FROM item WHERE recipient LIKE 'defer@%'").get();
    return { attempts: Number(row?.["attempts"]), due: Number(row?.["due"]) };
  } finally {
    database.close();
  }
}

/** When the newest message of bob came, as IMAP says it. */
async function lastDateOfBob({ ports, certificate }: FaultyServer): Promise<number> {
  const client = await connectImap(ports.imaps, await certificate(), BOB, PASSWORD);
  await runOk(client, "EXAMINE INBOX");
  const { untagged } = await runOk(client, "FETCH * INTERNALDATE");
  client.close();
  return Date.parse(/INTERNALDATE "([^"]+)"/.exec(untagged.map(({ text }) => text).join("\n"))?.[1] ?? "");
}

async function reportOfAlice(client: ImapClient): Promise<string | undefined> {
  await runOk(client, "EXAMINE INBOX");
  const { untagged } = await runOk(client, "FETCH 1:* BODY.PEEK[]");
  return untagged.flatMap(({ literals }) => literals.map(reportedId)).find(id => id !== undefined);
}

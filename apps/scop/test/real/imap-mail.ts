import { readFile } from "node:fs/promises";
import { connectImap, type ImapClient, runOk } from "../../crash/imap-client.ts";
import { PASSWORD, type TestServer } from "./server.ts";

/** A message as IMAP gives it. */
interface StoredMail {
  readonly uid: number;
  /** Sorted, without `\Recent`. */
  readonly flags: readonly string[];
  readonly bytes: Buffer;
}

/** A connection to a test server, logged in. */
export async function imapOf(server: TestServer, account: string): Promise<ImapClient> {
  return connectImap(server.ports.imaps, await readFile(server.certificate), account, PASSWORD);
}

/** Every message of a mailbox, by a connection that has none selected for writing. */
export async function mailOf(client: ImapClient, mailbox: string): Promise<readonly StoredMail[]> {
  await runOk(client, `EXAMINE ${mailbox}`);
  const { untagged } = await runOk(client, "UID FETCH 1:* (FLAGS BODY.PEEK[])");
  return untagged.flatMap(({ text, literals: [bytes] }) => {
    const uid = /\bUID (\d+)/.exec(text)?.[1];
    const flags = /\bFLAGS \(([^)]*)\)/.exec(text)?.[1];
    if (uid === undefined || flags === undefined || bytes === undefined) return [];
    const named = flags.split(" ").filter(flag => flag !== "" && flag !== "\\Recent");
    return [{ uid: Number(uid), flags: named.sort(), bytes }];
  });
}

/** Puts messages into a mailbox, one APPEND each. */
export async function appendAll(client: ImapClient, mailbox: string, messages: readonly Buffer[]): Promise<void> {
  for (const message of messages) {
    const { ok, text } = await client.run(`APPEND ${mailbox}`, message);
    if (!ok) throw new Error(`APPEND ${mailbox}: ${text}`);
  }
}

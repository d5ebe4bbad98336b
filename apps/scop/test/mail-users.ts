import { readFile } from "node:fs/promises";
import { parseForwardPath, parseReversePath } from "@scop/address";
import { nodePlatform } from "@scop/node-host";
import type { OutgoingEnvelope } from "@scop/smtp";
import { openSmtpClient, type SmtpClient } from "@scop/smtp/run";
import { connectImap, runOk } from "../crash/imap-client.ts";
import { certificatePath, type ServerPorts } from "../crash/server-process.ts";

export const ALICE = "alice@scop.test";
export const BOB = "bob@scop.test";
const PASSWORD = "scop";

const platform = nodePlatform();

/** What one recipient was answered with. */
type Answer = "delivered" | string;

async function open(port: number, username: string | undefined, password: string): Promise<SmtpClient> {
  const connection = await platform.net.connect({ address: "127.0.0.1", port, timeoutMs: 5_000 });
  const opened = await openSmtpClient(platform, connection, {
    hostname: "client.example",
    tls: { mode: "require", serverName: "localhost", verify: "opportunistic" },
    ...(username === undefined ? {} : { credentials: { username, password } }),
  });
  if (!opened.ok) throw new Error(JSON.stringify(opened.failure));
  return opened.client;
}

async function send(
  client: SmtpClient,
  from: string,
  to: readonly string[],
  message: string,
  asks: Pick<OutgoingEnvelope, "tls"> = {},
): Promise<readonly Answer[]> {
  const reversePath = parseReversePath(`<${from}>`);
  const recipients = to.map(address => parseForwardPath(`<${address}>`));
  if (!reversePath.ok || recipients.some(read => !read.ok)) throw new Error("addresses of a test are right");
  const bytes = Buffer.from(message);
  const outcomes = await client.send(
    {
      reversePath: reversePath.value.path,
      recipients: recipients.flatMap(read => (read.ok ? [read.value.path] : [])),
      eightBit: false,
      utf8: false,
      size: bytes.length,
      ...asks,
    },
    [bytes],
  );
  await client.quit();
  return outcomes.map(one => (one.outcome === "delivered" ? "delivered" : JSON.stringify(one.failure)));
}

/** Sends through submission as one who has logged in; `envelopeFrom` where it is not the own address. */
export async function sendFrom(
  ports: ServerPorts,
  account: string,
  to: readonly string[],
  message: string,
  envelopeFrom: string = account,
  password: string = PASSWORD,
  asks: Pick<OutgoingEnvelope, "tls"> = {},
): Promise<readonly Answer[]> {
  return send(await open(ports.submission, account, password), envelopeFrom, to, message, asks);
}

/** Sends as another server would. */
export async function sendFromOutside(
  ports: ServerPorts,
  from: string,
  to: readonly string[],
  message: string,
): Promise<readonly Answer[]> {
  return send(await open(ports.smtp, undefined, ""), from, to, message);
}

/** Every message of an account's INBOX, as IMAP gives it. */
export async function inboxOf(
  server: { readonly ports: ServerPorts },
  data: string,
  account: string,
  password: string = PASSWORD,
): Promise<readonly Buffer[]> {
  const client = await connectImap(server.ports.imaps, await readFile(certificatePath(data)), account, password);
  try {
    await runOk(client, "EXAMINE INBOX");
    const { untagged } = await runOk(client, "UID FETCH 1:* (BODY.PEEK[])");
    return untagged.flatMap(({ literals }) => (literals[0] ? [literals[0]] : []));
  } finally {
    client.close();
  }
}

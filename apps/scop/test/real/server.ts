import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createSender, type MailSender } from "@scop/node-host/mail";
import { connectImap, runOk } from "../../crash/imap-client.ts";
import {
  certificatePath,
  freePorts,
  type ServerPorts,
  type ServerProcess,
  startReady,
  stopServer,
} from "../../crash/server-process.ts";

/** A server of its own for one test file, in a temporary folder. */
export interface TestServer {
  readonly folder: string;
  readonly ports: ServerPorts;
  readonly process: ServerProcess;
  /** Path of the certificate that clients have to trust. */
  readonly certificate: string;
  /** Writes a file into the folder; answers its path. */
  file(name: string, bytes: Buffer): Promise<string>;
  /** Ends it and removes the folder. */
  stop(): Promise<void>;
}

export const ALICE = "alice@scop.test";
export const BOB = "bob@scop.test";
export const PASSWORD = "scop";

const ARRIVAL_MS_MAX = 10_000;
const POLL_MS = 100;

/** Starts a server; with `wrapper`, by that program. `options` of `serve` stand in place of `--demo`. */
export async function startTestServer(
  wrapper: (folder: string) => readonly string[] = () => [],
  options: readonly string[] = ["--demo"],
): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), "scop-real-"));
  const data = join(folder, "data");
  const start = { data, ports: await freePorts(), wrapper: wrapper(folder), options };
  const server = await startReady(start).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    folder,
    ports: server.ports,
    process: server,
    certificate: certificatePath(data),
    file: async (name, bytes) => {
      await writeFile(join(folder, name), bytes);
      return join(folder, name);
    },
    stop: async () => {
      await stopServer(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sends as alice does, by submission over TLS. */
export async function submitterTo(server: TestServer): Promise<MailSender> {
  const credentials = { username: ALICE, password: PASSWORD };
  const via = { host: "localhost", port: server.ports.submission, tls: "require", credentials } as const;
  return createSender({ hostname: "client.example", via, trust: await readFile(server.certificate, "utf8") });
}

/** Waits for the message of bob's INBOX in which `marker` stands and answers its bytes. */
export function arrivedAtBob(server: TestServer, marker: string): Promise<Buffer> {
  return arrivedAt(server, BOB, marker);
}

/** The same for any account. */
export async function arrivedAt(server: TestServer, account: string, marker: string): Promise<Buffer> {
  const client = await connectImap(server.ports.imaps, await readFile(server.certificate), account, PASSWORD);
  try {
    for (let waited = 0; waited < ARRIVAL_MS_MAX; waited += POLL_MS) {
      await runOk(client, "EXAMINE INBOX");
      const { untagged } = await runOk(client, "UID FETCH 1:* (BODY.PEEK[])");
      const found = untagged.find(({ literals }) => literals[0]?.includes(marker) === true)?.literals[0];
      if (found !== undefined) return found;
      await sleep(POLL_MS);
    }
    throw new Error(`nothing with ${marker} arrived within ${ARRIVAL_MS_MAX} ms`);
  } finally {
    client.close();
  }
}

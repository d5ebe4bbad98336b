import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectImap, runOk } from "../../crash/imap-client.ts";
import { NEXT_HOP_DOMAIN, type NextHop, startNextHop } from "../../crash/next-hop.ts";
import { seededRandom } from "../../crash/random.ts";
import {
  certificatePath,
  freePorts,
  type ServerPorts,
  type ServerProcess,
  startReady,
  stopServer,
} from "../../crash/server-process.ts";
import { checkStore } from "../../crash/store-check.ts";
import { ALICE, BOB, PASSWORD } from "./server.ts";

/** A server that can be started again on what it left, with a next hop for other domains. */
export interface FaultyServer {
  readonly folder: string;
  readonly data: string;
  readonly ports: ServerPorts;
  readonly nextHop: NextHop;
  /** The certificate that clients have to trust. */
  certificate(): Promise<Buffer>;
  start(way?: StartWay): Promise<ServerProcess>;
  /** Messages in bob's INBOX. */
  messagesOfBob(): Promise<number>;
  /** Ends a server by SIGTERM; what is wrong with the files it leaves, none of them being what is right. */
  stop(server: ServerProcess): Promise<readonly string[]>;
  remove(): Promise<void>;
}

/** How a server is started: by another program, and with variables. */
interface StartWay {
  readonly wrapper?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A folder and ports for one; `data` is in the folder unless `mount` puts another file system over it. */
export async function faultyServer(mount: (data: string) => void = () => undefined): Promise<FaultyServer> {
  const folder = await mkdtemp(join(tmpdir(), "scop-fault-"));
  const data = join(folder, "data");
  mount(data);
  const ports = await freePorts();
  const nextHop = await startNextHop({ random: seededRandom(1), pipelining: true });
  const certificate = (): Promise<Buffer> => readFile(certificatePath(data));
  const options = ["--demo", "--log-level", "warn", "--transport", `.${NEXT_HOP_DOMAIN}=127.0.0.1:${nextHop.port}`];
  return {
    ...{ folder, data, ports, nextHop, certificate },
    start: way => startReady({ data, ports, options, ...way }),
    messagesOfBob: async () => {
      const client = await connectImap(ports.imaps, await certificate(), BOB, PASSWORD);
      const { untagged } = await runOk(client, "EXAMINE INBOX");
      client.close();
      return Number(/\* (\d+) EXISTS/.exec(untagged.map(({ text }) => text).join("\n"))?.[1]);
    },
    stop: async server => {
      const wrong = (await stopServer(server)) ? [] : [`it did not end cleanly: ${server.output()}`];
      return [...wrong, ...(await checkStore(data)).faults];
    },
    remove: async () => {
      nextHop.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A message of so many octets from alice, which the next hop recognises by its id. */
export function numberedMessage(id: string, octets: number): Buffer {
  const header = `X-Crash-Id: ${id}\r\nX-Crash-Digest: none\r\nFrom: <${ALICE}>\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <${id}@scop.test>\r\n\r\n`;
  const line = "another line of text, 50 octets long, CRLF counted\r\n";
  return Buffer.from(header + line.repeat(Math.ceil(octets / line.length)));
}

/** Resolves once it is so; rejects with `what` if it is not so within the time. */
export async function until(what: string, limitMs: number, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < limitMs; waited += LOOK_MS) {
    if (await isSo()) return;
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`not within ${limitMs} ms: ${what}`);
}

const LOOK_MS = 50;

/** Why a test with a command is skipped: false if it can run as root. */
export function rootCommandMissing(...command: readonly [string, ...string[]]): string | false {
  if (process.getuid?.() !== 0) return "only root can do that";
  return spawnSync(command[0], command.slice(1)).error === undefined ? false : `${command[0]} is not installed`;
}

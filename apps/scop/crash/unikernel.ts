import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { qemuArguments } from "../src/image/run.ts";
import { connectImap } from "./imap-client.ts";
import { PASSWORD } from "./load.ts";
import { auditMailbox, type MailboxMemory } from "./mailbox-audit.ts";
import { type MessageMaker, messageMaker } from "./messages.ts";
import type { Progress } from "./progress.ts";
import { seededRandom } from "./random.ts";
import {
  certificatePath,
  freePorts,
  PATIENT_START_MS_MAX,
  startServer,
  stopServer,
  untilReady,
  withinMs,
} from "./server-process.ts";
import { connectSmtp, isAccepted, OUTSIDE_SENDER } from "./smtp-client.ts";

/** What a run is told. */
interface UnikernelCrash {
  readonly image: string;
  readonly folder: string;
  readonly kills: number;
  readonly clients: number;
  readonly seed: number;
}

/** What it found. */
interface UnikernelFindings {
  readonly kills: number;
  readonly acknowledged: number;
  readonly stored: number;
  /** Transactions whose answer was never heard, each sent again. */
  readonly cutOff: number;
  /** Of what is stored, what is there once more: its answer was lost between the next hop and the sender. */
  readonly copies: number;
  /** Acknowledged and not there. */
  readonly lost: readonly string[];
  /** More copies than answers that were lost, changed octets, and whatever else is wrong. */
  readonly faults: readonly string[];
}

const RECIPIENT = "bob@scop.test";
const MEMORY_MB = 32;
const START_MS_MAX = 30_000;
/** From `listening` to the end. */
const LIFE_MS = { least: 150, most: 900 } as const;
const RETRY_MS = 20;

/** What the senders share. */
interface Sending {
  readonly port: number;
  readonly makeMessage: MessageMaker;
  readonly acknowledged: Set<string>;
  /** How often each message was sent without an answer. */
  readonly cutOff: Map<string, number>;
  over: boolean;
}

/** Kills the image `mx` at random moments under load, before a server of ours, and compares what was acknowledged with what is in the mailbox. */
export async function crashUnikernel(options: UnikernelCrash, progress: Progress): Promise<UnikernelFindings> {
  const random = seededRandom(options.seed);
  const server = startServer({ data: options.folder, ports: await freePorts() });
  await untilReady(server, PATIENT_START_MS_MAX);
  const { smtp: port } = await freePorts();
  const run = `${options.seed.toString(36)}-${Date.now().toString(36)}`;
  const sending: Sending = {
    ...{ port, makeMessage: messageMaker(random, run) },
    ...{ acknowledged: new Set(), cutOff: new Map(), over: false },
  };
  const machine = machineOf(options.image, port, server.ports.smtp);
  try {
    await machine.start();
    const senders = Array.from({ length: options.clients }, () => keepSending(sending));
    for (let kill = 1; kill <= options.kills; kill += 1) {
      await sleep(random.between(LIFE_MS.least, LIFE_MS.most));
      await machine.kill();
      await machine.start();
      progress.show(`kill ${kill} of ${options.kills}, ${sending.acknowledged.size} acknowledged`);
    }
    sending.over = true;
    await Promise.all(senders);
    await machine.kill();
    const certificate = await readFile(certificatePath(options.folder));
    return await audit(options.kills, sending, await connectImap(server.ports.imaps, certificate, RECIPIENT, PASSWORD));
  } finally {
    sending.over = true;
    await machine.kill();
    await stopServer(server);
    progress.end();
  }
}

interface Mortal {
  start(): Promise<void>;
  kill(): Promise<void>;
}

function machineOf(image: string, port: number, nextHop: number): Mortal {
  const words = qemuArguments({
    ...{ image, memoryMb: MEMORY_MB, forwards: [{ host: port, guest: 25 }], bootFile: undefined },
    commandLine: `ip=10.0.2.15/24 gateway=10.0.2.2 hostname=mx.scop.test next-hop=10.0.2.2:${nextHop}`,
  });
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  };
  process.once("exit", () => child?.kill("SIGKILL"));
  return {
    kill,
    start: async () => {
      const started = spawn("qemu-system-x86_64", words, { stdio: ["ignore", "pipe", "inherit"] });
      child = started;
      let said = "";
      const listening = new Promise<boolean>(resolve => {
        started.stdout.setEncoding("latin1").on("data", (text: string) => {
          said += text;
          if (/^listening\r?$/m.test(said)) resolve(true);
        });
        started.once("close", () => resolve(false));
      });
      if ((await withinMs(listening, START_MS_MAX)) === true) return;
      await kill();
      throw new Error(`the machine did not start: ${said}`);
    },
  };
}

/** Sends messages until it is over. One whose answer was not heard is sent again, as every sender has to. RFC 5321 4.5.4.1 */
async function keepSending(sending: Sending): Promise<void> {
  let message = sending.makeMessage("mostly small", OUTSIDE_SENDER);
  while (!sending.over) {
    const client = await connectSmtp(sending.port).catch(() => undefined);
    if (client === undefined) {
      await sleep(RETRY_MS);
      continue;
    }
    try {
      while (!sending.over) {
        const isTaken = isAccepted(await client.send([RECIPIENT], message.bytes));
        if (!isTaken) continue;
        sending.acknowledged.add(message.id);
        message = sending.makeMessage("mostly small", OUTSIDE_SENDER);
      }
    } catch {
      sending.cutOff.set(message.id, (sending.cutOff.get(message.id) ?? 0) + 1);
      await sleep(RETRY_MS);
    } finally {
      client.close();
    }
  }
}

async function audit(
  kills: number,
  { acknowledged, cutOff }: Sending,
  client: Awaited<ReturnType<typeof connectImap>>,
): Promise<UnikernelFindings> {
  const memory: MailboxMemory = { uidValidity: 0, uidNext: 0, highestModseq: 0, messages: new Map() };
  const faults = [...(await auditMailbox(client, "INBOX", memory, "everything"))];
  client.close();
  const stored = new Map<string, number>();
  for (const found of memory.messages.values()) {
    if (found === "foreign" || "reportOf" in found) continue;
    if (!found.whole) faults.push(`${found.id} is not the message that was sent`);
    stored.set(found.id, (stored.get(found.id) ?? 0) + 1);
  }
  for (const [id, times] of stored) {
    const allowed = (cutOff.get(id) ?? 0) + (acknowledged.has(id) ? 1 : 0);
    if (times > allowed) faults.push(`${id} is there ${times} times; ${allowed} times it may`);
  }
  return {
    ...{ kills, faults, acknowledged: acknowledged.size, stored: stored.size },
    cutOff: [...cutOff.values()].reduce((sum, times) => sum + times, 0),
    copies: [...stored.values()].reduce((sum, times) => sum + times - 1, 0),
    lost: [...acknowledged].filter(id => !stored.has(id)),
  };
}

/** Figures for people, and the verdict as the last line. */
export function unikernelReport(found: UnikernelFindings): readonly string[] {
  const { kills, acknowledged, stored, cutOff, copies, lost, faults } = found;
  const isGood = lost.length === 0 && faults.length === 0;
  return [
    `acknowledged             ${acknowledged}`,
    `stored                   ${stored}`,
    `answer cut off, resent   ${cutOff}`,
    `stored once more for it  ${copies}`,
    ...lost.slice(0, 10).map(id => `lost: ${id}`),
    ...faults.slice(0, 10).map(fault => `fault: ${fault}`),
    `${lost.length} lost, ${faults.length} faults of ${acknowledged} acknowledged in ${kills} kills: ${isGood ? "held" : "NOT HELD"}`,
  ];
}

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { qemuArguments } from "../../../src/image/run.ts";
import { type Flow, FrameNet, startOnNet } from "./frame-net.ts";
import { type Ends, segmentFrame } from "./frames.ts";

const MACHINE = 0x0a_00_02_0f;
const HOP = { text: "10.0.2.2", port: 2525 } as const;
/** Who sends as one should. */
const SENDER = 0x0a_00_02_4d;
/** Where attackers are: networks that are set apart for tests. */
const ATTACKERS = 0xc6_12_00_00;
const SLOW_SOURCES = 20;
const SYN = 2;
/** Frames between two looks whether the machine keeps up. */
const BATCH = 500;
const FIGURES_MS = 1000;

/** A machine in a network that is all ours. */
export interface Pressed {
  /** So many first segments from as many addresses and ports, as fast as the machine takes them. */
  flood(count: number): Promise<void>;
  /** So many connections from a few addresses, each of which says a little and then nothing; resolves when all have tried. */
  slow(count: number): Promise<void>;
  /** Ends all connections. */
  dropAll(): void;
  /** Sends so many messages over one connection, and answers the replies to them. */
  send(count: number): Promise<readonly string[]>;
  /** Octets of the machine's heap in use now. */
  heapOctets(): Promise<number>;
  /** Messages that the next hop took. */
  taken(): number;
  said(): string;
  stop(): Promise<void>;
}

/** Starts the image `mx` so. */
export async function startPressed(image: string, memoryMb: number): Promise<Pressed> {
  const net = await FrameNet.open();
  const commandLine = `ip=10.0.2.15/24 gateway=10.0.2.2 hostname=mx.scop.test next-hop=${HOP.text}:${HOP.port} figures-seconds=1`;
  const words = qemuArguments({ image, memoryMb, forwards: [], bootFile: undefined, commandLine });
  let taken = 0;
  net.accept = flow => {
    void serveHop(flow, () => {
      taken += 1;
    }).catch(() => undefined);
  };
  const { child, said } = await startOnNet(words, net);
  const ended = once(child, "close");
  let port = 1024;
  const connect = (address: number): Flow => {
    port = port === 65_535 ? 1024 : port + 1;
    return net.connect(ends(address, port));
  };
  return {
    flood: async count => {
      for (let at = 0; at < count; at += 1) {
        const from = ends(ATTACKERS + ((at * 7919) % 65_536), 1024 + (at % 60_000));
        net.send(
          segmentFrame(from, {
            flags: SYN,
            sequence: (at * 2_654_435_761) >>> 0,
            acknowledged: 0,
            data: new Uint8Array(0),
          }),
        );
        if (at % BATCH === 0) await net.drained();
      }
    },
    slow: async count => {
      for (let at = 0; at < count; at += 1) {
        const flow = connect(ATTACKERS + (at % SLOW_SOURCES));
        flow.write("EHLO slow");
        if (at % 50 === 0) await net.drained();
      }
    },
    dropAll: () => net.dropAll(),
    send: count => sendMessages(() => connect(SENDER), count),
    heapOctets: async () => {
      const before = said().length;
      for (;;) {
        await sleep(FIGURES_MS / 4);
        const [, octets] = /"event":"memory","octets":(\d+)/.exec(said().slice(before)) ?? [];
        if (octets !== undefined) return Number(octets);
        if (child.exitCode !== null) throw new Error(said());
      }
    },
    taken: () => taken,
    said,
    stop: async () => {
      net.close();
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function ends(address: number, port: number): Ends {
  return { from: { address: address >>> 0, port }, to: { address: MACHINE, port: 25 } };
}

/** A reply is complete with a line that has no hyphen behind its code. */
const REPLY = /(?:^|\n)[0-9]{3} [^\n]*\n$/;

/** The next hop: takes everything. */
async function serveHop(flow: Flow, took: () => void): Promise<void> {
  flow.write("220 hop\r\n");
  for (;;) {
    const line = await flow.until(/\n$/);
    if (/^DATA/i.test(line)) {
      flow.write("354 go on\r\n");
      await flow.until(/\r\n\.\r\n$/);
      took();
      flow.write("250 2.0.0 taken\r\n");
    } else flow.write(/^QUIT/i.test(line) ? "221 bye\r\n" : "250 ok\r\n");
  }
}

async function sendMessages(connect: () => Flow, count: number): Promise<readonly string[]> {
  const flow = connect();
  const heard: string[] = [];
  const ask = async (said: string): Promise<string> => {
    flow.write(said);
    return flow.until(REPLY);
  };
  await flow.until(REPLY);
  await ask("EHLO sender.example\r\n");
  for (let at = 0; at < count; at += 1) {
    await ask("MAIL FROM:<eve@outside.example>\r\n");
    await ask("RCPT TO:<bob@scop.test>\r\n");
    await ask("DATA\r\n");
    const body = `Subject: ${at}\r\n\r\n${"a line of the body\r\n".repeat(50 + (at % 7))}.\r\n`;
    heard.push((await ask(body)).trim());
  }
  await ask("QUIT\r\n");
  flow.drop();
  return heard;
}

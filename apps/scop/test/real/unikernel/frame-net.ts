import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { arpReply, type Ends, ETHERNET_MAC, ipText, type Segment, segmentFrame, segmentOf } from "./frames.ts";

const LENGTH_OCTETS = 4;
const AGAIN_MS = 500;
const SIZE = 1400;
const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** One TCP connection of this side, on a way where nothing is lost but what the machine drops. */
export class Flow {
  readonly #net: FrameNet;
  readonly ends: Ends;
  #sent: number;
  #unsent: Buffer = Buffer.alloc(0);
  #expected = 0;
  #heard: Buffer = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #again: ReturnType<typeof setInterval>;
  state: "opening" | "open" | "over" = "opening";

  constructor(net: FrameNet, ends: Ends, peerSequence: number | undefined) {
    this.#net = net;
    this.ends = ends;
    this.#sent = (ends.from.port * 65_537) >>> 0;
    if (peerSequence !== undefined) this.#expected = (peerSequence + 1) >>> 0;
    const open = (): void => this.#say(peerSequence === undefined ? SYN : SYN | ACK, this.#sent);
    this.#again = setInterval(() => (this.state === "opening" ? open() : this.#flush()), AGAIN_MS);
    open();
  }

  #say(flags: number, sequence: number, data: Uint8Array = new Uint8Array(0)): void {
    this.#net.send(segmentFrame(this.ends, { flags, sequence, acknowledged: this.#expected, data }));
  }

  #flush(): void {
    for (let at = 0; at < this.#unsent.length; at += SIZE)
      this.#say(ACK, (this.#sent + at) >>> 0, this.#unsent.subarray(at, at + SIZE));
  }

  /** A segment of the other side. */
  hear({ flags, sequence, acknowledged, data }: Segment): void {
    if ((flags & RST) !== 0) {
      this.#over();
      return;
    }
    if (this.state === "opening") {
      if ((flags & ACK) === 0 || acknowledged !== (this.#sent + 1) >>> 0) return;
      this.#sent = acknowledged;
      if ((flags & SYN) !== 0) this.#expected = (sequence + 1) >>> 0;
      this.state = "open";
      this.#say(ACK, this.#sent);
      this.#flush();
      this.#wake?.();
      if ((flags & SYN) !== 0) return;
    }
    if ((flags & SYN) !== 0) {
      this.#say(ACK, this.#sent);
      return;
    }
    const taken = (acknowledged - this.#sent) >>> 0;
    if (taken <= this.#unsent.length) {
      this.#sent = acknowledged;
      this.#unsent = this.#unsent.subarray(taken);
    }
    const isNext = sequence === this.#expected;
    if (isNext) {
      this.#expected = (this.#expected + data.length + (flags & FIN)) >>> 0;
      this.#heard = Buffer.concat([this.#heard, data]);
    }
    if (data.length > 0 || (flags & FIN) !== 0) this.#say(ACK, this.#sent);
    if (isNext && (flags & FIN) !== 0) this.#over();
    this.#wake?.();
  }

  write(text: string | Buffer): void {
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(text)]);
    if (this.state === "open") this.#flush();
  }

  /** What was said, once it ends with a line that matches; throws where the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const text = this.#heard.toString("latin1");
      if (pattern.test(text)) {
        this.#heard = Buffer.alloc(0);
        return text;
      }
      if (this.state === "over") throw new Error(`the connection ended after ${JSON.stringify(text)}`);
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  drop(): void {
    if (this.state === "open") this.#say(RST | ACK, (this.#sent + this.#unsent.length) >>> 0);
    this.#over();
  }

  #over(): void {
    this.state = "over";
    clearInterval(this.#again);
    this.#wake?.();
  }
}

/** A network of its own for one machine: its frames come and go over QEMU's socket, and this side is everybody else. */
export class FrameNet {
  readonly #server: Server;
  readonly #flows = new Map<string, Flow>();
  #socket: Socket | undefined;
  #pending: Buffer = Buffer.alloc(0);
  /** What is done with who connects from inside. */
  accept: ((flow: Flow) => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", socket => {
      this.#socket = socket;
      socket.setNoDelay(true);
      socket.on("error", () => socket.destroy());
      socket.on("data", bytes => this.#take(bytes));
    });
  }

  static async open(): Promise<FrameNet> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FrameNet(server);
  }

  /** The argument of QEMU's `-netdev`. */
  get netdev(): string {
    return `socket,id=n0,connect=127.0.0.1:${(this.#server.address() as { readonly port: number }).port}`;
  }

  send(frame: Buffer): void {
    const length = Buffer.alloc(LENGTH_OCTETS);
    length.writeUInt32BE(frame.length);
    this.#socket?.write(Buffer.concat([length, frame]));
  }

  /** Resolves when the machine has taken most of what was sent. */
  async drained(): Promise<void> {
    if (this.#socket?.writableNeedDrain) await once(this.#socket, "drain");
  }

  connect(ends: Ends): Flow {
    const flow = new Flow(this, ends, undefined);
    this.#flows.set(keyOf(ends), flow);
    return flow;
  }

  dropAll(): void {
    for (const flow of this.#flows.values()) flow.drop();
    this.#flows.clear();
  }

  close(): void {
    this.dropAll();
    this.#socket?.destroy();
    this.#server.close();
  }

  #take(bytes: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= LENGTH_OCTETS) {
      const end = LENGTH_OCTETS + this.#pending.readUInt32BE(0);
      if (this.#pending.length < end) return;
      this.#hear(this.#pending.subarray(LENGTH_OCTETS, end));
      this.#pending = this.#pending.subarray(end);
    }
  }

  #hear(frame: Buffer): void {
    const asked = arpReply(frame);
    const segment = segmentOf(frame);
    if (asked !== undefined) this.send(asked);
    if (segment === undefined) return;
    const key = keyOf(segment.ends);
    const flow = this.#flows.get(key);
    if (flow !== undefined && flow.state !== "over") {
      flow.hear(segment);
      return;
    }
    if ((segment.flags & (SYN | ACK)) !== SYN || this.accept === undefined) return;
    const accepted = new Flow(this, segment.ends, segment.sequence);
    this.#flows.set(key, accepted);
    this.accept(accepted);
  }
}

function keyOf({ from, to }: Ends): string {
  return `${ipText(from.address)}:${from.port} ${to.port}`;
}

/** QEMU with this network in place of its own. Resolves when it says `listening`. */
export async function startOnNet(
  words: readonly string[],
  net: FrameNet,
): Promise<{ child: ChildProcess; said(): string }> {
  const own = words.map(word =>
    word.startsWith("user,id=n0") ? net.netdev : word.replace("netdev=n0", `netdev=n0,mac=${ETHERNET_MAC.machine}`),
  );
  const child = spawn("qemu-system-x86_64", own, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding("latin1").on("data", (text: string) => {
      said += text;
      if (/^listening\r?$/m.test(said)) resolve();
    });
    child.once("close", () => reject(new Error(`it ended: ${said}`)));
  });
  return { child, said: () => said };
}

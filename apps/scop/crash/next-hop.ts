import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type FoundMessage, recognise } from "./messages.ts";
import type { Random } from "./random.ts";

/** Steps of the next hop at which the server may be killed: it has the whole message and has not answered, or has just answered. */
export const NEXT_HOP_POINTS = ["next-hop-has-message", "next-hop-answered"] as const;

/** One of `NEXT_HOP_POINTS`. */
type NextHopPoint = (typeof NEXT_HOP_POINTS)[number];

/** Every domain under this one is the next hop's. */
export const NEXT_HOP_DOMAIN = "next.example";

/** What one recipient's local part asks the next hop to do. */
export const RECIPIENTS = { taken: "take", refused: "refuse", deferred: "defer" } as const;

/** The next hop for other domains, within the driver, so that it outlives the server. */
export interface NextHop {
  readonly port: number;
  /** What arrived, by id, with how often. */
  readonly received: ReadonlyMap<string, { readonly found: FoundMessage; readonly times: number }>;
  /** Messages that arrived, the same one again too. */
  messages(): number;
  /** How often it got what it had already. */
  repeated(): number;
  /** Connections that ended after a final dot whose 250 the server can't be shown to have read: each may bring one message again. */
  cut(): number;
  /** Called at each passing of a step. */
  watch(listener: ((point: NextHopPoint) => void) | undefined): void;
  close(): void;
}

/** How a next hop behaves. */
interface NextHopPlan {
  readonly random: Random;
  /** Whether it says PIPELINING. */
  readonly pipelining: boolean;
}

/** One in so many connections is dropped by the next hop between the final dot and its 250. */
const DROP_EVERY = 400;
/** It thinks up to so long about a message. */
const ANSWER_MS_MAX = 4;

/** Listens on a free port of 127.0.0.1. */
export async function startNextHop(plan: NextHopPlan): Promise<NextHop> {
  const state: HopState = { plan, received: new Map(), messages: 0, cut: 0, listener: undefined };
  const open = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, socket => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    new HopSession(socket, state).begin();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    port: address.port,
    received: state.received,
    messages: () => state.messages,
    repeated: () => [...state.received.values()].reduce((sum, { times }) => sum + times - 1, 0),
    cut: () => state.cut,
    watch: listener => {
      state.listener = listener;
    },
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

interface HopState {
  readonly plan: NextHopPlan;
  readonly received: Map<string, { found: FoundMessage; times: number }>;
  messages: number;
  cut: number;
  listener: ((point: NextHopPoint) => void) | undefined;
}

const LINE_END = Buffer.from("\r\n");
const END_OF_DATA = Buffer.from("\r\n.\r\n");

/** One connection. Commands are lines; after 354 everything up to the final dot is the message. */
class HopSession {
  readonly #socket: Socket;
  readonly #state: HopState;
  #phase: "commands" | "message" | "over" = "commands";
  #buffer: Buffer = Buffer.alloc(0);
  #message: Buffer[] = [];
  /** The last octets before those in the buffer, as far as the end of the message may have begun in them. */
  #tail: Buffer = LINE_END;
  #taken = 0;
  /** A message was taken, and nothing has come that shows that our 250 was read. */
  #isUnsure = false;
  #isWorking = false;

  constructor(socket: Socket, state: HopState) {
    this.#socket = socket;
    this.#state = state;
  }

  begin(): void {
    this.#socket.on("error", () => undefined);
    this.#socket.on("data", bytes => {
      this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
      void this.#work();
    });
    this.#socket.once("close", () => {
      this.#phase = "over";
      if (this.#isUnsure) this.#state.cut += 1;
    });
    this.#say("220 next.example ESMTP");
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    while (this.#phase === "message" ? await this.#content() : this.#phase === "commands" && this.#line());
    this.#isWorking = false;
  }

  /** Takes one line; false where none is whole yet. */
  #line(): boolean {
    const end = this.#buffer.indexOf("\r\n");
    if (end < 0) return false;
    const line = this.#buffer.toString("latin1", 0, end);
    this.#buffer = this.#buffer.subarray(end + 2);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "EHLO") this.#say(this.#state.plan.pipelining ? EHLO_PIPELINING : EHLO_PLAIN);
    else if (verb === "RCPT") this.#recipient(line);
    else if (verb === "DATA") this.#data();
    else if (verb === "QUIT") this.#quit();
    else {
      if (verb === "MAIL" || verb === "RSET") this.#taken = 0;
      this.#say("250 2.0.0 OK");
    }
    return true;
  }

  #recipient(line: string): void {
    if (line.includes(`<${RECIPIENTS.refused}@`)) this.#say("550 5.1.1 No such mailbox");
    else if (line.includes(`<${RECIPIENTS.deferred}@`)) this.#say("451 4.2.1 Not now");
    else {
      this.#taken += 1;
      this.#say("250 2.1.5 OK");
    }
  }

  #data(): void {
    if (this.#taken === 0) this.#say("554 5.5.1 No valid recipients");
    else {
      this.#phase = "message";
      this.#tail = LINE_END;
      this.#say("354 Go ahead");
    }
  }

  // The client says goodbye only once it has read everything, unless it may send ahead.
  #quit(): void {
    this.#isUnsure = false;
    this.#phase = "over";
    this.#socket.end("221 2.0.0 Bye\r\n");
  }

  /** Takes what is there of the message; false where its end has not come. */
  async #content(): Promise<boolean> {
    if (this.#buffer.length === 0) return false;
    // The 354 stands behind the 250 of the message before: whoever sends this has read both.
    this.#isUnsure = false;
    const joined = Buffer.concat([this.#tail, this.#buffer]);
    const end = joined.indexOf(END_OF_DATA);
    const octets = end < 0 ? this.#buffer.length : end + END_OF_DATA.length - this.#tail.length;
    this.#message.push(this.#buffer.subarray(0, octets));
    this.#buffer = this.#buffer.subarray(octets);
    this.#tail = joined.subarray(1 - END_OF_DATA.length);
    if (end < 0) return false;
    const whole = Buffer.concat(this.#message);
    this.#message = [];
    await this.#take(whole.subarray(0, whole.length - END_OF_DATA.length + 2));
    return true;
  }

  async #take(message: Buffer): Promise<void> {
    const { plan, received, listener } = this.#state;
    const found = recognise(unstuffed(message));
    this.#state.messages += 1;
    const known = found === undefined ? undefined : received.get(found.id);
    if (known !== undefined) known.times += 1;
    else if (found !== undefined) received.set(found.id, { found, times: 1 });
    this.#isUnsure = true;
    listener?.("next-hop-has-message");
    const answerMs = plan.random.between(0, ANSWER_MS_MAX);
    if (answerMs > 0) await sleep(answerMs);
    if (plan.random.between(1, DROP_EVERY) === 1) {
      this.#phase = "over";
      this.#socket.destroy();
      return;
    }
    this.#taken = 0;
    this.#phase = this.#phase === "over" ? "over" : "commands";
    this.#say("250 2.0.0 Taken");
    listener?.("next-hop-answered");
  }

  #say(reply: string): void {
    if (this.#socket.writable) this.#socket.write(`${reply}\r\n`);
  }
}

const EHLO_PLAIN = "250-next.example\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES";
const EHLO_PIPELINING = "250-next.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES";

// RFC 5321 4.5.2
function unstuffed(message: Buffer): Buffer {
  const text = message.toString("latin1").replaceAll("\r\n.", "\r\n");
  return Buffer.from(text.startsWith(".") ? text.slice(1) : text, "latin1");
}

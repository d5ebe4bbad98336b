import { createInterface } from "node:readline";
import { madeUpMessage } from "../message.ts";

/** Sends one message; resolves when it was taken. */
type SendOne = (message: Uint8Array) => Promise<void>;

/** What a client in a process of its own is started with: the port of the sink, messages, connections, octets of a body. */
interface ClientLoad {
  readonly port: number;
  readonly messages: number;
  readonly connections: number;
  readonly octets: number;
}

/** Sent before the measurement, over the connections that are measured, for each message of it: until then code is still being compiled. */
const WARM_UP = 1.5;

/** Different messages that take turns, made before the measurement. */
const MESSAGES = 64;

/** The load of this process, from its arguments. */
export function clientLoad(): ClientLoad {
  const [port, messages, connections, octets] = process.argv.slice(2).map(Number);
  return { port: port!, messages: messages!, connections: connections!, octets: octets! };
}

/** Warms up, says `ready`, waits for a line, sends, says `sent`. Four messages for each connection are given at a time. */
export async function sendAll({ messages, connections, octets }: ClientLoad, send: SendOne): Promise<void> {
  const ready = Array.from({ length: MESSAGES }, (_, number) => madeUpMessage(number, octets));
  const many = async (count: number): Promise<void> => {
    let next = 0;
    const one = async (): Promise<void> => {
      while (next < count) {
        next += 1;
        await send(ready[next % MESSAGES]!);
      }
    };
    await Promise.all(Array.from({ length: 4 * connections }, one));
  };
  await many(Math.ceil(messages * WARM_UP));
  const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
  console.log("ready");
  await lines.next();
  await many(messages);
  console.log("sent");
  await lines.next();
}

import assert from "node:assert/strict";
import { formatPath, parseForwardPath, parseReversePath } from "@scop/address";
import type { Connection, Platform } from "@scop/platform";
import type { Simulation } from "@scop/sim";
import { type MessageSink, type OutgoingEnvelope, reply, type ServerHandler } from "@scop/smtp";
import { type ClientOptions, openSmtpClient, type ServeOptions, serveSmtp } from "@scop/smtp/run";
import { concat, latin1, latin1Bytes } from "@scop/wire";

export const SERVER = "192.0.2.25";
export const CLIENT = "192.0.2.1";

/** What a handler got. */
interface Kept {
  readonly messages: { from: string; to: readonly string[]; identity: string | undefined; text: string }[];
  aborted: number;
}

export function keeper(change: Partial<ServerHandler> = {}): { readonly kept: Kept; readonly handler: ServerHandler } {
  const kept: Kept = { messages: [], aborted: 0 };
  const handler: ServerHandler = {
    mail: async () => undefined,
    recipient: async () => undefined,
    data: async (session, envelope): Promise<MessageSink> => {
      const pieces: Uint8Array[] = [];
      return {
        write: bytes => void pieces.push(bytes.slice()),
        end: async () => {
          const to = envelope.recipients.map(formatPath);
          kept.messages.push({
            from: formatPath(envelope.reversePath),
            to,
            identity: session.identity,
            text: latin1(concat(pieces)),
          });
          return reply(250, "2.0.0", "Kept");
        },
        abort: () => {
          kept.aborted += 1;
        },
      };
    },
    ...change,
  };
  return { kept, handler };
}

export function listen(
  world: Simulation,
  options: Partial<ServeOptions> & { readonly handler: ServerHandler },
): Promise<void>[] {
  const sessions: Promise<void>[] = [];
  world.network.listen(SERVER, 25, connection => {
    const served = { hostname: "mx.scop.test", authRequired: "no", tls: "offered", ...options } as const;
    sessions.push(serveSmtp(world.platform(SERVER), connection, served));
  });
  return sessions;
}

export function connect(io: Platform): Promise<Connection> {
  return io.net.connect({ address: SERVER, port: 25, timeoutMs: 1_000 });
}

export async function open(world: Simulation, options: Partial<ClientOptions> = {}) {
  const io = world.platform(CLIENT);
  const connection = await connect(io);
  return openSmtpClient(io, connection, { hostname: "client.example", tls: { mode: "none" }, ...options });
}

/** Writes lines one after the other and collects all that the server says until it closes. */
export async function dictate(world: Simulation, ...sent: readonly string[]): Promise<string> {
  const connection = await connect(world.platform(CLIENT));
  let said = latin1((await connection.read()) ?? new Uint8Array());
  for (const text of sent) {
    await connection.write(latin1Bytes(text));
    said += latin1((await connection.read()) ?? new Uint8Array());
  }
  for (let more = await connection.read(); more !== undefined; more = await connection.read()) said += latin1(more);
  return said;
}

export function envelope(...addresses: readonly string[]): OutgoingEnvelope {
  const sender = parseReversePath("<a@example.org>");
  assert(sender.ok);
  const recipients = addresses.map(address => {
    const read = parseForwardPath(`<${address}>`);
    assert(read.ok);
    return read.value.path;
  });
  return { reversePath: sender.value.path, recipients, eightBit: false, utf8: false, size: undefined };
}

export function sink(change: Partial<MessageSink>): MessageSink {
  return { write: () => undefined, end: async () => reply(250, "2.0.0", "OK"), abort: () => undefined, ...change };
}

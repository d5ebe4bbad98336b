import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";
import { type MailReceiver, type ReceiverOptions, receiveMail } from "../../src/mail/index.ts";

export const HELLO: Uint8Array = Buffer.from("From: ann@example.com\r\nSubject: hello\r\n\r\nHi\r\n");

/** A receiver on a free port that ends with the test. */
export async function receiver(
  t: TestContext,
  options: Pick<ReceiverOptions, "onMessage"> & Partial<ReceiverOptions>,
): Promise<MailReceiver> {
  const started = await receiveMail({ hostname: "mx.example.org", port: 0, ...options });
  t.after(() => started.close(0));
  return started;
}

/** A client that says what it is told to. */
export interface RawClient {
  readonly socket: Socket;
  /** All that was heard so far. */
  heard(): string;
  /** Sends lines, and waits until `expected` was heard. */
  say(text: string, expected: RegExp): Promise<void>;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  let heard = "";
  socket.setEncoding("latin1").on("error", () => undefined);
  socket.on("data", (text: string) => {
    heard += text;
  });
  const until = async (expected: RegExp): Promise<void> => {
    while (!expected.test(heard)) await once(socket, "data");
  };
  await until(/^220 /m);
  return {
    socket,
    heard: () => heard,
    say: async (text, expected) => {
      heard = "";
      socket.write(text, "latin1");
      await until(expected);
    },
  };
}

/** A server that answers every command alike, knows no extension, and keeps what it hears. */
export async function plainServer(
  t: TestContext,
): Promise<{ readonly port: number; heard(): string; readonly server: Server }> {
  let heard = "";
  const server = createServer(socket => {
    let inData = false;
    socket.setEncoding("latin1").on("error", () => undefined);
    socket.write("220 plain.example\r\n");
    socket.on("data", (text: string) => {
      heard += text;
      if (inData) {
        if (!heard.endsWith("\r\n.\r\n")) return;
        inData = false;
      }
      if (text.endsWith("DATA\r\n")) {
        inData = true;
        socket.write("354 go on\r\n");
      } else if (/^[A-Z.]/m.test(text)) socket.write("250 fine\r\n");
    });
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return { port: address.port, heard: () => heard, server };
}

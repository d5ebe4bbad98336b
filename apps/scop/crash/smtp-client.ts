import { dialPlain, type LineSocket } from "./line-socket.ts";

/** One SMTP connection to a receiving server. */
interface SmtpClient {
  /** Sends one message; answers whether the server took responsibility for it. Rejects if the connection ends before the answer. */
  send(recipients: readonly string[], message: Buffer): Promise<boolean>;
  close(): void;
}

const SENDER = "load@outside.example";

/** Connects and says EHLO. */
export async function connectSmtp(port: number): Promise<SmtpClient> {
  const socket = await dialPlain(port);
  await expectReply(socket, "220");
  await command(socket, "EHLO load.outside.example", "250");
  return { send: (recipients, message) => send(socket, recipients, message), close: () => socket.close() };
}

async function send(socket: LineSocket, recipients: readonly string[], message: Buffer): Promise<boolean> {
  await command(socket, `MAIL FROM:<${SENDER}> BODY=8BITMIME`, "250");
  for (const recipient of recipients) await command(socket, `RCPT TO:<${recipient}>`, "250");
  await command(socket, "DATA", "354");
  socket.write(stuffDots(message));
  socket.write(".\r\n");
  return (await reply(socket)).startsWith("250");
}

// RFC 5321 4.5.2
function stuffDots(message: Buffer): Buffer {
  const text = message.toString("latin1").replaceAll("\r\n.", "\r\n..");
  return Buffer.from(text.startsWith(".") ? `.${text}` : text, "latin1");
}

async function command(socket: LineSocket, line: string, expected: string): Promise<void> {
  socket.write(`${line}\r\n`);
  await expectReply(socket, expected, line);
}

async function expectReply(socket: LineSocket, expected: string, after = "connecting"): Promise<void> {
  const answer = await reply(socket);
  if (!answer.startsWith(expected)) throw new Error(`${after}: ${answer}`);
}

async function reply(socket: LineSocket): Promise<string> {
  for (;;) {
    const line = await socket.line();
    if (line[3] !== "-") return line;
  }
}

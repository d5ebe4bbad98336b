import { dialPlain, type LineSocket } from "./line-socket.ts";

/** Whether a reply to the end of a message takes responsibility for it. RFC 5321 4.2.1 */
export function isAccepted(reply: string): boolean {
  return reply.startsWith("250");
}

/** One SMTP connection to a receiving server. */
interface SmtpClient {
  /** Sends one message; answers the last line of the reply to its end. Rejects if it does not come to that. */
  send(recipients: readonly string[], message: Buffer): Promise<string>;
  close(): void;
}

/** Whom mail from outside is from. */
export const OUTSIDE_SENDER = "load@outside.example";

/** Connects to a server that receives mail, and says EHLO. */
export async function connectSmtp(port: number): Promise<SmtpClient> {
  return clientOn(await greeted(port), OUTSIDE_SENDER);
}

/** What a login needs. */
interface Login {
  readonly certificate: Buffer;
  readonly password: string;
}

/** Connects to a server that takes mail for everybody from `account`; where it asks for that, with STARTTLS and PLAIN. */
export async function connectSubmission(port: number, account: string, login: Login | undefined): Promise<SmtpClient> {
  const plain = await greeted(port);
  if (login === undefined) return clientOn(plain, account);
  await command(plain, "STARTTLS", "220");
  const socket = await plain.secured(login.certificate);
  await command(socket, HELLO, "250");
  // An empty authorization identity, then who logs in.
  const credentials = Buffer.from(`\0${account}\0${login.password}`).toString("base64");
  socket.write(`AUTH PLAIN ${credentials}\r\n`);
  await expectReply(socket, "235", "AUTH PLAIN");
  return clientOn(socket, account);
}

const HELLO = "EHLO load.outside.example";

async function greeted(port: number): Promise<LineSocket> {
  const socket = await dialPlain(port);
  await expectReply(socket, "220");
  await command(socket, HELLO, "250");
  return socket;
}

function clientOn(socket: LineSocket, sender: string): SmtpClient {
  return {
    send: (recipients, message) => send(socket, sender, recipients, message),
    close: () => socket.close(),
  };
}

async function send(
  socket: LineSocket,
  sender: string,
  recipients: readonly string[],
  message: Buffer,
): Promise<string> {
  await command(socket, `MAIL FROM:<${sender}> BODY=8BITMIME`, "250");
  for (const recipient of recipients) await command(socket, `RCPT TO:<${recipient}>`, "250");
  await command(socket, "DATA", "354");
  socket.write(stuffDots(message));
  socket.write(".\r\n");
  return reply(socket);
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

import { dialTls, type LineSocket } from "./line-socket.ts";

/** An untagged response: its text, in which each literal stands as `{n}`, and the literals. */
export interface Untagged {
  readonly text: string;
  readonly literals: readonly Buffer[];
}

/** How a command ended. */
export interface Completion {
  readonly ok: boolean;
  /** What came after the tag. */
  readonly text: string;
  readonly untagged: readonly Untagged[];
}

/** One IMAP connection, logged in. */
export interface ImapClient {
  /** Sends a command, with at most one literal at its end, and waits for its completion. */
  run(command: string, literal?: Buffer): Promise<Completion>;
  close(): void;
}

/** Connects with TLS and logs in. */
export async function connectImap(
  port: number,
  certificate: Buffer,
  address: string,
  password: string,
): Promise<ImapClient> {
  const socket = await dialTls(port, certificate);
  const greeting = await socket.line();
  if (!greeting.startsWith("* OK")) throw new Error(`IMAP greeting: ${greeting}`);
  let count = 0;
  const run = (command: string, literal?: Buffer): Promise<Completion> => {
    count += 1;
    return exchange(socket, `A${count}`, command, literal);
  };
  const login = await run(`LOGIN ${address} ${password}`);
  if (!login.ok) throw new Error(`LOGIN ${address}: ${login.text}`);
  return { run, close: () => socket.close() };
}

/** The command's completion, or an error that says what was refused. */
export async function runOk(client: ImapClient, command: string): Promise<Completion> {
  const completion = await client.run(command);
  if (!completion.ok) throw new Error(`${command}: ${completion.text}`);
  return completion;
}

async function exchange(
  socket: LineSocket,
  tag: string,
  command: string,
  literal: Buffer | undefined,
): Promise<Completion> {
  socket.write(literal === undefined ? `${tag} ${command}\r\n` : `${tag} ${command} {${literal.length}}\r\n`);
  const untagged: Untagged[] = [];
  for (;;) {
    const response = await readResponse(socket);
    if (response.text.startsWith("+") && literal !== undefined) {
      socket.write(literal);
      socket.write("\r\n");
    } else if (response.text.startsWith(`${tag} `)) {
      const text = response.text.slice(tag.length + 1);
      return { ok: text.startsWith("OK"), text, untagged };
    } else {
      untagged.push(response);
    }
  }
}

async function readResponse(socket: LineSocket): Promise<Untagged> {
  let text = "";
  const literals: Buffer[] = [];
  for (;;) {
    const line = await socket.line();
    text += line;
    const literal = /\{(\d+)\}$/.exec(line);
    if (literal === null) return { text, literals };
    literals.push(await socket.octets(Number(literal[1])));
  }
}

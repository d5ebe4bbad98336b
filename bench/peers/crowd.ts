import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { connect as connectTls } from "node:tls";

/**
 * A crowd of clients that a server could do without: `PORT COUNT idle|slow|tls`. Idle ones say nothing after the greeting; slow ones send a byte
 * a second, every other one of them within a message; those with TLS say nothing after the handshake. They come from many addresses of
 * 127.0.0.0/8. Says `open` when all are there, and answers each line of standard input with how many still are.
 */
const [port = "", count = "", kind = ""] = process.argv.slice(2);
/** Connections from one address: far below what a server allows one. */
const PER_ADDRESS = 20;
/** Connections that are made at once. */
const AT_ONCE = 100;
const SECOND_MS = 1_000;
const IN_A_MESSAGE =
  "EHLO slow.example\r\nMAIL FROM:<slow@slow.example>\r\nRCPT TO:<bob@scop.test>\r\nDATA\r\nSubject: ";
const held = new Set<Socket>();

await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => openEvery(lane)));
console.log("open");
for await (const _ of createInterface(process.stdin)) console.log(held.size);

async function openEvery(lane: number): Promise<void> {
  for (let number = lane; number < Number(count); number += AT_ONCE) await open(number);
}

/** Resolves once the server has said hello. */
async function open(number: number): Promise<void> {
  const place = Math.floor(number / PER_ADDRESS);
  const localAddress = `127.${1 + (place >> 16)}.${(place >> 8) & 255}.${2 + (place & 127)}`;
  const socket = connect({ host: "127.0.0.1", port: Number(port), localAddress });
  socket.on("error", () => undefined);
  socket.on("close", () => held.delete(socket));
  held.add(socket);
  await answered(socket);
  if (kind === "slow") dawdle(socket, number % 2 === 0 ? "NOOP\r\n" : IN_A_MESSAGE);
  if (kind === "tls") await secure(socket);
}

function answered(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    socket.once("data", () => resolve()).once("close", () => resolve());
  });
}

/** Sends a command again and again, a byte a second; or the beginning of a message at once, and the rest so. */
function dawdle(socket: Socket, text: string): void {
  const isMessage = text === IN_A_MESSAGE;
  if (isMessage) socket.write(text);
  socket.resume();
  let at = 0;
  const timer = setInterval(() => {
    socket.write(isMessage ? "x" : text[at % text.length]!);
    at += 1;
  }, SECOND_MS);
  socket.once("close", () => clearInterval(timer));
}

async function secure(socket: Socket): Promise<void> {
  for (const command of ["EHLO crowd.example\r\n", "STARTTLS\r\n"]) {
    socket.write(command);
    await answered(socket);
  }
  const secured = connectTls({ socket, rejectUnauthorized: false });
  secured.on("error", () => undefined);
  await new Promise<void>(resolve => secured.once("secureConnect", resolve).once("close", () => resolve()));
}

import type { Socket } from "node:net";

/** Sockets that hold back what was written in this turn of the event loop. */
let waiting: Socket[] = [];

/**
 * Holds back what is written to a socket until everything that came in this turn was read. A system call that sends over loopback or to a
 * near peer wakes it up; when many are answered in one turn, those that come first would wake and sleep again for each answer.
 */
export function sendLater(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  if (waiting.push(socket) === 1) setImmediate(sendAll);
}

function sendAll(): void {
  const sockets = waiting;
  waiting = [];
  for (const socket of sockets) socket.uncork();
}

import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";

/** One IMAP connection that looks at nothing but the end of each answer, so that it costs little beside the server. */
interface ImapSocket {
  /** Sends a command and resolves with the octets of its answer. Rejects unless it is OK. */
  run(command: string | Buffer): Promise<number>;
  close(): void;
}

const TAIL_CHARACTERS = 4_096;

/** Connects to 127.0.0.1, whatever the certificate, and logs in. */
export async function dialImap(port: number, user: string, password: string): Promise<ImapSocket> {
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false });
  // What went wrong is told by the close that follows.
  socket.on("error", () => undefined);
  await once(socket, "data");
  let count = 0;
  const run = (command: string | Buffer): Promise<number> => {
    count += 1;
    const tag = `A${count}`;
    const answered = untilTagged(socket, tag);
    socket.write(Buffer.concat([Buffer.from(`${tag} `), Buffer.from(command), Buffer.from("\r\n")]));
    return answered;
  };
  await run(`LOGIN ${user} ${password}`);
  return { run, close: () => void socket.destroy() };
}

function untilTagged(socket: TLSSocket, tag: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let octets = 0;
  let tail = "";
  const take = (chunk: Buffer): void => {
    octets += chunk.length;
    tail = (tail + chunk.toString("latin1")).slice(-TAIL_CHARACTERS);
    if (!tail.endsWith("\r\n")) return;
    const last = tail.slice(tail.lastIndexOf("\r\n", tail.length - 3) + 1).trim();
    if (!last.startsWith(`${tag} `)) return;
    done();
    if (last.startsWith(`${tag} OK`)) resolve(octets);
    else reject(new Error(last));
  };
  const fail = (): void => {
    done();
    reject(new Error("the connection ended"));
  };
  const done = (): void => void socket.off("data", take).off("close", fail);
  socket.on("data", take).on("close", fail);
  return promise;
}

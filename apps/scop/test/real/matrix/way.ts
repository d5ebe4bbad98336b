import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A port that leads to another one, and can be cut. */
interface Way {
  readonly port: number;
  cut(isCut: boolean): void;
  stop(): void;
}

/** Opens a way on loopback to a port there. */
export async function openWay(to: number): Promise<Way> {
  const open = new Set<Socket>();
  let isOpen = true;
  const server = createServer(from => {
    if (!isOpen) return void from.destroy();
    const onward = connect(to, "127.0.0.1");
    for (const [socket, other] of [
      [from, onward],
      [onward, from],
    ] as const) {
      open.add(socket);
      socket
        .on("error", () => undefined)
        .once("close", () => {
          open.delete(socket);
          other.destroy();
        });
      socket.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const cut = (isCut: boolean): void => {
    isOpen = !isCut;
    if (isCut) for (const socket of open) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    stop() {
      cut(true);
      server.close();
    },
  };
}

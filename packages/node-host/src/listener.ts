import { createServer, type Server } from "node:net";
import type { SecureContext } from "node:tls";
import type { Connection } from "@scop/platform";
import { acceptedConnection } from "./connection.ts";

/** Where to listen: an address and port (0: any), or a descriptor that the service manager opened. */
export type ListenAt = { readonly host: string; readonly port: number } | { readonly fd: number };

/** What a listener does with those who come. */
export interface ListenOptions {
  readonly at: ListenAt;
  /** The certificate for TLS, looked up for each handshake so that it can be renewed. */
  readonly tls: (() => SecureContext) | undefined;
  /** Connections held at once; further ones are dropped until one ends. */
  readonly connectionsMax: number;
  /** Called for each connection. It may not throw; a promise that rejects is given to `failed`. */
  readonly accept: (connection: Connection) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** An open door. */
export interface Listener {
  /** The port that was taken. */
  readonly port: number;
  /** Connections that are open now. */
  connections(): number;
  /** Accepts nobody any more. Connections that are open go on. */
  stop(): Promise<void>;
  /** Drops every connection. */
  abort(): void;
}

/** Opens a listener. Rejects with Node's error (`EADDRINUSE`, `EACCES`) where the port can't be taken. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const open = new Set<Connection>();
  const server = createServer({ allowHalfOpen: true }, accepted => {
    if (open.size >= options.connectionsMax) return void accepted.destroy();
    const connection = acceptedConnection(accepted, options.tls);
    open.add(connection);
    options
      .accept(connection)
      .catch(options.failed)
      .finally(() => {
        open.delete(connection);
        connection.abort();
      });
  });
  await listening(server, options.at);
  server.on("error", options.failed);
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    connections: () => open.size,
    stop: () => new Promise(resolve => (server.listening ? stopped(server, resolve) : resolve())),
    abort: () => {
      for (const connection of open) connection.abort();
    },
  };
}

/** Node calls back only when the last connection ended; a listener is stopped when it accepts no more. */
function stopped(server: Server, resolve: () => void): void {
  server.close();
  setImmediate(resolve);
}

function listening(server: Server, at: ListenAt): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen("fd" in at ? { fd: at.fd } : { host: at.host, port: at.port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

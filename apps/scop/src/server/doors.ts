import type { SecureContext } from "node:tls";
import { type Listener, listen } from "@scop/node-host";
import type { Connection, Log } from "@scop/platform";
import type { ListenerName } from "../config.ts";
import { Fault } from "../fault.ts";

/** What can be listened with. */
interface Door {
  readonly name: ListenerName;
  readonly host: string;
  readonly port: number;
  readonly context: SecureContext;
  readonly connectionsMax: number;
  readonly accept: (connection: Connection) => Promise<void>;
}

/** Opens one listener; a port that can't be had is named with the option that moves it. */
export async function openDoor(door: Door, log: Log): Promise<Listener> {
  try {
    return await listen({
      at: activated(door.name) ?? { host: door.host, port: door.port },
      tls: () => door.context,
      connectionsMax: door.connectionsMax,
      accept: door.accept,
      failed: error => log.write("error", "a connection failed", { listener: door.name, detail: String(error) }),
    });
  } catch (error) {
    throw portFault(error, door.name, door.host, door.port);
  }
}

/** What to say when a port can't be taken. */
export function portFault(
  error: unknown,
  name: ListenerName | "https" | "federation",
  host: string,
  port: number,
): Error {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const where = `${host}:${port}`;
  if (code === "EADDRINUSE") {
    return new Fault(
      `port ${port} is in use (${where}, ${name}); end what uses it, or move this one with --${name} PORT`,
    );
  }
  if (code === "EACCES") {
    return new Fault(
      `port ${port} needs rights that scop should not have (${where}, ${name}); use socket activation, or --${name} PORT above 1023`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new Fault(`${host} is not an address of this machine (${name}); choose another with --host ADDRESS`);
  }
  return error instanceof Error ? error : new Fault(String(error));
}

/** The first descriptor that a service manager hands over. */
const FIRST_DESCRIPTOR = 3;

/** A socket that systemd opened for this listener: LISTEN_FDNAMES says which is which. Low ports without root. */
export function activated(name: ListenerName | "https" | "federation"): { readonly fd: number } | undefined {
  if (process.env["LISTEN_PID"] !== String(process.pid)) return undefined;
  const index = (process.env["LISTEN_FDNAMES"] ?? "").split(":").indexOf(name);
  return index < 0 ? undefined : { fd: FIRST_DESCRIPTOR + index };
}

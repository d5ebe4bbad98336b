import type { Connection, Platform } from "@scop/platform";
import { concat } from "@scop/wire";

/** The capabilities that every host has. */
export type HostIo = Pick<
  Platform,
  "clock" | "timers" | "random" | "crypto" | "net" | "datagrams" | "dns" | "log" | "metrics"
>;

/** What surrounds a host under test: servers at one address, by their ports. */
export interface There {
  readonly address: string;
  /** By the clock of who started them, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly ports: Readonly<Record<PortName, number>>;
}

/** The servers that surround a host. */
export const PORT_NAMES = ["echo", "talker", "nobody", "secure", "stranger", "caller", "datagrams", "names"] as const;
export type PortName = (typeof PORT_NAMES)[number];

/** The name in the certificates of `secure` and of the host under test; who issued that of `stranger` nobody knows. */
export const NAME = "mx.scop.test";

/** What is promised of every host: one sentence, and what fails where it is not so. */
export interface Check {
  readonly name: string;
  /** `accept`: the next connection that somebody made to the host. */
  run(io: HostIo, there: There, accept: () => Promise<Connection>): Promise<void> | void;
}

/** Fails where it is not so. */
export function ensure(isSo: boolean, what: string): asserts isSo {
  if (!isSo) throw new Error(what);
}

/** Fails where they differ, by their text. */
export function same(found: unknown, expected: unknown, what: string): void {
  const [one, other] = [found, expected].map(each => JSON.stringify(each));
  ensure(one === other, `${what}: ${one}, not ${other}`);
}

/** The error of a promise that has to reject. */
export async function rejection(promise: Promise<unknown>, what: string): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    ensure(error instanceof Error, `${what} rejects with an error`);
    return error;
  }
  throw new Error(`${what} did not reject`);
}

/** As many octets as are asked for, or what came until the end. */
export async function readOctets(connection: Connection, octets: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let held = 0; held < octets; ) {
    const piece = await connection.read();
    if (piece === undefined) break;
    pieces.push(piece);
    held += piece.length;
  }
  return concat(pieces);
}

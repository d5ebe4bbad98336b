import type { Endpoint } from "./net.ts";

/** A socket for datagrams to and from one peer. What other hosts and ports send does not arrive. */
export interface DatagramSocket {
  /** Sends one datagram. It may be lost, and nobody says so. */
  send(octets: Uint8Array): void;
  /**
   * The next datagram; undefined after `close`, and once it is known that the peer can't be reached. Few are kept until they are asked
   * for, the others are lost. One call at a time.
   */
  receive(): Promise<Uint8Array | undefined>;
  close(): void;
}

/** Sockets for datagrams. */
export interface Datagrams {
  /** A new socket, on a port that the peer's enemies can't foresee. Never throws: a socket that can't be had reaches nobody. */
  open(to: Endpoint): DatagramSocket;
}

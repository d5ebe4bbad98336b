import type { DatagramSocket, Datagrams, Endpoint } from "@scop/platform";
import { addressNumber } from "./address-number.ts";
import type { Native } from "./native.ts";

/** All sockets for datagrams of the machine. */
export class DatagramTable implements Datagrams {
  readonly #native: Native;
  /** What waits for a datagram, by its socket. */
  readonly #waiting = new Map<number, (octets: Uint8Array | undefined) => void>();

  constructor(native: Native) {
    this.#native = native;
  }

  open(to: Endpoint): DatagramSocket {
    const native = this.#native;
    const waiting = this.#waiting;
    const address = addressNumber(to.address);
    let id = address === undefined ? -1 : native.openDatagrams(address, to.port);
    return {
      send: octets => {
        if (id >= 0) native.sendDatagram(id, octets);
      },
      receive: () => {
        if (id < 0) return Promise.resolve(undefined);
        const octets = native.receiveDatagram(id);
        if (octets !== undefined) return Promise.resolve(octets);
        return new Promise(resolve => waiting.set(id, resolve));
      },
      close: () => {
        if (id < 0) return;
        native.closeDatagrams(id);
        const waits = waiting.get(id);
        waiting.delete(id);
        id = -1;
        waits?.(undefined);
      },
    };
  }

  /** Gives what has come to who waits for it. */
  look(): void {
    for (const [id, resolve] of [...this.#waiting]) {
      const octets = this.#native.receiveDatagram(id);
      if (octets === undefined) continue;
      this.#waiting.delete(id);
      resolve(octets);
    }
  }
}

import { ConnectFailed, type Connection, type Net, type Timers } from "@scop/platform";
import { addressNumber } from "./address-number.ts";
import { UnikernelConnection } from "./connection.ts";
import { type Native, Status } from "./native.ts";

/** All connections of the machine, in and out. */
export class ConnectionTable implements Net {
  readonly #native: Native;
  readonly #timers: Timers;
  readonly #open = new Set<UnikernelConnection>();
  readonly #connecting = new Map<number, (made: boolean) => void>();
  #accept: ((connection: Connection) => void) | undefined;

  constructor(native: Native, timers: Timers) {
    this.#native = native;
    this.#timers = timers;
  }

  listen(port: number, connectionsMax: number, accept: (connection: Connection) => void): void {
    this.#accept = accept;
    this.#native.listen(port, connectionsMax);
  }

  connect(to: { readonly address: string; readonly port: number; readonly timeoutMs: number }): Promise<Connection> {
    const address = addressNumber(to.address);
    if (address === undefined) return Promise.reject(new ConnectFailed(`${to.address} is no IPv4 address`));
    const id = this.#native.connect(address, to.port);
    if (id < 0) return Promise.reject(new ConnectFailed("no room for another connection"));
    return new Promise((resolve, reject) => {
      const done = (made: boolean): void => {
        this.#connecting.delete(id);
        timer.clear();
        if (made) resolve(this.#hold(id));
        else {
          this.#native.release(id, 1);
          reject(new ConnectFailed("not reached"));
        }
      };
      const timer = this.#timers.set(to.timeoutMs, () => done(false));
      this.#connecting.set(id, done);
    });
  }

  /** Goes on with whatever can. */
  look(): void {
    if (this.#accept !== undefined) {
      for (let id = this.#native.accept(); id >= 0; id = this.#native.accept()) this.#accept(this.#hold(id));
    }
    for (const [id, done] of this.#connecting) {
      const status = this.#native.status(id);
      if ((status & Status.connecting) === 0) done((status & Status.closed) === 0);
    }
    for (const connection of this.#open) {
      connection.look();
      if (connection.gone) this.#open.delete(connection);
    }
  }

  #hold(id: number): UnikernelConnection {
    const connection = new UnikernelConnection(this.#native, id);
    this.#open.add(connection);
    return connection;
  }
}

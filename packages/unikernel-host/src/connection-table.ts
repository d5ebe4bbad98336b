import { ConnectFailed, type Connection, type Net, type Timers } from "@scop/platform";
import { addressNumber } from "./address-number.ts";
import { UnikernelConnection } from "./connection.ts";
import { givesWay } from "./door.ts";
import { type Native, Status } from "./native.ts";

/** Newcomers beyond those that may be held: they are taken to be told, or for another to give way to them. */
const NEWCOMERS_MAX = 8;

/** What is done with who comes: `beyond` where as many are held as may be. */
export type Accept = (connection: Connection, place: "held" | "beyond") => void;

/** All connections of the machine, in and out. */
export class ConnectionTable implements Net {
  readonly #native: Native;
  readonly #timers: Timers;
  readonly #open = new Set<UnikernelConnection>();
  readonly #connecting = new Map<number, (made: boolean) => void>();
  readonly #inbound = new Set<UnikernelConnection>();
  /** Those that another gave way to. */
  readonly #admitted: UnikernelConnection[] = [];
  #accept: Accept | undefined;
  #inboundMax = 0;

  constructor(native: Native, timers: Timers) {
    this.#native = native;
    this.#timers = timers;
  }

  listen(port: number, connectionsMax: number, accept: Accept): void {
    this.#accept = accept;
    this.#inboundMax = connectionsMax;
    this.#native.listen(port, connectionsMax + NEWCOMERS_MAX);
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

  /** Goes on with whatever can. Answers whether that is to be asked again at once. */
  look(): boolean {
    // By now those have left who were made to give way.
    for (const connection of this.#admitted.splice(0)) this.#accept?.(connection, "held");
    if (this.#accept !== undefined) {
      for (let id = this.#native.accept(); id >= 0; id = this.#native.accept())
        this.#admit(this.#hold(id), this.#accept);
    }
    for (const [id, done] of this.#connecting) {
      const status = this.#native.status(id);
      if ((status & Status.connecting) === 0) done((status & Status.closed) === 0);
    }
    for (const connection of this.#open) {
      connection.look();
      if (!connection.gone) continue;
      this.#open.delete(connection);
      this.#inbound.delete(connection);
    }
    return this.#admitted.length > 0;
  }

  #admit(connection: UnikernelConnection, accept: Accept): void {
    this.#inbound.add(connection);
    const isFull = this.#inbound.size > this.#inboundMax;
    const leaving = isFull ? givesWay(this.#inbound, connection, this.#native.monotonic()) : undefined;
    if (leaving === undefined) {
      accept(connection, isFull ? "beyond" : "held");
      return;
    }
    leaving.abort();
    this.#inbound.delete(leaving);
    this.#admitted.push(connection);
  }

  #hold(id: number): UnikernelConnection {
    const connection = new UnikernelConnection(this.#native, id);
    this.#open.add(connection);
    return connection;
  }
}

import { type Connection, type Endpoint, TlsFailed, type TlsInfo } from "@scop/platform";
import { assert, type IpText, parseIp } from "@scop/wire";
import { type Native, Status } from "./native.ts";

const NOWHERE: Endpoint = { address: "0.0.0.0" as IpText, port: 0 };

function endpoint(text: string | undefined): Endpoint {
  const [address = "", port = ""] = (text ?? "").split(":");
  const ip = parseIp(address);
  return ip.ok ? { address: ip.value.text, port: Number(port) } : NOWHERE;
}

/** Octets that wait for room in the base. */
interface Unsent {
  readonly bytes: Uint8Array;
  sent: number;
  readonly done: () => void;
}

/** A connection of the base as `@scop/platform` describes it. `look` is called whenever something may have happened. */
export class UnikernelConnection implements Connection {
  readonly remote: Endpoint;
  readonly local: Endpoint;
  readonly tls: TlsInfo | undefined = undefined;
  readonly #native: Native;
  readonly #id: number;
  #reader: ((bytes: Uint8Array | undefined) => void) | undefined;
  readonly #unsent: Unsent[] = [];
  #closed: (() => void)[] = [];
  #state: "open" | "closing" | "gone" = "open";

  constructor(native: Native, id: number) {
    this.#native = native;
    this.#id = id;
    const [theirs, ours] = (native.ends(id) ?? "").split(" ");
    this.remote = endpoint(theirs);
    this.local = endpoint(ours);
  }

  /** Whether the base holds nothing of it any more. */
  get gone(): boolean {
    return this.#state === "gone";
  }

  read(): Promise<Uint8Array | undefined> {
    assert(this.#reader === undefined, "one read at a time");
    if (this.#state !== "open") return Promise.resolve(undefined);
    return new Promise(resolve => {
      this.#reader = resolve;
      this.#receive();
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#state !== "open") return Promise.resolve();
    return new Promise(done => {
      this.#unsent.push({ bytes, sent: 0, done });
      this.#send();
    });
  }

  async writeParts(parts: readonly Uint8Array[]): Promise<void> {
    await Promise.all(parts.map(part => this.write(part)));
  }

  async startTls(): Promise<TlsInfo> {
    this.abort();
    throw new TlsFailed("this image has no TLS");
  }

  close(): Promise<void> {
    if (this.#state === "gone") return Promise.resolve();
    this.#state = "closing";
    this.#answerReader(undefined);
    return new Promise(resolve => {
      this.#closed.push(resolve);
      this.#send();
    });
  }

  abort(): void {
    this.#end(1);
  }

  /** Goes on with what waits, as far as the base can. */
  look(): void {
    if (this.#state === "gone") return;
    this.#receive();
    this.#send();
  }

  #receive(): void {
    if (this.#reader === undefined) return;
    const status = this.#native.status(this.#id);
    if ((status & Status.readable) !== 0) this.#answerReader(this.#native.read(this.#id));
    else if ((status & Status.ended) !== 0) this.#answerReader(undefined);
  }

  #answerReader(bytes: Uint8Array | undefined): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.(bytes);
  }

  #send(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      next.sent += this.#native.write(this.#id, next.bytes, next.sent);
      if (next.sent < next.bytes.length) {
        // What waits for a peer that is gone is over.
        if ((this.#native.status(this.#id) & Status.closed) !== 0) this.#end(1);
        return;
      }
      this.#unsent.shift();
      next.done();
    }
    if (this.#state === "closing") this.#end(0);
  }

  #end(drop: 0 | 1): void {
    if (this.#state === "gone") return;
    this.#state = "gone";
    this.#native.release(this.#id, drop);
    this.#answerReader(undefined);
    for (const { done } of this.#unsent.splice(0)) done();
    for (const done of this.#closed.splice(0)) done();
  }
}

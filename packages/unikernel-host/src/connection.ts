import { type Connection, type Endpoint, TlsFailed, type TlsInfo, type TlsRole } from "@scop/platform";
import { assert, type IpText, parseIp } from "@scop/wire";
import { type Native, Status } from "./native.ts";
import { tlsInfo } from "./tls.ts";

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
  tls: TlsInfo | undefined;
  readonly #native: Native;
  readonly #id: number;
  #reader: ((bytes: Uint8Array | undefined) => void) | undefined;
  readonly #unsent: Unsent[] = [];
  #closed: (() => void)[] = [];
  #secured: (() => void) | undefined;
  #state: "open" | "closing" | "gone" = "open";
  /** When something came last, by the monotonic clock. */
  #heardMs: number;

  constructor(native: Native, id: number) {
    this.#native = native;
    this.#id = id;
    const [theirs, ours] = (native.ends(id) ?? "").split(" ");
    this.remote = endpoint(theirs);
    this.local = endpoint(ours);
    this.#heardMs = native.monotonic();
  }

  /** Whether the base holds nothing of it any more. */
  get gone(): boolean {
    return this.#state === "gone";
  }

  /** For how many milliseconds the peer has left us waiting; undefined where it is not the peer that is waited for. */
  waitedMs(now: number): number | undefined {
    const waits = this.#reader !== undefined || this.#secured !== undefined;
    return this.#state === "open" && waits ? now - this.#heardMs : undefined;
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

  async startTls(as: TlsRole): Promise<TlsInfo> {
    assert(this.#reader === undefined && this.#unsent.length === 0, "nothing is under way while TLS begins");
    if (as.role === "client" && typeof as.verify === "function")
      throw new TlsFailed("this image shows no certificates");
    const required = as.role === "client" && as.verify === "require" ? 1 : 0;
    if (!this.#native.startTls(this.#id, as.role === "client" ? as.serverName : "", required)) {
      this.abort();
      throw new TlsFailed("octets arrived before the TLS handshake, or there is no certificate");
    }
    // What was said before leaves with the next look, and with it the handshake begins.
    await new Promise<void>(resolve => {
      this.#secured = resolve;
    });
    const report = this.#state === "open" ? this.#native.tlsReport(this.#id) : "failed 0 the connection is gone";
    try {
      this.tls = tlsInfo(report ?? "failed 0 nothing was agreed on");
      return this.tls;
    } catch (error) {
      // The peer is told why, and then let go.
      this.#end(0);
      throw error;
    }
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
    this.#securing();
    this.#receive();
    this.#send();
  }

  #securing(): void {
    if (this.#secured === undefined || (this.#native.status(this.#id) & Status.securing) !== 0) return;
    const secured = this.#secured;
    this.#secured = undefined;
    secured();
  }

  #receive(): void {
    if (this.#reader === undefined) return;
    const status = this.#native.status(this.#id);
    if ((status & Status.readable) !== 0) {
      this.#heardMs = this.#native.monotonic();
      this.#answerReader(this.#native.read(this.#id));
    } else if ((status & Status.ended) !== 0) this.#answerReader(undefined);
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
    this.#secured?.();
    for (const { done } of this.#unsent.splice(0)) done();
    for (const done of this.#closed.splice(0)) done();
  }
}

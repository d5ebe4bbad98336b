import { promisify } from "node:util";
import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, gzip, type InflateRaw } from "node:zlib";
import type { Compression, Connection, Endpoint, Gzip, TlsInfo } from "@scop/platform";

/** Octets that are inflated at a time, and then wait to be read. */
const INFLATED_AT_ONCE = 16 * 1024;
/** So much may come of anything. */
const INFLATED_FREE_OCTETS = 1024 * 1024;
/** Beyond that, so many octets may come of each: text becomes 3 to 20, a bomb up to 1,032. */
const INFLATED_RATIO_MAX = 200;
/** A window of 8 KiB and small tables: 64 KiB for a connection instead of 256, for a few octets more. */
const DEFLATE = { windowBits: 13, memLevel: 6, level: 6 } as const;

/** DEFLATE by Node's zlib. */
export function nodeCompression(): Compression {
  return { deflate: connection => new DeflatedConnection(connection) };
}

/** Files by Node's zlib, in its pool of threads. */
export const nodeGzip: Gzip = { pack: promisify<Uint8Array, Uint8Array>(gzip) };

class DeflatedConnection implements Connection {
  readonly #inner: Connection;
  readonly #inflate: InflateRaw = createInflateRaw({ chunkSize: INFLATED_AT_ONCE });
  readonly #deflate: DeflateRaw = createDeflateRaw(DEFLATE);
  readonly #deflated: Uint8Array[] = [];
  #came = 0;
  #made = 0;
  #inflating = false;
  #over = false;
  #wake: () => void = () => undefined;
  #written: Promise<void> = Promise.resolve();

  constructor(inner: Connection) {
    this.#inner = inner;
    this.#inflate.on("readable", () => this.#wake());
    this.#inflate.on("end", () => this.#end());
    for (const stream of [this.#inflate, this.#deflate]) stream.on("error", () => this.abort());
    this.#deflate.on("data", (bytes: Uint8Array) => this.#deflated.push(bytes));
  }

  get remote(): Endpoint {
    return this.#inner.remote;
  }

  get local(): Endpoint {
    return this.#inner.local;
  }

  get tls(): TlsInfo | undefined {
    return this.#inner.tls;
  }

  async read(): Promise<Uint8Array | undefined> {
    // Each turn gives octets, waits for some to be made, or takes more from the peer.
    while (!this.#over) {
      const bytes = this.#inflate.read() as Uint8Array | null;
      if (bytes !== null) return this.#isBomb(bytes.length) ? this.#drop() : new Uint8Array(bytes);
      if (this.#inflating) await new Promise<void>(resolve => (this.#wake = resolve));
      else if (!(await this.#takeMore())) return this.#drop();
    }
    return undefined;
  }

  #isBomb(octets: number): boolean {
    this.#made += octets;
    return this.#made > INFLATED_FREE_OCTETS && this.#made > this.#came * INFLATED_RATIO_MAX;
  }

  async #takeMore(): Promise<boolean> {
    const bytes = await this.#inner.read();
    if (bytes === undefined || this.#over) return false;
    this.#came += bytes.length;
    this.#inflating = true;
    this.#inflate.write(bytes, () => {
      this.#inflating = false;
      this.#wake();
    });
    return true;
  }

  #drop(): undefined {
    this.abort();
    return undefined;
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.writeParts([bytes]);
  }

  writeParts(parts: readonly Uint8Array[]): Promise<void> {
    const before = this.#written;
    this.#written = before.then(() => this.#compress(parts));
    return this.#written;
  }

  async #compress(parts: readonly Uint8Array[]): Promise<void> {
    if (this.#over) return;
    await new Promise<void>(resolve => {
      this.#deflate.once("close", resolve);
      for (const part of parts) this.#deflate.write(part);
      this.#deflate.flush(constants.Z_SYNC_FLUSH, () => {
        this.#deflate.off("close", resolve);
        resolve();
      });
    });
    await this.#inner.writeParts(this.#deflated.splice(0));
  }

  startTls(): Promise<TlsInfo> {
    return Promise.reject(new Error("TLS can't be started on a connection that is compressed"));
  }

  async close(): Promise<void> {
    await this.#written;
    this.#end();
    await this.#inner.close();
  }

  abort(): void {
    this.#end();
    this.#inner.abort();
  }

  #end(): void {
    this.#over = true;
    this.#inflate.destroy();
    this.#deflate.destroy();
    this.#wake();
  }
}

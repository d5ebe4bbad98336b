import { once } from "node:events";
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

/** How long a peer may be silent. */
const SILENCE_MS_MAX = 20_000;

/** A connection that is read line by line or by a number of octets. */
export class LineSocket {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #octets = 0;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(SILENCE_MS_MAX, () => socket.destroy(new Error(`silent for ${SILENCE_MS_MAX} ms`)));
    socket.on("data", chunk => {
      this.#chunks.push(chunk);
      this.#octets += chunk.length;
      this.#wake?.();
    });
    socket.on("error", error => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the peer closed the connection")));
  }

  /** The next line without its CRLF, as Latin-1. */
  async line(): Promise<string> {
    let searched = 0;
    for (;;) {
      const bytes = this.#joined();
      const end = bytes.indexOf(0x0a, searched);
      if (end >= 0)
        return this.#take(end + 1)
          .toString("latin1")
          .replace(/\r?\n$/, "");
      searched = bytes.length;
      await this.#more();
    }
  }

  async octets(count: number): Promise<Buffer> {
    while (this.#octets < count) await this.#more();
    return this.#take(count);
  }

  write(bytes: string | Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Goes on with TLS, after STARTTLS was answered; the certificate must be the one given. */
  async secured(certificate: Buffer): Promise<LineSocket> {
    for (const event of ["data", "error", "close", "timeout"]) this.#socket.removeAllListeners(event);
    const socket = connectTls({ socket: this.#socket, ca: certificate, checkServerIdentity: () => undefined });
    await once(socket, "secureConnect");
    return new LineSocket(socket);
  }

  #joined(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!;
  }

  #take(count: number): Buffer {
    const bytes = this.#joined();
    this.#chunks = [bytes.subarray(count)];
    this.#octets -= count;
    return bytes.subarray(0, count);
  }

  // What arrived before the end is still read: an answer that a killed server sent counts.
  async #more(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>(resolve => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake?.();
  }
}

/** Connects to 127.0.0.1 without TLS. */
export async function dialPlain(port: number): Promise<LineSocket> {
  const socket = connectPlain(port, "127.0.0.1");
  await once(socket, "connect");
  return new LineSocket(socket);
}

/** Connects to 127.0.0.1 with TLS from the start; the certificate must be the one given. */
export async function dialTls(port: number, certificate: Buffer): Promise<LineSocket> {
  const socket = connectTls({ port, host: "127.0.0.1", ca: certificate, checkServerIdentity: () => undefined });
  await once(socket, "secureConnect");
  return new LineSocket(socket);
}

import { assert, concat } from "@scop/wire";
import { UNREAD_OCTETS_MAX } from "./limits.ts";

/** A message that arrives. It is read once, as a stream or as bytes; what nobody reads is thrown away. */
export interface IncomingMessage extends AsyncIterable<Uint8Array> {
  /**
   * All of it, at most as much as the receiver's `messageOctets`. Rejects with `MessageLost` where the rest never comes, or where all
   * messages that are held this way have more than the receiver allows.
   */
  bytes(): Promise<Uint8Array>;
}

/** The message did not arrive whole, or there is no room for it. What was read of it is nothing: the client was not told 250. */
export class MessageLost extends Error {
  override readonly name = "MessageLost";
  /** `aborted`: the client went away, sent too much, or a CR or LF alone. `room`: too many messages at once. */
  readonly reason: "aborted" | "room";

  constructor(reason: MessageLost["reason"]) {
    super(reason === "room" ? "too many messages are held in memory" : "the message did not arrive whole");
    this.reason = reason;
  }
}

type Ending = "open" | "whole" | "aborted";

/** One end takes octets as they come, the other reads them; the client waits while much is unread. */
export class MessagePipe implements IncomingMessage {
  readonly #take: (octets: number) => boolean;
  #chunks: Uint8Array[] = [];
  #octets = 0;
  #ending: Ending = "open";
  #reading: "not yet" | "yes" | "no more" = "not yet";
  #resume: (() => void) | undefined;
  #arrived: (() => void) | undefined;
  /** Octets that `bytes` was granted. */
  #granted = 0;

  /** `take` says whether so many more octets may be held by `bytes`. */
  constructor(take: (octets: number) => boolean) {
    this.#take = take;
  }

  get grantedOctets(): number {
    return this.#granted;
  }

  /** Takes octets. A promise resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#reading === "no more") return undefined;
    this.#chunks.push(bytes);
    this.#octets += bytes.length;
    this.#wake();
    if (this.#octets < UNREAD_OCTETS_MAX) return undefined;
    return new Promise(resolve => {
      this.#resume = resolve;
    });
  }

  /** No more will come. */
  end(how: "whole" | "aborted"): void {
    this.#ending = how;
    if (how === "aborted") this.#chunks = [];
    this.#wake();
    this.#release();
  }

  /** Nobody reads any further. */
  discard(): void {
    this.#reading = "no more";
    this.#chunks = [];
    this.#release();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    assert(this.#reading === "not yet", "a message is read once");
    this.#reading = "yes";
    try {
      for (;;) {
        const chunks = this.#chunks;
        this.#chunks = [];
        this.#release();
        yield* chunks;
        if (this.#chunks.length > 0) continue;
        if (this.#ending === "whole") return undefined;
        if (this.#ending === "aborted") throw new MessageLost("aborted");
        await new Promise<void>(resolve => {
          this.#arrived = resolve;
        });
      }
    } finally {
      this.discard();
    }
  }

  async bytes(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this) {
      if (!this.#take(chunk.length)) throw new MessageLost("room");
      this.#granted += chunk.length;
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : concat(chunks);
  }

  #wake(): void {
    this.#arrived?.();
    this.#arrived = undefined;
  }

  /** What waited was taken. */
  #release(): void {
    this.#octets = 0;
    this.#resume?.();
    this.#resume = undefined;
  }
}

import type { HomeserverIo } from "../context.ts";

/** Requests that wait for files at a time; a further one is answered at once. Our own bound. */
const WAITS_MAX = 1_000;

/** Those who wait for files that are to come. */
export class MediaArrivals {
  readonly #io: Pick<HomeserverIo, "timers">;
  readonly #waiting: Map<string, Set<() => void>> = new Map();
  #count = 0;

  constructor(io: Pick<HomeserverIo, "timers">) {
    this.#io = io;
  }

  /** Resolves when the file has come, after so many milliseconds, or when who asks is gone. */
  until(media: string, ms: number, onGone: (listener: () => void) => void): Promise<void> {
    if (ms <= 0 || this.#count >= WAITS_MAX) return Promise.resolve();
    return new Promise(resolve => {
      this.#count += 1;
      let isOver = false;
      const end = (): void => {
        if (isOver) return;
        isOver = true;
        this.#count -= 1;
        timer.clear();
        this.#remove(media, end);
        resolve();
      };
      const timer = this.#io.timers.set(ms, end);
      this.#waiting.set(media, (this.#waiting.get(media) ?? new Set()).add(end));
      onGone(end);
    });
  }

  /** A file has come. */
  tell(media: string): void {
    for (const end of [...(this.#waiting.get(media) ?? [])]) end();
  }

  /** Lets everybody go. */
  close(): void {
    for (const media of [...this.#waiting.keys()]) this.tell(media);
  }

  #remove(media: string, end: () => void): void {
    const ends = this.#waiting.get(media);
    ends?.delete(end);
    if (ends?.size === 0) this.#waiting.delete(media);
  }
}

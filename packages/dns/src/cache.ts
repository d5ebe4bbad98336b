import type { DnsAnswer } from "@scop/platform";
import { CACHE_ENTRIES_MAX } from "./limits.ts";
import type { RecordData } from "./record.ts";

interface Entry {
  readonly answer: DnsAnswer<RecordData>;
  readonly until: number;
  readonly octets: number;
}

/** Answers until their time is over. Full, it forgets those that came first. */
export class Cache {
  readonly #entries = new Map<string, Entry>();
  readonly #octetsMax: number;
  #octets = 0;

  /** `octetsMax`: of the messages that the answers came in. */
  constructor(octetsMax: number) {
    this.#octetsMax = octetsMax;
  }

  /** The answer, if it may still be given at this time. */
  get(key: string, now: number): DnsAnswer<RecordData> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > now) return entry.answer;
    this.#delete(key, entry);
    return undefined;
  }

  /** Keeps an answer until a time. `octets`: how large it was. */
  set(key: string, entry: Entry): void {
    const former = this.#entries.get(key);
    if (former !== undefined) this.#delete(key, former);
    this.#entries.set(key, entry);
    this.#octets += entry.octets;
    for (const [oldest, each] of this.#entries) {
      if (this.#entries.size <= CACHE_ENTRIES_MAX && this.#octets <= this.#octetsMax) return;
      this.#delete(oldest, each);
    }
  }

  #delete(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#octets -= entry.octets;
  }
}

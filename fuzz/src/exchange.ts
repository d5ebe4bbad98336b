/** What a worker brings to an exchange. */
export interface Offer {
  /** What it found since the last one. */
  readonly inputs: readonly Uint8Array[];
  /** Its time, runs or work are over. */
  readonly isOver: boolean;
}

/** What it takes away: what all the others brought. The last exchange is the one at which any of them was over. */
export interface Gift {
  readonly inputs: readonly Uint8Array[];
  readonly isLast: boolean;
}

/**
 * Where workers meet after so many runs. Nobody goes on before all have come, and everybody gets the offers in the order of the workers:
 * what each of them does depends on seeds and numbers of runs, never on who was faster.
 */
export class Exchange {
  readonly #give: (worker: number, gift: Gift) => void;
  readonly #living: Set<number>;
  readonly #offers = new Map<number, Offer>();

  /** `give` is called for each worker that has come, once all have. Workers are numbers from 0 on. */
  constructor(workers: number, give: (worker: number, gift: Gift) => void) {
    this.#give = give;
    this.#living = new Set(Array.from({ length: workers }, (_, worker) => worker));
  }

  offer(worker: number, offer: Offer): void {
    this.#offers.set(worker, offer);
    this.#meet();
  }

  /** A worker ended, and nobody waits for it any more. */
  leave(worker: number): void {
    this.#living.delete(worker);
    this.#meet();
  }

  #meet(): void {
    if (this.#living.size === 0 || [...this.#living].some(worker => !this.#offers.has(worker))) return;
    const offers = [...this.#offers].sort(([one], [other]) => one - other);
    this.#offers.clear();
    const isLast = offers.some(([, { isOver }]) => isOver);
    for (const worker of this.#living) {
      const inputs = offers.flatMap(([from, offer]) => (from === worker ? [] : offer.inputs));
      this.#give(worker, { inputs, isLast });
    }
  }
}

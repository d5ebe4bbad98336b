import type { DnsAnswer } from "@scop/platform";
import { assert } from "@scop/wire";

/** A question that goes out: the TXT records of a name. */
export interface Lookup {
  readonly do: "lookup";
  readonly id: number;
  readonly type: "TXT";
  readonly name: string;
}

/** The questions of one machine: equal names are asked for once. */
export class Lookups {
  readonly #ids = new Map<string, number>();
  readonly #answers: (DnsAnswer<string> | undefined)[] = [];
  #open = 0;

  /** The questions in their order. */
  get asked(): readonly Lookup[] {
    return [...this.#ids].map(([name, id]) => ({ do: "lookup", id, type: "TXT", name }));
  }

  /** Whether every question has its answer. */
  get answered(): boolean {
    return this.#open === 0;
  }

  /** Asks for a name and gives the id of the question. */
  ask(name: string): number {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = this.#answers.push(undefined) - 1;
    this.#ids.set(name, id);
    this.#open += 1;
    return id;
  }

  /** Takes an answer; a second one to the same question is a mistake of the program. */
  answer(id: number, answer: DnsAnswer<string>): void {
    assert(id >= 0 && id < this.#answers.length, "an answer is to a question");
    assert(this.#answers[id] === undefined, "a question is answered once");
    this.#answers[id] = answer;
    this.#open -= 1;
  }

  /** The answer to a question that has one. */
  answerTo(id: number): DnsAnswer<string> {
    const answer = this.#answers[id];
    assert(answer !== undefined, "the question was answered");
    return answer;
  }
}

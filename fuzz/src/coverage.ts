import { counters, edgeCount } from "./counters.ts";

/** Of how often an edge was taken: 1, 2, 3, 4-7, 8-15, 16-31, 32-127 and more. */
const CLASSES = new Uint8Array(128);
for (let count = 1; count < 128; count++)
  CLASSES[count] = count < 4 ? count - 1 : count < 32 ? Math.floor(Math.log2(count)) + 1 : 6;

function classOf(count: number): number {
  return count > 0 && count < 128 ? CLASSES[count]! : 7;
}

/** What was reached by all runs so far. */
export class Coverage {
  /** Bits of the classes seen, by edge. */
  readonly #seen = new Uint8Array(counters.length);
  edges = 0;

  /** Forgets the counts of the run before. */
  begin(): void {
    counters.fill(0, 0, edgeCount());
  }

  /** Adds what the run since `begin` reached. Answers how many features were new, and the steps of the run. */
  add(): { readonly fresh: number; readonly steps: number } {
    const seen = this.#seen;
    let fresh = 0;
    let steps = 0;
    for (let edge = 0, end = edgeCount(); edge < end; edge++) {
      const count = counters[edge]!;
      if (count === 0) continue;
      steps += count;
      const bit = 1 << classOf(count);
      const before = seen[edge]!;
      if ((before & bit) !== 0) continue;
      if (before === 0) this.edges++;
      seen[edge] = before | bit;
      fresh++;
    }
    return { fresh, steps };
  }

  /** Each edge of the run since `begin` with its class, as `edge * 8 + class`, whether new or not. Sorted. */
  features(): readonly number[] {
    const features: number[] = [];
    for (let edge = 0, end = edgeCount(); edge < end; edge++) {
      const count = counters[edge]!;
      if (count !== 0) features.push(edge * 8 + classOf(count));
    }
    return features;
  }

  /** Edges taken by the run since `begin`, with repetition: what it costs, the same on every machine. */
  steps(): number {
    let steps = 0;
    for (let edge = 0, end = edgeCount(); edge < end; edge++) steps += counters[edge]!;
    return steps;
  }
}

/** An input and all that it reaches. */
interface Covering {
  readonly data: Uint8Array;
  readonly features: readonly number[];
}

/**
 * The fewest inputs that reach what all of them reach together, found greedily: those with the most features that are still open for their
 * size first. What would make more than `octetsMax` octets of them is left out. The order of the answer is the order of worth.
 */
export function setCover(inputs: readonly Covering[], octetsMax: number): readonly Uint8Array[] {
  const open = new Set(inputs.flatMap(input => input.features));
  const rank = (input: Covering): Ranked => ({ input, worth: gainOf(input, open) / (16 + input.data.length) });
  // What an input is worth never rises, so the first one that keeps its place when it is counted again is the best.
  const queue = inputs.map(rank).sort((a, b) => a.worth - b.worth);
  const chosen: Uint8Array[] = [];
  let octets = 0;
  while (queue.length > 0) {
    const best = rank(queue.pop()!.input);
    const { data, features } = best.input;
    if (best.worth === 0 || octets + data.length > octetsMax) continue;
    if (best.worth < (queue.at(-1)?.worth ?? 0)) {
      queue.splice(placeOf(queue, best.worth), 0, best);
      continue;
    }
    chosen.push(data);
    octets += data.length;
    for (const feature of features) open.delete(feature);
  }
  return chosen;
}

interface Ranked {
  readonly input: Covering;
  readonly worth: number;
}

function gainOf(input: Covering, open: ReadonlySet<number>): number {
  let gain = 0;
  for (const feature of input.features) if (open.has(feature)) gain++;
  return gain;
}

/** Where something of this worth belongs in a queue with the most worth at its end. */
function placeOf(queue: readonly Ranked[], worth: number): number {
  let [low, high] = [0, queue.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (queue[middle]!.worth < worth) low = middle + 1;
    else high = middle;
  }
  return low;
}

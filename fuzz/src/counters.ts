/** Edges that one process can count. More are an error of the instrumenter, not of a target. */
const EDGES_MAX = 1 << 17;

/**
 * How often each edge was taken since it was last cleared. Instrumented modules import this array by name, so it exists once for each thread.
 * 32 bits, so that their sum is the work that an input costs.
 */
export const counters: Int32Array = new Int32Array(EDGES_MAX);

let used = 0;

/** Numbers for `count` more edges; answers the first. Throws where there is no room left. */
export function reserveEdges(count: number): number {
  const first = used;
  used += count;
  if (used > EDGES_MAX) throw new RangeError(`more than ${EDGES_MAX} edges in one process`);
  return first;
}

/** Edges of all modules that were instrumented in this thread so far. */
export function edgeCount(): number {
  return used;
}

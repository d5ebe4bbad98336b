import { assert } from "@scop/wire";

/** One event in a state: the hash of its type and state key as 32 hexadecimal digits, and the event's position. */
type StateEntry = readonly [hash: string, position: number];

/** A node of a state: entries, or the nodes by the next digit of the hash, 0 where there is none. */
export type StateNode = { readonly entries: readonly StateEntry[] } | { readonly nodes: readonly number[] };

/** Where nodes are kept; a node never changes. */
export interface StateNodes {
  load(node: number): StateNode;
  save(node: StateNode): number;
}

/** Entries of one node; more of them are spread over nodes below. */
const ENTRIES_MAX = 16;
const DIGITS = 16;
const HASH_DIGITS = 32;
const NOTHING: StateNode = { entries: [] };

/**
 * A state as a tree by the digits of a hash. A change makes the nodes on one path anew and shares all others, so that a state of a room
 * costs what it differs from the one before. Its form depends on what is in it alone. Node 0 is the empty state.
 */
export function withEntry(nodes: StateNodes, root: number, entry: StateEntry): number {
  const [hash] = entry;
  assert(hash.length === HASH_DIGITS, "a key is 32 hexadecimal digits");
  const path: (readonly number[])[] = [];
  let node = loaded(nodes, root);
  while ("nodes" in node) {
    path.push(node.nodes);
    node = loaded(nodes, node.nodes[digitOf(hash, path.length - 1)]!);
  }
  const entries = [...node.entries.filter(([other]) => other !== hash), entry].sort(byHash);
  let made = saveEntries(nodes, entries, path.length);
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    made = nodes.save({ nodes: path[depth]!.with(digitOf(hash, depth), made) });
  }
  return made;
}

/** The same without what stands at a hash. */
export function withoutEntry(nodes: StateNodes, root: number, hash: string): number {
  const path: (readonly number[])[] = [];
  let node = loaded(nodes, root);
  while ("nodes" in node) {
    path.push(node.nodes);
    node = loaded(nodes, node.nodes[digitOf(hash, path.length - 1)]!);
  }
  const entries = node.entries.filter(([other]) => other !== hash);
  if (entries.length === node.entries.length) return root;
  let made = entries.length === 0 ? 0 : nodes.save({ entries });
  for (let depth = path.length - 1; depth >= 0; depth -= 1) {
    const below = path[depth]!.with(digitOf(hash, depth), made);
    made = below.every(each => each === 0) ? 0 : nodes.save({ nodes: below });
  }
  return made;
}

/** A state of all these entries, each node made once. Of two with one hash the last counts. */
export function stateOf(nodes: StateNodes, entries: Iterable<StateEntry>): number {
  const sorted = [...new Map(entries)].sort(byHash);
  const made = new Map<string, number>();
  const inner: string[] = [];
  const open: { readonly prefix: string; readonly part: readonly StateEntry[] }[] = [{ prefix: "", part: sorted }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { prefix, part } = next;
    if (part.length === 0) continue;
    if (part.length <= ENTRIES_MAX) {
      made.set(prefix, nodes.save({ entries: part }));
      continue;
    }
    inner.push(prefix);
    const groups = Array.from({ length: DIGITS }, (): StateEntry[] => []);
    for (const entry of part) groups[digitOf(entry[0], prefix.length)]!.push(entry);
    for (const [digit, group] of groups.entries()) open.push({ prefix: prefix + digit.toString(DIGITS), part: group });
  }
  // What lies deeper was found later.
  for (const prefix of inner.reverse()) {
    const below = Array.from({ length: DIGITS }, (_, digit) => made.get(prefix + digit.toString(DIGITS)) ?? 0);
    made.set(prefix, nodes.save({ nodes: below }));
  }
  return made.get("") ?? 0;
}

/** The position at a hash. */
export function entryOf(nodes: StateNodes, root: number, hash: string): number | undefined {
  let node = loaded(nodes, root);
  for (let depth = 0; "nodes" in node; depth += 1) node = loaded(nodes, node.nodes[digitOf(hash, depth)]!);
  return node.entries.find(([other]) => other === hash)?.[1];
}

/** Positions in a state that another one does not have at the same place. What both share is not looked at. */
export function entriesNotIn(nodes: StateNodes, root: number, other: number): readonly number[] {
  const found: number[] = [];
  const open: [number, number][] = [[root, other]];
  while (open.length > 0) {
    const [here, there] = open.pop()!;
    if (here === there) continue;
    const node = loaded(nodes, here);
    const against = loaded(nodes, there);
    if ("nodes" in node && "nodes" in against) {
      for (let digit = 0; digit < DIGITS; digit += 1) open.push([node.nodes[digit]!, against.nodes[digit]!]);
      continue;
    }
    const known = new Map(entriesBelow(nodes, against));
    for (const [hash, position] of entriesBelow(nodes, node)) if (known.get(hash) !== position) found.push(position);
  }
  return found;
}

function entriesBelow(nodes: StateNodes, from: StateNode): readonly StateEntry[] {
  const found: StateEntry[] = [];
  const open = [from];
  while (open.length > 0) {
    const node = open.pop()!;
    if ("entries" in node) found.push(...node.entries);
    else for (const below of node.nodes) if (below !== 0) open.push(loaded(nodes, below));
  }
  return found;
}

/** Saves entries that share so many digits. */
function saveEntries(nodes: StateNodes, entries: readonly StateEntry[], depth: number): number {
  // How many digits all of them share: below that there is one node a digit.
  let shared = depth;
  if (entries.length <= ENTRIES_MAX) return nodes.save({ entries });
  const [first] = entries[0]!;
  const [last] = entries.at(-1)!;
  while (first[shared] === last[shared]) shared += 1;
  const groups = Array.from({ length: DIGITS }, (_, digit) =>
    entries.filter(([hash]) => digitOf(hash, shared) === digit),
  );
  let made = nodes.save({ nodes: groups.map(group => (group.length === 0 ? 0 : nodes.save({ entries: group }))) });
  for (let level = shared - 1; level >= depth; level -= 1) {
    made = nodes.save({ nodes: new Array<number>(DIGITS).fill(0).with(digitOf(first, level), made) });
  }
  return made;
}

function loaded(nodes: StateNodes, node: number): StateNode {
  return node === 0 ? NOTHING : nodes.load(node);
}

function digitOf(hash: string, depth: number): number {
  return Number.parseInt(hash[depth]!, 16);
}

function byHash([one]: StateEntry, [other]: StateEntry): number {
  return one < other ? -1 : 1;
}

/** Where an event stands: each event of a chain has the one before it in its auth chain. */
interface Place {
  readonly chain: number;
  readonly sequence: number;
}

/** From an event of one chain to the newest of another that it is authorised by. */
interface Link extends Place {
  readonly from: number;
}

/** A link and the chain that it comes from. */
interface IncomingLink extends Link {
  readonly origin: number;
}

interface Chain {
  readonly events: string[];
  /** In the order of `from`. */
  readonly links: Link[];
  /** Of each chain that is linked to, the newest event. */
  readonly linked: Map<number, number>;
}

/** The first link that begins after an event of the chain. */
function firstAfter(links: readonly Link[], sequence: number): number {
  let low = 0;
  let high = links.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (links[middle]!.from > sequence) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Of each chain, the newest event that is reached. All before it are reached with it. */
type Reach = Map<number, number>;

/**
 * An index over the auth chains of a room: every event stands in one chain, so that what an event reaches is one number for each chain and
 * not a list of events. Differences and paths take time by the links between chains that are passed, each once, whatever is in the
 * chains. (Jagadish, A compression technique to materialize transitive closure, 1990.)
 */
export class AuthChains {
  readonly #places = new Map<string, Place>();
  readonly #chains: Chain[] = [];

  /** Takes an event after those of its auth events that are known; what is unknown by then does not count. Taking it again changes nothing. */
  add(eventId: string, authEvents: readonly string[]): void {
    if (this.#places.has(eventId)) return;
    const places = authEvents.map(id => this.#places.get(id)).filter(place => place !== undefined);
    const before = this.#longest(places);
    const place = before === undefined ? this.#open() : { chain: before.chain, sequence: before.sequence + 1 };
    const own = this.#chains[place.chain]!;
    own.events.push(eventId);
    this.#places.set(eventId, place);
    for (const { chain, sequence } of places) {
      if (chain === place.chain || (own.linked.get(chain) ?? -1) >= sequence) continue;
      own.linked.set(chain, sequence);
      own.links.push({ from: place.sequence, chain, sequence });
    }
  }

  has(eventId: string): boolean {
    return this.#places.has(eventId);
  }

  /**
   * The events that stand in the auth chains of some state sets and not of all, the events of the sets themselves included. `agreed` are in every
   * set; `sets` is what each has besides.
   */
  difference(agreed: Iterable<string>, sets: readonly Iterable<string>[]): string[] {
    const reaches = sets.map(set => this.#reachOf(set));
    const chains = new Set(reaches.flatMap(reach => [...reach.keys()]));
    const spans = [...chains].map(chain => {
      const newest = reaches.map(reach => reach.get(chain) ?? -1);
      return { chain, after: Math.min(...newest), to: Math.max(...newest) };
    });
    const differing = spans.filter(({ after, to }) => after < to);
    if (differing.length === 0) return [];
    const common = this.#reachOf(agreed);
    return differing.flatMap(({ chain, after, to }) =>
      this.#chains[chain]!.events.slice(Math.max(after, common.get(chain) ?? -1) + 1, to + 1),
    );
  }

  /** The events on paths of auth events from one event to another of the list, with their ends. Room version 12, conflicted state subgraph */
  between(conflicted: Iterable<string>): string[] {
    const ids = [...conflicted];
    const reach = this.#reachOf(ids);
    const lowest = this.#lowestReaching(ids, reach);
    return [...lowest].flatMap(([chain, from]) => this.#chains[chain]!.events.slice(from, reach.get(chain)! + 1));
  }

  #open(): Place {
    this.#chains.push({ events: [], links: [], linked: new Map() });
    return { chain: this.#chains.length - 1, sequence: 0 };
  }

  /** Of the places that end their chain, the one in the longest. */
  #longest(places: readonly Place[]): Place | undefined {
    let found: Place | undefined;
    for (const place of places) {
      const isEnd = this.#chains[place.chain]!.events.length === place.sequence + 1;
      if (isEnd && (found === undefined || place.sequence > found.sequence)) found = place;
    }
    return found;
  }

  #placesOf(ids: Iterable<string>): Place[] {
    const places: Place[] = [];
    for (const id of ids) {
      const place = this.#places.get(id);
      if (place !== undefined) places.push(place);
    }
    return places;
  }

  #reachOf(ids: Iterable<string>): Reach {
    const reach: Reach = new Map();
    const open = this.#placesOf(ids);
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const before = reach.get(place.chain) ?? -1;
      if (place.sequence <= before) continue;
      reach.set(place.chain, place.sequence);
      const { links } = this.#chains[place.chain]!;
      for (let at = firstAfter(links, before); at < links.length && links[at]!.from <= place.sequence; at += 1) {
        const link = links[at]!;
        if (link.sequence > (reach.get(link.chain) ?? -1)) open.push(link);
      }
    }
    return reach;
  }

  /** The links within a reach by the chain that they lead to, those to its newest events last. */
  #incoming(reach: Reach): Map<number, IncomingLink[]> {
    const incoming = new Map<number, IncomingLink[]>();
    for (const [origin, newest] of reach) {
      for (const link of this.#chains[origin]!.links) {
        if (link.from > newest) break;
        const list = incoming.get(link.chain);
        if (list === undefined) incoming.set(link.chain, [{ ...link, origin }]);
        else list.push({ ...link, origin });
      }
    }
    for (const list of incoming.values()) list.sort((a, b) => a.sequence - b.sequence);
    return incoming;
  }

  /** Of each chain within a reach, the oldest event that reaches one of the ids. */
  #lowestReaching(ids: readonly string[], reach: Reach): ReadonlyMap<number, number> {
    const incoming = this.#incoming(reach);
    const lowest = new Map<number, number>();
    const open = this.#placesOf(ids);
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (place.sequence >= (lowest.get(place.chain) ?? Number.POSITIVE_INFINITY)) continue;
      lowest.set(place.chain, place.sequence);
      const list = incoming.get(place.chain) ?? [];
      while (list.length > 0 && list[list.length - 1]!.sequence >= place.sequence) {
        const { origin, from } = list.pop()!;
        open.push({ chain: origin, sequence: from });
      }
    }
    return lowest;
  }
}

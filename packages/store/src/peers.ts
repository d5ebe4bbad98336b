import type { Instant } from "@scop/platform";

/** What is to be sent to another server. */
export interface PeerQueueRecord {
  readonly peer: string;
  /** Attempts in a row that failed. */
  readonly attempts: number;
  readonly events: number;
  readonly edus: number;
  /** When it is tried next. */
  readonly due: Instant;
}

/** One transaction to another server: the same again, under the same id, until it has ended. */
export interface Sending {
  readonly transaction: string;
  /** Attempts in a row that failed. */
  readonly attempts: number;
  /** Canonical JSON of events, in the order in which they were stored. */
  readonly events: readonly string[];
  /** JSON, in the order in which they came. */
  readonly edus: readonly string[];
}

/** What a transaction does to what other servers are told, and to what is known of them. As to `Change`. */
export type PeerChange =
  /** Of `SERVER_KEYS_MAX` servers; beyond, those that were first are forgotten. */
  | { readonly change: "put-server-keys"; readonly server: string; readonly json: string }
  /**
   * An event that is stored, or is added by an earlier change of the transaction, for these servers. Who can't be reached and has
   * `PEER_EVENTS_MAX` waiting keeps the last one of each room: it asks for the others. `missing` (the event)
   */
  | { readonly change: "queue-event"; readonly event: string; readonly to: readonly string[] }
  /**
   * What is no event. It takes the place of one with the same key that waits; `keep`: `while-reachable` passes over servers that could not be
   * reached last. Of `PEER_EDUS_MAX` the first one is dropped for a further one.
   */
  | {
      readonly change: "queue-edu";
      readonly to: readonly string[];
      readonly json: string;
      readonly key: string | undefined;
      readonly keep: "always" | "while-reachable";
    }
  /** Begins a transaction with a server, or goes on with the one that was begun. */
  | {
      readonly change: "begin-sending";
      readonly peer: string;
      /** Of a new one. */
      readonly transaction: string;
      readonly eventsMax: number;
      readonly edusMax: number;
    }
  /** `lost-lease` where it is not the one that was begun */
  | {
      readonly change: "end-sending";
      readonly peer: string;
      readonly transaction: string;
      readonly outcome: { readonly outcome: "sent" } | { readonly outcome: "retry"; readonly due: Instant };
    }
  /** What waits for a server is due now: it showed that it is there. `missing` */
  | { readonly change: "retry-peer"; readonly peer: string };

/** What changes to peers answer. */
export interface PeerChangeResults {
  /** Undefined where nothing waits. */
  "begin-sending": { readonly sending: Sending | undefined };
}

/** What is read of other servers. */
export interface PeerReads {
  /** What was put last for a server. */
  serverKeys(server: string): Promise<string | undefined>;
  /** Servers for which something is due, those that are due longest first, without the ones excluded; `failing`: those whose last attempt failed, or the others. */
  duePeers(
    now: Instant,
    limit: number,
    which: "failing" | "reachable",
    exclude: ReadonlySet<string>,
  ): Promise<readonly string[]>;
  /** When the next one is due; undefined while nothing waits. */
  nextPeerDue(): Promise<Instant | undefined>;
  peerQueue(peer: string): Promise<PeerQueueRecord | undefined>;
}

/** Servers whose keys are kept. Our own bound. */
export const SERVER_KEYS_MAX = 50_000;
/** Events that wait for a server that can't be reached: two transactions. Our own bound. */
export const PEER_EVENTS_MAX = 100;
/** The same for one that is only slow. Our own bound. */
export const SLOW_PEER_EVENTS_MAX = 5_000;
/** What else waits for one server. Our own bound. */
export const PEER_EDUS_MAX = 1_000;

/** A server that accepts mail for bob@scop.test on 127.0.0.1. */
export interface Peer {
  readonly name: string;
  /** What it does with a message before it answers 250. */
  readonly promise: string;
  readonly port: number;
  /** The process whose CPU time, with all its children, counts. */
  readonly pid: number;
  /** Resolves when work that goes on after the last 250 is done, at the latest after 30 s. */
  settled(): Promise<void>;
  /** How many messages it keeps; undefined if it keeps none. */
  stored(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** Starts a peer in a folder of its own; a string is why it can't be started here. */
export type StartPeer = (folder: string) => Promise<Peer | string>;

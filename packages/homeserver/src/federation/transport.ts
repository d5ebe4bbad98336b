/** A request as it goes to another server. */
interface PeerAsk {
  readonly method: "GET" | "PUT" | "POST";
  /** Path and query, encoded. */
  readonly target: string;
  /** The `Authorization` field; undefined where there is none. */
  readonly authorization: string | undefined;
  /** JSON; undefined where it has none. */
  readonly body: Uint8Array | undefined;
  /** For all of it; where the body comes in pieces, until they begin. */
  readonly timeoutMs: number;
}

/** Why nothing came back; `detail` is for people. */
interface PeerSilence {
  readonly got: "failure";
  readonly detail: string;
}

/** What came back, whole. */
interface CarriedAnswer {
  readonly got: "answer";
  readonly status: number;
  readonly body: Uint8Array;
}

/** What came back, and goes on coming. */
interface OpenedAnswer {
  readonly got: "answer";
  readonly status: number;
  /** The `Content-Type` field; empty where there is none. */
  readonly contentType: string;
  /** To be read to the end, or ended. Throws where it breaks off. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * The way to other servers: finds them by their names, proves by TLS that it is them, and keeps within the limits of time and size. It never
 * connects to where it may not. Server-server API, resolving server names
 */
export interface PeerTransport {
  /** A body of more than `octetsMax` is a failure. Never rejects. */
  carry(server: string, request: PeerAsk & { readonly octetsMax: number }): Promise<CarriedAnswer | PeerSilence>;
  /** The same for what may be large. Never rejects. */
  open(server: string, request: PeerAsk): Promise<OpenedAnswer | PeerSilence>;
}

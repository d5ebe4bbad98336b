/** A request as it goes to another server. */
interface CarriedRequest {
  readonly method: "GET" | "PUT" | "POST";
  /** Path and query, encoded. */
  readonly target: string;
  /** The `Authorization` field; undefined where there is none. */
  readonly authorization: string | undefined;
  /** JSON; undefined where it has none. */
  readonly body: Uint8Array | undefined;
  /** For all of it. */
  readonly timeoutMs: number;
  /** A longer answer is a failure. */
  readonly octetsMax: number;
}

/** What came back. */
type CarriedAnswer =
  | { readonly got: "answer"; readonly status: number; readonly body: Uint8Array }
  /** `detail` is for people. */
  | { readonly got: "failure"; readonly detail: string };

/**
 * The way to other servers: finds them by their names, proves by TLS that it is them, and keeps within the limits of time and size. It never
 * connects to where it may not. Server-server API, resolving server names
 */
export interface PeerTransport {
  /** Never rejects. */
  carry(server: string, request: CarriedRequest): Promise<CarriedAnswer>;
}

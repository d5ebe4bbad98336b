/** A document to fetch. */
export interface HttpsRequest {
  readonly host: string;
  /** The usual one where it is not said. */
  readonly port?: number;
  /** Begins with a slash. */
  readonly path: string;
  /** A longer body is a failure. */
  readonly octetsMax: number;
  /** For all of it. */
  readonly timeoutMs: number;
}

/** A document to give. */
export interface HttpsPost {
  readonly host: string;
  /** Begins with a slash. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Until the status is there. */
  readonly timeoutMs: number;
}

/** Why nothing came of it. */
export interface HttpsFailure {
  readonly got: "failure";
  /** `certificate`: the server is not who it should be. */
  readonly kind: "certificate" | "other";
  /** For people. */
  readonly detail: string;
}

/** What a web server answered. */
interface HttpsResponse {
  readonly got: "response";
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Where else to ask, as the server wrote it. RFC 9110 10.2.2 */
  readonly location?: string;
  /** How long it holds. RFC 9111 5.2 */
  readonly cacheControl?: string;
}

/** What came of asking. */
export type HttpsAnswer = HttpsResponse | HttpsFailure;

/** What came of giving: of what the server answers, the status alone is read. */
export type HttpsReceipt = { readonly got: "response"; readonly status: number } | HttpsFailure;

/**
 * Documents of web servers, and for them. The certificate has to be valid for the host, the address has to be one of the open Internet, redirects
 * are not followed, and nothing is sent but what is asked or given. Never rejects.
 */
export interface Https {
  get(request: HttpsRequest): Promise<HttpsAnswer>;
  post(request: HttpsPost): Promise<HttpsReceipt>;
}

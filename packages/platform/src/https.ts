/** A document to fetch. */
export interface HttpsRequest {
  readonly host: string;
  /** Begins with a slash. */
  readonly path: string;
  /** A longer body is a failure. */
  readonly octetsMax: number;
  /** For all of it. */
  readonly timeoutMs: number;
}

/** What came of it. `detail` is for people. */
export type HttpsAnswer =
  | { readonly got: "response"; readonly status: number; readonly contentType: string; readonly body: Uint8Array }
  /** `certificate`: the server is not who it should be. */
  | { readonly got: "failure"; readonly kind: "certificate" | "other"; readonly detail: string };

/**
 * Documents of web servers. The certificate has to be valid for the host, the address has to be one of the open Internet, redirects are not
 * followed, and nothing is sent but the question. Never rejects.
 */
export interface Https {
  get(request: HttpsRequest): Promise<HttpsAnswer>;
}

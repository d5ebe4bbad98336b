import type { Context, OwnCall } from "../context.ts";
import type { HttpRequest } from "../http.ts";
import type { Spending } from "../rates.ts";
import type { MediaArrivals } from "./arrivals.ts";
import type { Uploads } from "./uploads.ts";

/** A request about files: its body comes in pieces. */
export interface MediaRequest extends Omit<HttpRequest, "body"> {
  readonly contentType: string | undefined;
  /** What the client says; undefined where it does not. */
  readonly contentLength: number | undefined;
  /** Read at most once. Throws where the client is gone. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What is answered: a text, or a file in pieces. */
export interface MediaAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array>;
}

/** What operations about files work with. */
export interface MediaParts {
  readonly context: Context;
  readonly arrivals: MediaArrivals;
  readonly spending: Spending;
  readonly uploads: Uploads;
}

/** A request about files by somebody who is logged in. */
export interface MediaCall extends OwnCall {
  readonly request: MediaRequest;
}

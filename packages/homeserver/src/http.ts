/** A request as it came. */
export interface HttpRequest {
  readonly method: string;
  /** The path and the query, not decoded. */
  readonly target: string;
  /** The `Authorization` field; undefined where there is none. */
  readonly authorization: string | undefined;
  readonly body: Uint8Array;
  /** What failures to log in are counted by: an IPv4 address or an IPv6 /64. */
  readonly peer: string;
  /** Calls `listener` once if who asked is gone, so that nobody waits for nobody. */
  onGone(listener: () => void): void;
}

/** What is answered: JSON, with fields that every answer has. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Octets of a body that are looked at. Our own bound: an event has 64 KiB at most, a new room several of them. */
const BODY_OCTETS_MAX: number = 1024 * 1024;
/** The same of requests between servers. Ours: 50 events of 65,536 octets, and what comes with them. */
const PEER_BODY_OCTETS_MAX: number = 8 * 1024 * 1024;

/** Octets of the body of a request that are looked at. */
export function bodyOctetsMaxOf(target: string): number {
  return target.startsWith("/_matrix/federation/") ? PEER_BODY_OCTETS_MAX : BODY_OCTETS_MAX;
}

/** The words for errors that are used here. Client-server API, standard error response */
type ErrorWord =
  | "M_BAD_ALIAS"
  | "M_BAD_JSON"
  | "M_CANNOT_OVERWRITE_MEDIA"
  | "M_FORBIDDEN"
  | "M_INCOMPATIBLE_ROOM_VERSION"
  | "M_INVALID_PARAM"
  | "M_INVALID_SIGNATURE"
  | "M_LIMIT_EXCEEDED"
  | "M_MISSING_PARAM"
  | "M_MISSING_TOKEN"
  | "M_NOT_FOUND"
  | "M_NOT_JSON"
  | "M_NOT_YET_UPLOADED"
  | "M_ROOM_IN_USE"
  | "M_TOO_LARGE"
  | "M_UNAUTHORIZED"
  | "M_UNABLE_TO_GRANT_JOIN"
  | "M_UNKNOWN"
  | "M_UNKNOWN_POS"
  | "M_UNKNOWN_TOKEN"
  | "M_UNRECOGNIZED"
  | "M_UNSUPPORTED_ROOM_VERSION"
  | "M_WEAK_PASSWORD"
  | "M_WRONG_ROOM_KEYS_VERSION";

/** Ends a request with an error that the client is told. */
export class MatrixFault extends Error {
  override readonly name = "MatrixFault";
  readonly status: number;
  readonly errcode: ErrorWord;
  /** Further fields of the answer. */
  readonly more: object;

  constructor(status: number, errcode: ErrorWord, sentence: string, more: object = {}) {
    super(sentence);
    this.status = status;
    this.errcode = errcode;
    this.more = more;
  }
}

/** Web browser clients: every answer has them, errors too. Client-server API, 4.3 */
export const CORS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
  "access-control-allow-headers": "X-Requested-With, Content-Type, Authorization",
};
const HEADERS: Readonly<Record<string, string>> = {
  ...CORS,
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** An answer with a value of JSON. */
export function answerOf(status: number, value: object): HttpAnswer {
  return { status, headers: HEADERS, body: JSON.stringify(value) };
}

/** The answer that tells a fault. */
export function faultAnswer({ status, errcode, message, more }: MatrixFault): HttpAnswer {
  const answer = answerOf(status, { errcode, error: message, ...more });
  const waitMs = "retry_after_ms" in more ? Number(more.retry_after_ms) : undefined;
  if (waitMs === undefined) return answer;
  // RFC 9110 10.2.3: in seconds
  return { ...answer, headers: { ...answer.headers, "retry-after": String(Math.ceil(waitMs / 1000)) } };
}

/** The answer where more comes at a time than may be held: whoever serves HTTP gives it. */
export function crowded(): HttpAnswer {
  return faultAnswer(new MatrixFault(503, "M_UNKNOWN", "Too much comes at once: try again."));
}

/** The answer to who comes on a way that is not safe: whoever serves HTTP gives it without asking the homeserver. */
export function unsafeWay(): HttpAnswer {
  return faultAnswer(
    new MatrixFault(403, "M_FORBIDDEN", "Passwords and tokens don't go over a way without TLS: use https."),
  );
}

import type { JsonObject } from "@scop/matrix/json";

/** A request to another server. */
export interface PeerRequest {
  readonly method: "GET" | "PUT" | "POST";
  /** Path and query, encoded, from `/_matrix` on. */
  readonly target: string;
  /** Undefined where it has none. */
  readonly body: JsonObject | undefined;
  /** For all of it, finding the server included. */
  readonly timeoutMs: number;
}

/** An answer that is no JSON, as it comes. */
export interface PeerFile {
  readonly contentType: string;
  /** To be read to the end, or ended. Throws where it breaks off. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Why another server gave no answer of use: nobody answered, it refused, or what it said can't be read. */
export class PeerFault extends Error {
  override readonly name = "PeerFault";
  readonly kind: "unreachable" | "refused" | "malformed";
  /** Of an answer that refuses; 0 elsewhere. */
  readonly status: number;
  /** What a refusal names; empty where it names nothing. */
  readonly errcode: string;

  constructor(kind: PeerFault["kind"], sentence: string, status = 0, errcode = "") {
    super(sentence);
    this.kind = kind;
    this.status = status;
    this.errcode = errcode;
  }
}

/**
 * Other servers, as the homeserver reaches them. What is sent to them without an answer goes by the store: a change `queue-event` or `queue-edu` in the
 * transaction that it belongs to, so that none is lost.
 */
export interface Peers {
  /** Asks another server, signed in our name. Rejects with `PeerFault` where there is no answer of use. */
  ask(server: string, request: PeerRequest): Promise<JsonObject>;
  /** Asks another server for a file, signed in our name; `timeoutMs` is until it begins. Rejects as `ask`. */
  open(server: string, target: string, timeoutMs: number): Promise<PeerFile>;
  /**
   * Whether `server` signed `object` with a key that was valid at `timeMs` (milliseconds since 1970-01-01T00:00:00Z); undefined: with whatever key it
   * ever published, as in room versions before 5. Never rejects for what a server did: a key that can't be had has signed nothing.
   */
  isSignedBy(object: JsonObject, server: string, timeMs: number | undefined): Promise<boolean>;
  /** The 32 octets of a key of a server that is valid at a time; undefined where it has none of this id, or can't be asked. */
  keyOf(server: string, keyId: string, timeMs: number | undefined): Promise<Uint8Array | undefined>;
}

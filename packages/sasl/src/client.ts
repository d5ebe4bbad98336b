import {
  base64Encode,
  concat,
  type Diagnostic,
  EMPTY,
  equalConstantTime,
  latin1,
  latin1Bytes,
  unreachable,
  utf8Bytes,
} from "@scop/wire";
import { type Hashes, keysOf, xor } from "./derive.ts";
import type { Mechanism } from "./mechanism.ts";
import { writePlain } from "./plain.ts";
import {
  authMessage,
  BINDING_NAME,
  readServerFinal,
  readServerFirst,
  type ServerFirst,
  writeSaslName,
} from "./scram-message.ts";

/** Why the client stops. */
export type ClientFailure =
  /** The server broke the mechanism, or asked for too much or too little work. */
  | { readonly reason: "malformed"; readonly detail: Diagnostic }
  /** The server could not show that it knows the account. RFC 5802 9 */
  | { readonly reason: "server-signature" }
  /** The key could not be derived now. */
  | { readonly reason: "unavailable" };

/** User name and password, both prepared. */
interface PreparedCredentials {
  readonly username: string;
  readonly password: string;
}

export type ClientState =
  | {
      readonly phase: "first";
      readonly mechanism: Mechanism;
      readonly credentials: PreparedCredentials;
      readonly nonce: Uint8Array;
      readonly binding: Uint8Array | undefined;
    }
  | { readonly phase: "login-password"; readonly password: string }
  | {
      readonly phase: "scram-first";
      readonly password: string;
      readonly bare: string;
      readonly nonce: string;
      /** What `c=` says: the header, and the binding under `-PLUS`. RFC 5802 6 */
      readonly bound: Uint8Array;
    }
  | {
      readonly phase: "derive";
      readonly bare: string;
      readonly serverFirst: string;
      readonly nonce: string;
      readonly bound: Uint8Array;
    }
  | { readonly phase: "scram-final"; readonly signature: Uint8Array }
  /** All is said: the server's word that it accepted may be believed. */
  | { readonly phase: "complete" }
  | { readonly phase: "over" };

export type ClientInput =
  /** The mechanism begins. */
  | { readonly on: "start" }
  /** What the server sent, decoded from base64. */
  | { readonly on: "challenge"; readonly bytes: Uint8Array }
  /** The answer to `derive`. */
  | { readonly on: "salted"; readonly saltedPassword: Uint8Array }
  | { readonly on: "unavailable" };

export type ClientEffect =
  /** Undefined: there is no initial response, the server asks first. */
  | { readonly do: "respond"; readonly bytes: Uint8Array | undefined }
  | { readonly do: "derive"; readonly password: Uint8Array; readonly salt: Uint8Array; readonly iterations: number }
  | { readonly do: "failed"; readonly failure: ClientFailure };

/** What follows from one input: exactly one effect. */
export interface ClientStep {
  readonly state: ClientState;
  readonly effect: ClientEffect;
}

/**
 * The beginning of one exchange. `nonce`: 18 unpredictable octets, used by SCRAM alone. `binding`: what RFC 9266 says of the connection; without
 * `-PLUS` the server is told that it could have been used.
 */
export function startClient(
  mechanism: Mechanism,
  credentials: PreparedCredentials,
  nonce: Uint8Array,
  binding?: Uint8Array,
): ClientState {
  return { phase: "first", mechanism, credentials, nonce, binding };
}

/** One step of the client's side. The server's success is to be believed in the phase `complete` alone. */
export function stepClient(hashes: Hashes, state: ClientState, input: ClientInput): ClientStep {
  switch (input.on) {
    case "start":
      return state.phase === "first" ? begin(state) : malformed("unexpected-start");
    case "challenge":
      return challenge(state, input.bytes);
    case "salted":
      return state.phase === "derive" ? prove(hashes, state, input.saltedPassword) : malformed("unexpected-key");
    case "unavailable":
      return failure({ reason: "unavailable" });
    default:
      return unreachable(input);
  }
}

function failure(why: ClientFailure): ClientStep {
  return { state: { phase: "over" }, effect: { do: "failed", failure: why } };
}

function malformed(code: string): ClientStep {
  return failure({ reason: "malformed", detail: { code, offset: 0, length: 0, rule: "RFC 4422 3" } });
}

function respond(state: ClientState, bytes: Uint8Array | undefined): ClientStep {
  return { state, effect: { do: "respond", bytes } };
}

function begin(state: ClientState & { phase: "first" }): ClientStep {
  const { username, password } = state.credentials;
  switch (state.mechanism) {
    case "PLAIN":
      return respond({ phase: "complete" }, writePlain(username, password));
    case "LOGIN":
      return respond(state, undefined);
    case "SCRAM-SHA-256-PLUS":
      if (state.binding === undefined) return malformed("channel-binding");
      return beginScram(state, `p=${BINDING_NAME},,`, state.binding);
    case "SCRAM-SHA-256":
      return beginScram(state, state.binding === undefined ? "n,," : "y,,", EMPTY);
    default:
      return unreachable(state.mechanism);
  }
}

/** RFC 5802 5, 6 */
function beginScram(state: ClientState & { phase: "first" }, gs2Header: string, binding: Uint8Array): ClientStep {
  const { username, password } = state.credentials;
  const nonce = base64Encode(state.nonce);
  const bare = `n=${writeSaslName(username)},r=${nonce}`;
  const bound = concat([latin1Bytes(gs2Header), binding]);
  return respond({ phase: "scram-first", password, bare, nonce, bound }, utf8Bytes(gs2Header + bare));
}

function challenge(state: ClientState, bytes: Uint8Array): ClientStep {
  switch (state.phase) {
    case "first":
      // LOGIN: whatever the first prompt says, the user name answers it
      if (state.mechanism !== "LOGIN") return malformed("unexpected-challenge");
      return respond(
        { phase: "login-password", password: state.credentials.password },
        utf8Bytes(state.credentials.username),
      );
    case "login-password":
      return respond({ phase: "complete" }, utf8Bytes(state.password));
    case "scram-first": {
      const first = readServerFirst(bytes);
      return first.ok
        ? derive(state, latin1(bytes), first.value)
        : failure({ reason: "malformed", detail: first.error });
    }
    case "scram-final": {
      const signature = readServerFinal(bytes);
      if (!signature.ok) return failure({ reason: "malformed", detail: signature.error });
      // RFC 5802 5: a server that cannot sign does not know the account
      if (!equalConstantTime(signature.value, state.signature)) return failure({ reason: "server-signature" });
      return respond({ phase: "complete" }, EMPTY);
    }
    case "derive":
    case "complete":
    case "over":
      return malformed("unexpected-challenge");
    default:
      return unreachable(state);
  }
}

function derive(state: ClientState & { phase: "scram-first" }, serverFirst: string, first: ServerFirst): ClientStep {
  // RFC 5802 5.1: the server's nonce begins with ours, and adds something
  if (!first.nonce.startsWith(state.nonce) || first.nonce.length === state.nonce.length)
    return malformed("scram-nonce");
  return {
    state: { phase: "derive", bare: state.bare, serverFirst, nonce: first.nonce, bound: state.bound },
    effect: { do: "derive", password: utf8Bytes(state.password), salt: first.salt, iterations: first.iterations },
  };
}

/** RFC 5802 3 */
function prove(hashes: Hashes, state: ClientState & { phase: "derive" }, saltedPassword: Uint8Array): ClientStep {
  const keys = keysOf(hashes, saltedPassword);
  const withoutProof = `c=${base64Encode(state.bound)},r=${state.nonce}`;
  const signed = authMessage(state.bare, state.serverFirst, withoutProof);
  const proof = xor(keys.clientKey, hashes.hmacSha256(keys.storedKey, signed));
  return respond(
    { phase: "scram-final", signature: hashes.hmacSha256(keys.serverKey, signed) },
    latin1Bytes(`${withoutProof},p=${base64Encode(proof)}`),
  );
}

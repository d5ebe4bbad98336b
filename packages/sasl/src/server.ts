import {
  base64Encode,
  concat,
  type Diagnostic,
  EMPTY,
  equalConstantTime,
  latin1,
  latin1Bytes,
  type Parsed,
  unreachable,
  utf8Bytes,
} from "@scop/wire";
import { type Hashes, matches, xor } from "./derive.ts";
import { SASL_MESSAGE_OCTETS_MAX } from "./limits.ts";
import type { Mechanism } from "./mechanism.ts";
import { readPassword, readPlain, readUsername } from "./plain.ts";
import { authMessage, type ClientFirst, readClientFinal, readClientFirst, writeServerFirst } from "./scram-message.ts";
import type { ScramVerifier } from "./verifier.ts";

/** Who a user name belongs to. */
export interface Account {
  /** What the session is authenticated as: the account's address. */
  readonly identity: string;
  readonly verifier: ScramVerifier;
}

/** Why an exchange ended without an identity. */
export type SaslFailure =
  /** A wrong password or an unknown user: never said which. */
  | { readonly reason: "credentials" }
  /** Acting for another user, which nobody may. */
  | { readonly reason: "authorization" }
  /** The client broke the mechanism. */
  | { readonly reason: "malformed"; readonly detail: Diagnostic }
  /** The account could not be looked up or the derivation is overloaded: it may work later. */
  | { readonly reason: "unavailable" };

export type ServerState =
  | {
      readonly phase: "first";
      readonly mechanism: Mechanism;
      readonly nonce: Uint8Array;
      readonly binding: Uint8Array | undefined;
    }
  | { readonly phase: "login-password"; readonly username: string }
  | { readonly phase: "lookup-plain"; readonly password: Uint8Array }
  | { readonly phase: "derive"; readonly identity: string | undefined; readonly verifier: ScramVerifier }
  | {
      readonly phase: "lookup-scram";
      readonly first: ClientFirst;
      readonly nonce: string;
      /** What the client has to send back behind its header; empty without `-PLUS`. */
      readonly binding: Uint8Array;
    }
  | {
      readonly phase: "scram-final";
      readonly first: ClientFirst;
      readonly serverFirst: string;
      readonly nonce: string;
      readonly binding: Uint8Array;
      readonly identity: string | undefined;
      readonly verifier: ScramVerifier;
    }
  | { readonly phase: "acknowledge"; readonly identity: string }
  | { readonly phase: "over" };

export type ServerInput =
  /** What the client sent, decoded from base64; undefined where it sent no initial response. */
  | { readonly on: "message"; readonly bytes: Uint8Array | undefined }
  /** The answer to `lookup`. Without an identity the verifier is a dummy: the exchange runs on and fails at its end. */
  | { readonly on: "account"; readonly identity: string | undefined; readonly verifier: ScramVerifier }
  /** The answer to `derive`. */
  | { readonly on: "salted"; readonly saltedPassword: Uint8Array }
  /** Either question could not be answered. */
  | { readonly on: "unavailable" };

export type ServerEffect =
  | { readonly do: "challenge"; readonly bytes: Uint8Array }
  | { readonly do: "lookup"; readonly username: string }
  | { readonly do: "derive"; readonly password: Uint8Array; readonly salt: Uint8Array; readonly iterations: number }
  | { readonly do: "done"; readonly identity: string }
  | { readonly do: "failed"; readonly failure: SaslFailure };

/** What follows from one input: exactly one effect. */
export interface ServerStep {
  readonly state: ServerState;
  readonly effect: ServerEffect;
}

const USERNAME_CHALLENGE = latin1Bytes("Username:");
const PASSWORD_CHALLENGE = latin1Bytes("Password:");

/**
 * The beginning of one exchange. `nonce`: 18 unpredictable octets, used by SCRAM alone. `binding`: what RFC 9266 says of the connection, where
 * `-PLUS` was announced on it.
 */
export function startServer(mechanism: Mechanism, nonce: Uint8Array, binding?: Uint8Array): ServerState {
  return { phase: "first", mechanism, nonce, binding };
}

/**
 * One step of the server's side. Messages above 9,216 octets, and inputs that no effect asked for, end the exchange as malformed.
 * After `done` or `failed` every step answers `failed`.
 */
export function stepServer(hashes: Hashes, state: ServerState, input: ServerInput): ServerStep {
  switch (input.on) {
    case "message":
      return message(hashes, state, input.bytes);
    case "account":
      return account(state, input.identity, input.verifier);
    case "salted":
      return salted(hashes, state, input.saltedPassword);
    case "unavailable":
      return failure({ reason: "unavailable" });
    default:
      return unreachable(input);
  }
}

function failure(why: SaslFailure): ServerStep {
  return { state: { phase: "over" }, effect: { do: "failed", failure: why } };
}

function malformed(code: string, rule: string): ServerStep {
  return failure({ reason: "malformed", detail: { code, offset: 0, length: 0, rule } });
}

function unread(error: Diagnostic): ServerStep {
  return failure(error.code === "authzid" ? { reason: "authorization" } : { reason: "malformed", detail: error });
}

function message(hashes: Hashes, state: ServerState, bytes: Uint8Array | undefined): ServerStep {
  if (bytes !== undefined && bytes.length > SASL_MESSAGE_OCTETS_MAX) return malformed("long-message", "RFC 4954 4");
  switch (state.phase) {
    case "first":
      return first(state, bytes);
    case "login-password":
      return secret(state.username, readPassword(bytes ?? EMPTY));
    case "scram-final":
      return scramFinal(hashes, state, bytes ?? EMPTY);
    case "acknowledge":
      // RFC 5802 5: nothing may follow the server's signature
      if (bytes !== undefined && bytes.length > 0) return malformed("scram-trailing-message", "RFC 5802 5");
      return { state: { phase: "over" }, effect: { do: "done", identity: state.identity } };
    case "lookup-plain":
    case "lookup-scram":
    case "derive":
    case "over":
      return malformed("unexpected-message", "RFC 4422 3");
    default:
      return unreachable(state);
  }
}

function first(state: ServerState & { phase: "first" }, bytes: Uint8Array | undefined): ServerStep {
  if (state.mechanism === "LOGIN") {
    if (bytes === undefined) return { state, effect: { do: "challenge", bytes: USERNAME_CHALLENGE } };
    const username = readUsername(bytes);
    if (!username.ok) return unread(username.error);
    return {
      state: { phase: "login-password", username: username.value },
      effect: { do: "challenge", bytes: PASSWORD_CHALLENGE },
    };
  }
  // RFC 4422 3.1: the client speaks first, so an empty challenge asks for it
  if (bytes === undefined) return { state, effect: { do: "challenge", bytes: EMPTY } };
  if (state.mechanism === "PLAIN") {
    const plain = readPlain(bytes);
    if (!plain.ok) return unread(plain.error);
    return secret(plain.value.username, { ok: true, value: plain.value.password, notes: plain.notes });
  }
  const opening = readClientFirst(bytes);
  if (!opening.ok) return unread(opening.error);
  const { flag } = opening.value;
  const isBound = state.mechanism === "SCRAM-SHA-256-PLUS";
  if (isBound !== (flag === "p") || (isBound && state.binding === undefined)) {
    return malformed("channel-binding", "RFC 5802 6");
  }
  // RFC 5802 6: the client did not see the -PLUS that we announced, so somebody took it away
  if (flag === "y" && state.binding !== undefined) return malformed("channel-binding-downgrade", "RFC 5802 6");
  return {
    state: {
      phase: "lookup-scram",
      binding: isBound ? (state.binding ?? EMPTY) : EMPTY,
      first: opening.value,
      nonce: opening.value.nonce + base64Encode(state.nonce),
    },
    effect: { do: "lookup", username: opening.value.username },
  };
}

function secret(username: string, password: Parsed<Uint8Array>): ServerStep {
  if (!password.ok) return unread(password.error);
  return { state: { phase: "lookup-plain", password: password.value }, effect: { do: "lookup", username } };
}

function account(state: ServerState, identity: string | undefined, verifier: ScramVerifier): ServerStep {
  if (state.phase === "lookup-plain") {
    return {
      state: { phase: "derive", identity, verifier },
      effect: { do: "derive", password: state.password, salt: verifier.salt, iterations: verifier.iterations },
    };
  }
  if (state.phase !== "lookup-scram") return malformed("unexpected-account", "RFC 4422 3");
  const { first, nonce, binding } = state;
  const serverFirst = writeServerFirst({ nonce, salt: verifier.salt, iterations: verifier.iterations });
  return {
    state: { phase: "scram-final", first, serverFirst, nonce, binding, identity, verifier },
    effect: { do: "challenge", bytes: latin1Bytes(serverFirst) },
  };
}

function salted(hashes: Hashes, state: ServerState, saltedPassword: Uint8Array): ServerStep {
  if (state.phase !== "derive") return malformed("unexpected-key", "RFC 4422 3");
  const right = matches(hashes, saltedPassword, state.verifier);
  if (!right || state.identity === undefined) return failure({ reason: "credentials" });
  return { state: { phase: "over" }, effect: { do: "done", identity: state.identity } };
}

/** RFC 5802 3: the proof shows that the client knows ClientKey, whose hash is stored. */
function scramFinal(hashes: Hashes, state: ServerState & { phase: "scram-final" }, bytes: Uint8Array): ServerStep {
  const final = readClientFinal(bytes);
  if (!final.ok) return unread(final.error);
  const { channelBinding, nonce, proof, withoutProof } = final.value;
  const bound = concat([utf8Bytes(state.first.gs2Header), state.binding]);
  if (channelBinding !== latin1(bound)) return malformed("channel-binding", "RFC 5802 6");
  if (nonce !== state.nonce) return malformed("scram-nonce", "RFC 5802 5.1");
  const signed = authMessage(state.first.bare, state.serverFirst, withoutProof);
  const clientKey = xor(proof, hashes.hmacSha256(state.verifier.storedKey, signed));
  const right = equalConstantTime(hashes.sha256(clientKey), state.verifier.storedKey);
  const signature = hashes.hmacSha256(state.verifier.serverKey, signed);
  if (!right || state.identity === undefined) return failure({ reason: "credentials" });
  return {
    state: { phase: "acknowledge", identity: state.identity },
    effect: { do: "challenge", bytes: latin1Bytes(`v=${base64Encode(signature)}`) },
  };
}

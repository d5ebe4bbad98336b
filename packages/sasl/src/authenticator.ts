import { Overloaded, type Platform } from "@scop/platform";
import { assert, concat, latin1Bytes, unreachable, utf8Bytes } from "@scop/wire";
import { NONCE_OCTETS, SALT_OCTETS, SCRAM_ITERATIONS_DEFAULT } from "./limits.ts";
import { MECHANISMS, type Mechanism, mechanismOf } from "./mechanism.ts";
import {
  type Account,
  type SaslFailure,
  type ServerEffect,
  type ServerInput,
  startServer,
  stepServer,
} from "./server.ts";
import type { ScramVerifier } from "./verifier.ts";

/** What the server of a protocol does next. */
export type SaslAnswer =
  | { readonly answer: "challenge"; readonly bytes: Uint8Array }
  | { readonly answer: "done"; readonly identity: string }
  | { readonly answer: "failed"; readonly failure: SaslFailure };

/** One exchange that was begun. */
export interface SaslExchange {
  /**
   * What the client sent, decoded from base64; undefined in the first call where it gave no initial response. Never rejects.
   * One call at a time, none after `done` or `failed`.
   */
  next(bytes: Uint8Array | undefined): Promise<SaslAnswer>;
}

/** The server's side of SASL for any protocol. */
export interface Authenticator {
  /** To announce, the strongest first. */
  readonly mechanisms: readonly Mechanism[];
  /** Begins an exchange; undefined where the mechanism (any case) is not one of ours. */
  start(mechanism: string): SaslExchange | undefined;
}

/**
 * An authenticator over a table of accounts. `lookup` gets the prepared user name; what it rejects with is reported as
 * `unavailable` and given to `onFault`. A user who does not exist gets a salt that is always the same for that name, the same number of
 * iterations and the same work, and fails at the end with the same answer as a wrong password.
 *
 * `unknown.secret` makes those salts. Without it they are fresh in each process, so that a restart would tell which users exist:
 * a service gives 32 octets that it keeps. `unknown.iterations` is what most verifiers have, by default 10,000.
 */
export function createAuthenticator(
  io: Pick<Platform, "crypto" | "random">,
  lookup: (username: string) => Promise<Account | undefined>,
  unknown: { readonly secret?: Uint8Array; readonly iterations?: number } = {},
  onFault: (error: unknown) => void = () => undefined,
): Authenticator {
  const secret = unknown.secret ?? io.random.bytes(32);
  const iterations = unknown.iterations ?? SCRAM_ITERATIONS_DEFAULT;

  const answerOf = async (effect: ServerEffect): Promise<ServerInput | undefined> => {
    switch (effect.do) {
      case "lookup": {
        // Made for known users too, so that both kinds take the same work.
        const dummy = dummyVerifier(io, secret, effect.username, iterations);
        const account = await lookup(effect.username);
        return { on: "account", identity: account?.identity, verifier: account?.verifier ?? dummy };
      }
      case "derive": {
        const { password, salt } = effect;
        return { on: "salted", saltedPassword: await io.crypto.pbkdf2Sha256(password, salt, effect.iterations) };
      }
      case "challenge":
      case "done":
      case "failed":
        return undefined;
      default:
        return unreachable(effect);
    }
  };

  const start = (name: string): SaslExchange | undefined => {
    const mechanism = mechanismOf(name);
    if (mechanism === undefined) return undefined;
    let state = startServer(mechanism, io.random.bytes(NONCE_OCTETS));
    const next = async (bytes: Uint8Array | undefined): Promise<SaslAnswer> => {
      let input: ServerInput | undefined = { on: "message", bytes };
      // Each message leads to at most one look-up and one derivation.
      for (let turn = 0; turn < 3; turn += 1) {
        const step = stepServer(io.crypto, state, input);
        state = step.state;
        try {
          input = await answerOf(step.effect);
        } catch (error) {
          if (!(error instanceof Overloaded)) onFault(error);
          input = { on: "unavailable" };
        }
        if (input === undefined) return publicAnswer(step.effect);
      }
      const step = stepServer(io.crypto, state, input);
      state = step.state;
      return publicAnswer(step.effect);
    };
    return { next };
  };
  return { mechanisms: MECHANISMS, start };
}

function publicAnswer(effect: ServerEffect): SaslAnswer {
  switch (effect.do) {
    case "challenge":
      return { answer: "challenge", bytes: effect.bytes };
    case "done":
      return { answer: "done", identity: effect.identity };
    case "failed":
      return { answer: "failed", failure: effect.failure };
    case "lookup":
    case "derive":
      assert(false, "questions are answered inside");
      return { answer: "failed", failure: { reason: "unavailable" } };
    default:
      return unreachable(effect);
  }
}

/** A verifier that no password fits, always the same for one name. */
function dummyVerifier(
  io: Pick<Platform, "crypto">,
  secret: Uint8Array,
  username: string,
  iterations: number,
): ScramVerifier {
  const keyed = (purpose: string): Uint8Array =>
    io.crypto.hmacSha256(secret, concat([latin1Bytes(`${purpose}\0`), utf8Bytes(username)]));
  return {
    salt: keyed("salt").slice(0, SALT_OCTETS),
    iterations,
    storedKey: keyed("stored"),
    serverKey: keyed("server"),
  };
}

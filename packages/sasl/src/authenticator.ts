import { Overloaded, type Platform } from "@scop/platform";
import { assert, concat, latin1Bytes, unreachable, utf8Bytes } from "@scop/wire";
import { NONCE_OCTETS, SALT_OCTETS, SCRAM_ITERATIONS_DEFAULT } from "./limits.ts";
import type { LoginGuard } from "./login-guard.ts";
import { MECHANISMS, type Mechanism, mechanismOf, UNBOUND_MECHANISMS } from "./mechanism.ts";
import {
  type Account,
  type SaslFailure,
  type ServerEffect,
  type ServerInput,
  type ServerState,
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
  /** To announce now, the strongest first; with `-PLUS` once the connection has a binding. */
  readonly mechanisms: readonly Mechanism[];
  /** Begins an exchange; undefined where the mechanism (any case) is not one of ours. */
  start(mechanism: string): SaslExchange | undefined;
}

/** Who is at the other end of a connection. */
export interface SaslPeer {
  /** What failures are counted by: an IPv4 address or an IPv6 /64. */
  readonly key: string;
  /** The channel binding of the connection as it is now. RFC 9266 */
  binding(): Uint8Array | undefined;
}

/** An authenticator for one connection alone, or for all of them without bindings and without a guard. */
export interface AuthenticatorFactory extends Authenticator {
  on(peer: SaslPeer): Authenticator;
}

/** What makes an authenticator more than a table of accounts. */
export interface AuthenticatorOptions {
  /** Makes the salts of users who do not exist: 32 octets that a service keeps. Without it a restart would tell which users exist. */
  readonly secret?: Uint8Array;
  /** What most verifiers have, by default 10,000. */
  readonly iterations?: number;
  /** Who has to wait. */
  readonly guard?: { readonly guard: LoginGuard; readonly io: Pick<Platform, "clock" | "timers"> };
}

/**
 * An authenticator over a table of accounts. `lookup` gets the prepared user name; what it rejects with is reported as
 * `unavailable` and given to `onFault`. A user who does not exist gets a salt that is always the same for that name, the same number of
 * iterations and the same work, and fails at the end with the same answer as a wrong password. Who is locked out by the guard gets
 * `unavailable`, whether the user exists or not.
 */
export function createAuthenticator(
  io: Pick<Platform, "crypto" | "random">,
  lookup: (username: string) => Promise<Account | undefined>,
  options: AuthenticatorOptions = {},
  onFault: (error: unknown) => void = () => undefined,
): AuthenticatorFactory {
  const secret = options.secret ?? io.random.bytes(32);
  const iterations = options.iterations ?? SCRAM_ITERATIONS_DEFAULT;
  const accountOf = async (username: string): Promise<ServerInput> => {
    // Made for known users too, so that both kinds take the same work.
    const dummy = dummyVerifier(io, secret, username, iterations);
    const account = await lookup(username);
    return { on: "account", identity: account?.identity, verifier: account?.verifier ?? dummy };
  };
  const start = (
    name: string,
    peer: SaslPeer | undefined,
    binding: Uint8Array | undefined,
  ): SaslExchange | undefined => {
    const mechanism = mechanismOf(name);
    if (mechanism === undefined) return undefined;
    const attempt = peer && options.guard && new GuardedAttempt(options.guard, peer.key);
    return new Exchange(
      { io, accountOf, onFault, attempt },
      startServer(mechanism, io.random.bytes(NONCE_OCTETS), binding),
    );
  };
  return {
    mechanisms: UNBOUND_MECHANISMS,
    start: name => start(name, undefined, undefined),
    on(peer) {
      // What was not announced can't have been taken away: without this an honest client that could bind would be refused.
      let announced: Uint8Array | undefined;
      return {
        get mechanisms() {
          announced = peer.binding();
          return announced === undefined ? UNBOUND_MECHANISMS : MECHANISMS;
        },
        start: name => start(name, peer, announced),
      };
    },
  };
}

/** What an exchange works with. */
interface ExchangeParts {
  readonly io: Pick<Platform, "crypto">;
  readonly accountOf: (username: string) => Promise<ServerInput>;
  readonly onFault: (error: unknown) => void;
  readonly attempt: GuardedAttempt | undefined;
}

class Exchange implements SaslExchange {
  readonly #parts: ExchangeParts;
  #state: ServerState;

  constructor(parts: ExchangeParts, state: ServerState) {
    this.#parts = parts;
    this.#state = state;
  }

  async next(bytes: Uint8Array | undefined): Promise<SaslAnswer> {
    const { io, attempt } = this.#parts;
    let input: ServerInput | undefined = { on: "message", bytes };
    // Each message leads to at most one look-up and one derivation.
    for (let turn = 0; turn < 4; turn += 1) {
      const step = stepServer(io.crypto, this.#state, input);
      this.#state = step.state;
      input = turn === 3 ? undefined : await this.#answerOf(step.effect);
      if (input !== undefined) continue;
      const answer = publicAnswer(step.effect);
      attempt?.ended(answer);
      return answer;
    }
    return { answer: "failed", failure: { reason: "unavailable" } };
  }

  async #answerOf(effect: ServerEffect): Promise<ServerInput | undefined> {
    const { io, accountOf, attempt, onFault } = this.#parts;
    try {
      switch (effect.do) {
        case "lookup":
          if (attempt !== undefined && !(await attempt.isLet(effect.username))) return { on: "unavailable" };
          return await accountOf(effect.username);
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
    } catch (error) {
      if (!(error instanceof Overloaded)) onFault(error);
      return { on: "unavailable" };
    }
  }
}

/** One attempt under a guard. */
class GuardedAttempt {
  readonly #guard: LoginGuard;
  readonly #io: Pick<Platform, "clock" | "timers">;
  readonly #peer: string;
  #account: string | undefined;

  constructor({ guard, io }: NonNullable<AuthenticatorOptions["guard"]>, peer: string) {
    this.#guard = guard;
    this.#io = io;
    this.#peer = peer;
  }

  /** Waits as the guard says; false: it is not to be looked at. */
  async isLet(username: string): Promise<boolean> {
    const account = username.toLowerCase();
    const verdict = this.#guard.begin(this.#peer, account, this.#io.clock.monotonic());
    if (verdict.verdict === "locked") return false;
    this.#account = account;
    if (verdict.ms > 0) await new Promise<void>(resolve => void this.#io.timers.set(verdict.ms, resolve));
    return true;
  }

  ended(answer: SaslAnswer): void {
    if (this.#account === undefined || answer.answer === "challenge") return;
    const now = this.#io.clock.monotonic();
    if (answer.answer === "done") this.#guard.succeeded(this.#peer, this.#account, now);
    else if (answer.failure.reason === "unavailable") this.#guard.withdrawn(this.#peer, this.#account);
    this.#account = undefined;
  }
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

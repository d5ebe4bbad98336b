import type { Platform } from "@scop/platform";
import { type ClientFailure, type ClientInput, startClient, stepClient } from "./client.ts";
import { NONCE_OCTETS } from "./limits.ts";
import type { Mechanism } from "./mechanism.ts";
import { prepareText } from "./prepare.ts";

/** What a client logs in with. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What the client of a protocol does next. */
export type ClientAnswer =
  /** Undefined: there is no initial response, the server asks first. */
  | { readonly answer: "respond"; readonly bytes: Uint8Array | undefined }
  | { readonly answer: "failed"; readonly failure: ClientFailure };

/** The client's side of one exchange. */
export interface SaslClient {
  readonly mechanism: Mechanism;
  /** The initial response. Never rejects. */
  start(): Promise<ClientAnswer>;
  /** The answer to a challenge, decoded from base64. Never rejects. */
  next(challenge: Uint8Array): Promise<ClientAnswer>;
  /** Whether a server that now says "accepted" has earned it: under SCRAM it has shown that it knows the account. */
  complete(): boolean;
}

/** A client for one exchange; `binding` is the channel binding of its connection (RFC 9266), if there is one. User name and password are prepared by RFC 8265; where that fails, the exchange does. */
export function createSaslClient(
  io: Pick<Platform, "crypto" | "random">,
  mechanism: Mechanism,
  credentials: Credentials,
  binding?: Uint8Array,
): SaslClient {
  const username = prepareText(credentials.username);
  const password = prepareText(credentials.password);
  let state = startClient(
    mechanism,
    { username: username.ok ? username.value : "", password: password.ok ? password.value : "" },
    io.random.bytes(NONCE_OCTETS),
    binding,
  );

  const advance = async (input: ClientInput): Promise<ClientAnswer> => {
    const step = stepClient(io.crypto, state, input);
    state = step.state;
    if (step.effect.do === "failed") return { answer: "failed", failure: step.effect.failure };
    if (step.effect.do === "respond") return { answer: "respond", bytes: step.effect.bytes };
    const { password: octets, salt, iterations } = step.effect;
    const salted = await io.crypto.pbkdf2Sha256(octets, salt, iterations).catch(() => undefined);
    return advance(salted === undefined ? { on: "unavailable" } : { on: "salted", saltedPassword: salted });
  };

  return {
    mechanism,
    start: async () => {
      const unfit = username.ok ? (password.ok ? undefined : password.error) : username.error;
      if (unfit !== undefined) return { answer: "failed", failure: { reason: "malformed", detail: unfit } };
      return advance({ on: "start" });
    },
    next: challenge => advance({ on: "challenge", bytes: challenge }),
    complete: () => state.phase === "complete",
  };
}

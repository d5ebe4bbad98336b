export {
  type Authenticator,
  type AuthenticatorFactory,
  type AuthenticatorOptions,
  createAuthenticator,
  type SaslAnswer,
  type SaslExchange,
  type SaslPeer,
} from "./authenticator.ts";
export {
  type ClientEffect,
  type ClientFailure,
  type ClientInput,
  type ClientState,
  type ClientStep,
  startClient,
  stepClient,
} from "./client.ts";
export { type ClientAnswer, type Credentials, createSaslClient, type SaslClient } from "./client-exchange.ts";
export { deriveVerifier } from "./derive.ts";
export {
  PASSWORD_OCTETS_MAX,
  SASL_MESSAGE_OCTETS_MAX,
  SCRAM_ITERATIONS_DEFAULT,
  SCRAM_ITERATIONS_MAX,
} from "./limits.ts";
export {
  createLoginGuard,
  type GuardRule,
  type GuardRules,
  type GuardVerdict,
  guardRules,
  type LoginGuard,
} from "./login-guard.ts";
export { chooseMechanism, MECHANISMS, type Mechanism } from "./mechanism.ts";
export { prepareText } from "./prepare.ts";
export {
  type Account,
  type SaslFailure,
  type ServerEffect,
  type ServerInput,
  type ServerState,
  type ServerStep,
  startServer,
  stepServer,
} from "./server.ts";
export type { ScramVerifier } from "./verifier.ts";

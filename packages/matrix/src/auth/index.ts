export { type AuthEventsRead, createIdOf, type KnownEvents, readAuthEvents } from "./auth-events.ts";
export { type AuthChecks, authorise, authorisingServer, checkAuthorisingServer } from "./authorise.ts";
export { type Level, PowerLevels, userLevel } from "./levels.ts";
export type { Refusal, RefusalWord } from "./refusal.ts";
export type { AuthRules } from "./rules.ts";
export { authKeysOf, selectAuthEvents } from "./selection.ts";
export {
  type AuthState,
  CREATE_KEY,
  JOIN_RULES_KEY,
  memberKey,
  POWER_LEVELS_KEY,
  partsOfStateKey,
  type StateKey,
  stateKeyOf,
} from "./state.ts";
export type { SignatureCheck } from "./third-party-invite.ts";
export { serverOf } from "./user-id.ts";
export { authRulesOf } from "./versions.ts";

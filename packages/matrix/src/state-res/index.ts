export { AuthChains } from "./auth-chains.ts";
export type { ResolvedRoom, Resolving, StateAnswer, StateIds, StateQuestion, StoredEvent } from "./question.ts";
export { resolutionOf, resolveState, resolving, type StateStore } from "./resolve.ts";

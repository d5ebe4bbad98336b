export { type DnsBudget, withBudget } from "./budget.ts";
export { type ResolverIo, type RunningResolver, runResolver } from "./resolver-driver.ts";
export type { ResolverLimits } from "./resolver-state.ts";

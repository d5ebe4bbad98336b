export { type DnsBudget, withBudget } from "./budget.ts";
export { type ResolverIo, type RunningResolver, runResolver } from "./resolver-driver.ts";

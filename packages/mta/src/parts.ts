export type { Transport } from "./config.ts";
export { memoryGuard } from "./memory-guard.ts";
export { type Problem, problem, problemOf } from "./problem.ts";
export { type Reached, reach, type SafeHop, type Way } from "./reach.ts";
export { type OpenedSession, type Opening, openSession, type Session } from "./session.ts";

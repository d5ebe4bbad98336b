export {
  type FoundBy,
  resolveServer,
  type ServerAnswer,
  type ServerFacts,
  type ServerPlace,
  type ServerQuestion,
  type ServerResolution,
} from "./resolve-server.ts";
export { parseServerName, type ServerName } from "./server-name.ts";
export type { WellKnownMemory } from "./well-known.ts";

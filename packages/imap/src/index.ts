export type {
  Appended,
  AppendRequest,
  AppendSink,
  Backend,
  BackendFailure,
  Changes,
  Copied,
  Entry,
  FlagChange,
  Mailbox,
  Outcome,
} from "./backend.ts";
export type { Command, FetchItem, Partial, Section, StatusItem, TaggedCommand } from "./command.ts";
export { defaultLimits, type ImapLimits } from "./limits.ts";
export type { SearchProgram, SearchStep, SearchTest } from "./search-key.ts";
export type { SequenceRange, SequenceSet } from "./sequence-set.ts";

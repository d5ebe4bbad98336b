export type {
  Appended,
  AppendMessage,
  AppendSink,
  Backend,
  BackendFailure,
  Changes,
  Copied,
  Entry,
  FlagChange,
  FlagsWanted,
  Mailbox,
  MessageText,
  MessageThread,
  Outcome,
  QuotaUsage,
  Stored,
  TextCandidates,
} from "./backend.ts";
export { bodyStructure } from "./body-structure.ts";
export type {
  Command,
  CommandOf,
  FetchItem,
  ListReturn,
  ListSelection,
  Partial,
  Section,
  StatusItem,
  TaggedCommand,
} from "./command.ts";
export { envelope } from "./envelope.ts";
export type { BaseSubject } from "./extensions/base-subject.ts";
export type { ChangedSince, SelectParameters } from "./extensions/condstore-parameters.ts";
export type { ReturnOption } from "./extensions/search-return.ts";
export type { SortKey } from "./extensions/sort.ts";
export type { ThreadAlgorithm, ThreadMessage, ThreadNode } from "./extensions/thread.ts";
export {
  acceptLiteral,
  emptyFramer,
  type Frame,
  type Framed,
  type FrameLimits,
  type Framer,
  feed,
  nextFrame,
  type Piece,
  refuseCommand,
  streamLiteral,
} from "./framer.ts";
export { defaultLimits, type ImapLimits } from "./limits.ts";
export { step, wantsInput } from "./machine.ts";
export { type LiteralPurpose, literalPurpose, parseAppendStretch } from "./parse-append.ts";
export { parseCommand, tagOf } from "./parse-command.ts";
export type {
  EsearchResponse,
  FetchData,
  FetchLabel,
  QuotaResource,
  Response,
  ResponseCode,
  StatusFigure,
  StatusResponse,
} from "./response.ts";
export type { SearchProgram, SearchStep, SearchTest } from "./search-key.ts";
export type { MessageSet, SequenceRange, SequenceSet } from "./sequence-set.ts";
export { writeResponse } from "./serialise.ts";
export {
  type Answer,
  type Answers,
  type Effect,
  type Input,
  newSession,
  type Phase,
  type Question,
  type Session,
  type SessionSettings,
  type Step,
} from "./session.ts";
export { decodeMailboxName, encodeMailboxName, type NameForm } from "./utf7.ts";

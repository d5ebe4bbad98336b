export { stepClient } from "./client.ts";
export {
  type Capabilities,
  type ClientConfig,
  type ClientEffect,
  type ClientInput,
  type ClientPhase,
  type ClientState,
  type ClientStep,
  type OutgoingEnvelope,
  openClient,
  type Transaction,
  type TransactionCommand,
} from "./client-state.ts";
export {
  type Command,
  type CommandFault,
  type CommandRead,
  formatMail,
  formatRecipient,
  parseCommand,
  type Verb,
} from "./command.ts";
export { dataEnd, type Stuffed, type StuffingPosition, stuff } from "./dot-stuffing.ts";
export type {
  Envelope,
  MailParameters,
  MessageSink,
  NotifyOn,
  RecipientParameters,
  ServerHandler,
  SessionFacts,
} from "./handler.ts";
export { type ClientTimeouts, clientTimeouts, type ServerLimits, serverLimits } from "./limits.ts";
export type { LineFault } from "./line-finder.ts";
export { type Failure, lossOf, outcomeOf, type RecipientOutcome } from "./outcome.ts";
export { encodeReply, isPositive, type Reply, reply } from "./reply.ts";
export { emptyReading, type RepliesRead, type ReplyReading, readReplies } from "./reply-reader.ts";
export { stepServer } from "./server.ts";
export {
  type ChunkedMessage,
  type DataFault,
  type Extension,
  openServer,
  type ServerEffect,
  type ServerInput,
  type ServerOptions,
  type ServerPhase,
  type ServerQuestion,
  type ServerState,
  type ServerStep,
} from "./server-state.ts";
export { type CommandPhase, transitions } from "./server-table.ts";
export { decodeXtext, encodeXtext } from "./xtext.ts";

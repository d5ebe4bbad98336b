import { assert, unreachable, utf8Bytes } from "@scop/wire";
import type { ClientPhase, OutgoingEnvelope, Transaction, TransactionCommand } from "./client-state.ts";
import type { ClientTurn } from "./client-turn.ts";
import { formatMail, formatRecipient } from "./command.ts";
import type { MailParameters } from "./handler.ts";
import { PIPELINED_COMMANDS_MAX } from "./limits.ts";
import { type Failure, outcomeOf, type RecipientOutcome } from "./outcome.ts";
import { isPositive, type Reply } from "./reply.ts";

/** Begins to send a message, or says what the server lacks for it. */
export function beginTransaction(turn: ClientTurn, envelope: OutgoingEnvelope): ClientTurn {
  const { phase } = turn;
  assert(envelope.recipients.length > 0, "a message has a recipient");
  if (phase.phase === "closed") {
    const failure: Failure = phase.failure ?? { blame: "peer", kind: "closed", during: "MAIL" };
    return turn.perform({ do: "outcomes", outcomes: envelope.recipients.map(() => outcomeOf(failure)) });
  }
  if (phase.phase !== "idle") {
    const isUnderWay = phase.phase === "envelope" || phase.phase === "body" || phase.phase === "final";
    assert(isUnderWay && turn.state.queued === undefined, "one message is under way and one queued");
    turn.state.queued = envelope;
    return turn;
  }
  const extension = missingExtension(turn, envelope);
  if (extension !== undefined) {
    const failure: Failure = { blame: "caller", kind: "unsupported", extension };
    return turn.perform({ do: "outcomes", outcomes: envelope.recipients.map(() => outcomeOf(failure)) });
  }
  return writeGroup(turn, transactionOf(turn, envelope, phase.dirty ? "dirty" : "clean"));
}

function transactionOf(turn: ClientTurn, envelope: OutgoingEnvelope, server: "dirty" | "clean"): Transaction {
  const size = turn.state.capabilities.size === undefined ? undefined : envelope.size;
  const chunked = envelope.content === "binary";
  const { dsn } = turn.state.capabilities;
  const { returned, envelopeId } = envelope;
  const parameters: MailParameters = {
    size,
    body: chunked ? "binarymime" : envelope.eightBit ? "8bitmime" : "7bit",
    utf8: envelope.utf8,
    ...(envelope.tls === undefined ? {} : { tls: envelope.tls }),
    ...(dsn && returned !== undefined ? { returned } : {}),
    ...(dsn && envelopeId !== undefined ? { envelopeId } : {}),
  };
  const commands: TransactionCommand[] = server === "dirty" ? [{ kind: "rset", line: "RSET" }] : [];
  commands.push({ kind: "mail", line: formatMail(envelope.reversePath, parameters) });
  for (const [index, path] of envelope.recipients.entries()) {
    const said = dsn ? envelope.recipientParameters?.[index] : undefined;
    commands.push({ kind: "rcpt", line: formatRecipient(path, said) });
  }
  if (!chunked) commands.push({ kind: "data", line: "DATA" });
  return {
    commands,
    sent: 0,
    answered: 0,
    mailRefusal: undefined,
    dataRefusal: undefined,
    recipients: [],
    recipientCount: envelope.recipients.length,
    started: false,
    chunked,
    chunksOpen: 0,
    chunkRefusal: undefined,
    finals: [],
  };
}

function missingExtension(turn: ClientTurn, envelope: OutgoingEnvelope): string | undefined {
  const { capabilities } = turn.state;
  if (envelope.content === "binary") {
    if (!capabilities.binary) return "BINARYMIME";
  } else if (envelope.eightBit && !capabilities.eightBit) return "8BITMIME";
  if (envelope.utf8 && !capabilities.utf8) return "SMTPUTF8";
  if (envelope.tls !== undefined && !(turn.state.secured && capabilities.requireTls)) return "REQUIRETLS";
  const limit = capabilities.size ?? 0;
  // RFC 1870 4: zero is no limit
  return limit > 0 && (envelope.size ?? 0) > limit ? "SIZE" : undefined;
}

/** Writes the next commands: as many as may be under way at once. RFC 2920 3.1 */
function writeGroup(turn: ClientTurn, transaction: Transaction): ClientTurn {
  const { commands, sent } = transaction;
  const count = turn.state.capabilities.pipelining ? PIPELINED_COMMANDS_MAX : 1;
  const group = commands.slice(sent, sent + count);
  return turn
    .enter({ phase: "envelope", transaction: { ...transaction, sent: sent + group.length } })
    .timer(waitFor(turn, transaction, sent + group.length))
    .write(...group.map(command => command.line));
}

/** How long the replies to commands may take of which the last is before `end`. RFC 5321 4.5.3.2 */
function waitFor(turn: ClientTurn, { commands, sent }: Transaction, end: number): number {
  const { dataMs, commandMs } = turn.state.config.timeouts;
  if (commands[end - 1]?.kind !== "data") return commandMs;
  return end - sent === 1 ? dataMs : Math.max(dataMs, commandMs);
}

/** Takes the reply to the next command that is not answered. */
export function takeEnvelopeReply(turn: ClientTurn, before: Transaction, given: Reply): ClientTurn {
  const command = before.commands[before.answered];
  assert(command !== undefined, "a command is not answered");
  const transaction = answered(before, command.kind, given);
  if (transaction.answered < transaction.sent) return turn.enter({ phase: "envelope", transaction });
  if (transaction.started) return beginBody(turn, transaction);
  const next = transaction.commands[transaction.sent];
  const useless = next?.kind === "data" && !transaction.recipients.some(isPositive);
  const isTaken = transaction.mailRefusal === undefined && transaction.recipients.some(isPositive);
  if (next === undefined && transaction.chunked && isTaken) return beginBody(turn, transaction);
  if (transaction.mailRefusal !== undefined || next === undefined || useless)
    return beginQueued(conclude(turn, transaction, undefined));
  return writeGroup(turn, transaction);
}

function answered(before: Transaction, kind: TransactionCommand["kind"], given: Reply): Transaction {
  const transaction = { ...before, answered: before.answered + 1 };
  switch (kind) {
    case "rset":
      return transaction;
    case "mail":
      return isPositive(given) ? transaction : { ...transaction, mailRefusal: given };
    case "rcpt":
      return { ...transaction, recipients: [...before.recipients, given] };
    case "data":
      if (given.code === 354) return { ...transaction, started: true };
      return { ...transaction, dataRefusal: given };
    default:
      return unreachable(kind);
  }
}

function beginBody(turn: ClientTurn, transaction: Transaction): ClientTurn {
  if (transaction.mailRefusal === undefined && transaction.recipients.some(isPositive)) {
    const following = transaction.chunked ? undefined : takeQueued(turn);
    const behind = following?.commands.slice(0, following.sent).map(command => `${command.line}\r\n`) ?? [];
    return turn
      .enter({ phase: "body", transaction, following })
      .perform({ do: "body", by: transaction.chunked ? "chunks" : "data", behind: utf8Bytes(behind.join("")) });
  }
  // RFC 2920 3.1: DATA was accepted although no recipient was; an empty message ends it
  return turn
    .enter({ phase: "final", transaction, following: undefined })
    .timer(turn.state.config.timeouts.finalMs)
    .write(".");
}

/** The transaction of the message that is queued, its first commands counted as sent; they go behind the message at hand. RFC 2920 3.1 */
function takeQueued(turn: ClientTurn): Transaction | undefined {
  const { queued, capabilities } = turn.state;
  if (queued === undefined || !capabilities.pipelining || missingExtension(turn, queued) !== undefined)
    return undefined;
  turn.state.queued = undefined;
  const transaction = transactionOf(turn, queued, "clean");
  return { ...transaction, sent: Math.min(PIPELINED_COMMANDS_MAX, transaction.commands.length) };
}

/** Takes a reply to the message: to one of its chunks, or to the whole of it. RFC 3030 2, RFC 2033 4.2 */
export function takeFinalReply(turn: ClientTurn, phase: ClientPhase & { phase: "final" }, given: Reply): ClientTurn {
  const { transaction: before } = phase;
  if (before.chunksOpen > 0) {
    const chunkRefusal = before.chunkRefusal ?? (isPositive(given) ? undefined : given);
    return turn.enter({ ...phase, transaction: { ...before, chunksOpen: before.chunksOpen - 1, chunkRefusal } });
  }
  // What follows a chunk that was refused is refused once, in whatever words
  const final = before.chunkRefusal ?? given;
  const transaction = { ...before, finals: [...before.finals, final] };
  const isEach = turn.state.config.protocol === "lmtp" && before.chunkRefusal === undefined;
  // RFC 2033 4.2: after DATA was accepted without a recipient there is nobody to reply about but the message itself
  const wanted = isEach ? Math.max(1, before.recipients.filter(isPositive).length) : 1;
  if (transaction.finals.length < wanted) return turn.enter({ ...phase, transaction });
  conclude(turn, transaction, final);
  const { following } = phase;
  if (following === undefined) return beginQueued(turn);
  return turn.enter({ phase: "envelope", transaction: following }).timer(waitFor(turn, following, following.sent));
}

/** The end of a transaction after which the connection goes on. `final` is the last reply to the message itself. */
function conclude(turn: ClientTurn, transaction: Transaction, final: Reply | undefined): ClientTurn {
  const outcomes = outcomesOf(transaction, final && { blame: "peer", kind: "reply", reply: final });
  const dirty = final === undefined && transaction.mailRefusal === undefined;
  return turn.enter({ phase: "idle", dirty }).perform({ do: "outcomes", outcomes });
}

/** Begins the message that waited, after one whose commands it could not follow. */
function beginQueued(turn: ClientTurn): ClientTurn {
  const { queued } = turn.state;
  if (queued === undefined) return turn;
  turn.state.queued = undefined;
  return beginTransaction(turn, queued);
}

/** The outcomes, where `rest` is for those whom nothing before decided about: the reply to the message, or what ended the session. */
export function outcomesOf(transaction: Transaction, rest: Failure | undefined): readonly RecipientOutcome[] {
  const { mailRefusal, dataRefusal, recipients, finals } = transaction;
  let accepted = 0;
  return Array.from({ length: transaction.recipientCount }, (_, index) => {
    const given = recipients[index];
    if (mailRefusal !== undefined) return outcomeOf({ blame: "peer", kind: "reply", reply: mailRefusal });
    if (given !== undefined && !isPositive(given)) return recipientRefused(given);
    if (dataRefusal !== undefined) return outcomeOf({ blame: "peer", kind: "reply", reply: dataRefusal });
    // Under LMTP each has its own, and those that came before a session broke count
    const own = finals[accepted];
    accepted += 1;
    const decided: Failure | undefined = own === undefined ? rest : { blame: "peer", kind: "reply", reply: own };
    assert(decided !== undefined, "something decided about the recipient");
    if (decided.kind === "reply" && isPositive(decided.reply)) return { outcome: "delivered", reply: decided.reply };
    return outcomeOf(decided);
  });
}

/** RFC 5321 4.5.3.1.10: 552 to RCPT is what old servers say for 452. */
function recipientRefused(given: Reply): RecipientOutcome {
  const failure: Failure = { blame: "peer", kind: "reply", reply: given };
  return given.code === 552 ? { outcome: "temporary", failure } : outcomeOf(failure);
}

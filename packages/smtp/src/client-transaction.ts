import { assert, unreachable } from "@scop/wire";
import type { OutgoingEnvelope, Transaction, TransactionCommand } from "./client-state.ts";
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
  assert(phase.phase === "idle", "one message at a time");
  const extension = missingExtension(turn, envelope);
  if (extension !== undefined) {
    const failure: Failure = { blame: "caller", kind: "unsupported", extension };
    return turn.perform({ do: "outcomes", outcomes: envelope.recipients.map(() => outcomeOf(failure)) });
  }
  const size = turn.state.capabilities.size === undefined ? undefined : envelope.size;
  const chunked = envelope.content === "binary";
  const { dsn } = turn.state.capabilities;
  const { returned, envelopeId } = envelope;
  const parameters: MailParameters = {
    size,
    body: chunked ? "binarymime" : envelope.eightBit ? "8bitmime" : "7bit",
    utf8: envelope.utf8,
    ...(dsn && returned !== undefined ? { returned } : {}),
    ...(dsn && envelopeId !== undefined ? { envelopeId } : {}),
  };
  const commands: TransactionCommand[] = phase.dirty ? [{ kind: "rset", line: "RSET" }] : [];
  commands.push({ kind: "mail", line: formatMail(envelope.reversePath, parameters) });
  for (const [index, path] of envelope.recipients.entries()) {
    const said = dsn ? envelope.recipientParameters?.[index] : undefined;
    commands.push({ kind: "rcpt", line: formatRecipient(path, said) });
  }
  if (!chunked) commands.push({ kind: "data", line: "DATA" });
  return writeGroup(turn, {
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
  });
}

function missingExtension(turn: ClientTurn, envelope: OutgoingEnvelope): string | undefined {
  const { capabilities } = turn.state;
  if (envelope.content === "binary") {
    if (!capabilities.binary) return "BINARYMIME";
  } else if (envelope.eightBit && !capabilities.eightBit) return "8BITMIME";
  if (envelope.utf8 && !capabilities.utf8) return "SMTPUTF8";
  const limit = capabilities.size ?? 0;
  // RFC 1870 4: zero is no limit
  return limit > 0 && (envelope.size ?? 0) > limit ? "SIZE" : undefined;
}

/** Writes the next commands: as many as may be under way at once. RFC 2920 3.1 */
function writeGroup(turn: ClientTurn, transaction: Transaction): ClientTurn {
  const { commands, sent } = transaction;
  const count = turn.state.capabilities.pipelining ? PIPELINED_COMMANDS_MAX : 1;
  const group = commands.slice(sent, sent + count);
  const { dataMs, commandMs } = turn.state.config.timeouts;
  const last = group.at(-1);
  return turn
    .enter({ phase: "envelope", transaction: { ...transaction, sent: sent + group.length } })
    .timer(last?.kind === "data" ? Math.max(dataMs, group.length > 1 ? commandMs : 0) : commandMs)
    .write(...group.map(command => command.line));
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
    return conclude(turn, transaction, undefined);
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
    return turn
      .enter({ phase: "body", transaction })
      .perform({ do: "body", by: transaction.chunked ? "chunks" : "data" });
  }
  // RFC 2920 3.1: DATA was accepted although no recipient was; an empty message ends it
  return turn.enter({ phase: "final", transaction }).timer(turn.state.config.timeouts.finalMs).write(".");
}

/** Takes a reply to the message: to one of its chunks, or to the whole of it. RFC 3030 2, RFC 2033 4.2 */
export function takeFinalReply(turn: ClientTurn, before: Transaction, given: Reply): ClientTurn {
  if (before.chunksOpen > 0) {
    const chunkRefusal = before.chunkRefusal ?? (isPositive(given) ? undefined : given);
    return turn.enter({ phase: "final", transaction: { ...before, chunksOpen: before.chunksOpen - 1, chunkRefusal } });
  }
  // What follows a chunk that was refused is refused once, in whatever words
  const final = before.chunkRefusal ?? given;
  const transaction = { ...before, finals: [...before.finals, final] };
  const isEach = turn.state.config.protocol === "lmtp" && before.chunkRefusal === undefined;
  // RFC 2033 4.2: after DATA was accepted without a recipient there is nobody to reply about but the message itself
  const wanted = isEach ? Math.max(1, before.recipients.filter(isPositive).length) : 1;
  if (transaction.finals.length < wanted) return turn.enter({ phase: "final", transaction });
  return conclude(turn, transaction, final);
}

/** The end of a transaction after which the connection goes on. `final` is the last reply to the message itself. */
function conclude(turn: ClientTurn, transaction: Transaction, final: Reply | undefined): ClientTurn {
  const outcomes = outcomesOf(transaction, final && { blame: "peer", kind: "reply", reply: final });
  const dirty = final === undefined && transaction.mailRefusal === undefined;
  return turn.enter({ phase: "idle", dirty }).perform({ do: "outcomes", outcomes });
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

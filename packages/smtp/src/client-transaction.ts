import { assert, unreachable } from "@scop/wire";
import type { OutgoingEnvelope, Transaction, TransactionCommand } from "./client-state.ts";
import type { ClientTurn } from "./client-turn.ts";
import { formatMail, formatRecipient } from "./command.ts";
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
  const parameters = { size, body: envelope.eightBit ? "8bitmime" : "7bit", utf8: envelope.utf8 } as const;
  const commands: TransactionCommand[] = phase.dirty ? [{ kind: "rset", line: "RSET" }] : [];
  commands.push({ kind: "mail", line: formatMail(envelope.reversePath, parameters) });
  for (const path of envelope.recipients) commands.push({ kind: "rcpt", line: formatRecipient(path) });
  commands.push({ kind: "data", line: "DATA" });
  return writeGroup(turn, {
    commands,
    sent: 0,
    answered: 0,
    mailRefusal: undefined,
    dataRefusal: undefined,
    recipients: [],
    recipientCount: envelope.recipients.length,
    started: false,
  });
}

function missingExtension(turn: ClientTurn, envelope: OutgoingEnvelope): string | undefined {
  const { capabilities } = turn.state;
  if (envelope.eightBit && !capabilities.eightBit) return "8BITMIME";
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
    return turn.enter({ phase: "body", transaction }).perform({ do: "body" });
  }
  // RFC 2920 3.1: DATA was accepted although no recipient was; an empty message ends it
  return turn.enter({ phase: "final", transaction }).timer(turn.state.config.timeouts.finalMs).write(".");
}

/** The end of a transaction after which the connection goes on. `final` is the reply to the message itself. */
export function conclude(turn: ClientTurn, transaction: Transaction, final: Reply | undefined): ClientTurn {
  const outcomes = outcomesOf(transaction, final && { blame: "peer", kind: "reply", reply: final });
  const dirty = final === undefined && transaction.mailRefusal === undefined;
  return turn.enter({ phase: "idle", dirty }).perform({ do: "outcomes", outcomes });
}

/** The outcomes, where `rest` is for those whom nothing before decided about: the reply to the message, or what ended the session. */
export function outcomesOf(transaction: Transaction, rest: Failure | undefined): readonly RecipientOutcome[] {
  const { mailRefusal, dataRefusal, recipients } = transaction;
  return Array.from({ length: transaction.recipientCount }, (_, index) => {
    const given = recipients[index];
    if (mailRefusal !== undefined) return outcomeOf({ blame: "peer", kind: "reply", reply: mailRefusal });
    if (given !== undefined && !isPositive(given)) return recipientRefused(given);
    if (dataRefusal !== undefined) return outcomeOf({ blame: "peer", kind: "reply", reply: dataRefusal });
    assert(rest !== undefined, "something decided about the recipient");
    if (rest.kind === "reply" && isPositive(rest.reply)) return { outcome: "delivered", reply: rest.reply };
    return outcomeOf(rest);
  });
}

/** RFC 5321 4.5.3.1.10: 552 to RCPT is what old servers say for 452. */
function recipientRefused(given: Reply): RecipientOutcome {
  const failure: Failure = { blame: "peer", kind: "reply", reply: given };
  return given.code === 552 ? { outcome: "temporary", failure } : outcomeOf(failure);
}

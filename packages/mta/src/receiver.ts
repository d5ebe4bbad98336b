import {
  type ForwardPath,
  formatMailbox,
  isAddressLiteral,
  literalAddress,
  type Mailbox,
  type ReversePath,
} from "@scop/address";
import type { Envelope, MailParameters, MessageSink, Reply, ServerHandler, SessionFacts } from "@scop/smtp";
import type { AccountId, DsnRequest } from "@scop/store";
import { wants, withoutSuccess } from "./dsn.ts";
import type { PermittedRecipient } from "./enqueue.ts";
import { owns } from "./ownership.ts";
import { decideRelay, type RecipientKind, type RelayDecision } from "./relay.ts";
import { REPLY } from "./replies.ts";
import { type Resolution, resolve, resolvePostmaster } from "./resolve.ts";
import { withRoom } from "./room.ts";
import { messageSink } from "./sink.ts";
import type { Stage } from "./stage.ts";

/** `mx`: mail for local domains from anybody (port 25). `submission`: mail for anybody from our accounts (RFC 6409). */
export type ReceiverKind = "mx" | "submission";

/** A recipient here whose sender wants to know that the message arrived. RFC 3461 4.1 */
interface Awaited {
  readonly mailbox: Mailbox;
  readonly dsn: DsnRequest;
}

/** Where a message goes, decided before its first octet. */
export interface Plan {
  readonly awaited: readonly Awaited[];
  /** Each gets one copy, however many addresses led to it. */
  readonly accounts: readonly AccountId[];
  readonly outgoing: readonly PermittedRecipient[];
}

/** Decides about paths, and opens a sink for each message. */
export function receiver(stage: Stage, kind: ReceiverKind): ServerHandler {
  /** What paths stood for at RCPT, so that DATA need not ask again. */
  const resolved = new WeakMap<ForwardPath, Resolution>();
  return {
    mail: (session, path, parameters) => decideSender(stage, kind, session, path, parameters),
    async recipient(session, path, envelope) {
      if (envelope.recipients.length >= stage.settings.limits.recipientsMax) return REPLY.tooManyRecipients;
      const resolution = await resolvePath(stage, session, path);
      if (resolution.is === "too-large") return REPLY.aliasTooLarge;
      const decision = decide(kind, session, resolution);
      if (!decision.may) return refuse(stage, decision.reason);
      if (resolution.is !== "local") {
        resolved.set(path, resolution);
        return undefined;
      }
      const { local, refusal } = await withRoom(stage, resolution, account =>
        stage.rooms.of(account, envelope.parameters.size),
      );
      if (refusal !== undefined) return refusal === "full" ? REPLY.mailboxFull : REPLY.mailboxTooSmall;
      resolved.set(path, local);
      return undefined;
    },
    async data(session, envelope): Promise<MessageSink | Reply> {
      const plan = await planOf(stage, kind, session, envelope, resolved);
      return plan === undefined ? REPLY.changedMeanwhile : messageSink(stage, kind, session, envelope, plan);
    },
  };
}

/** RFC 6409 6.1: who submits may use the addresses of the account. The null path is for receipts (RFC 8098 3) and is taken. */
async function decideSender(
  stage: Stage,
  kind: ReceiverKind,
  session: SessionFacts,
  path: ReversePath,
  parameters: MailParameters,
): Promise<Reply | undefined> {
  if (parameters.size !== undefined && parameters.size > stage.settings.limits.messageOctetsMax)
    return REPLY.messageTooLarge;
  if (kind === "mx") return undefined;
  if (session.identity === undefined) return REPLY.authenticationRequired;
  if (path.kind === "null") return undefined;
  return (await owns(stage, session.identity, path.mailbox)) ? undefined : REPLY.senderNotOwn;
}

function decide(kind: ReceiverKind, session: SessionFacts, resolution: Resolution): RelayDecision {
  const recipient: RecipientKind =
    resolution.is === "foreign" ? "foreign" : resolution.is === "unknown" ? "unknown" : "local";
  if (kind === "mx") return decideRelay({ origin: "mx", recipient });
  return decideRelay({ origin: "submission", authenticated: session.identity !== undefined, recipient });
}

function refuse(stage: Stage, reason: (RelayDecision & { readonly may: false })["reason"]): Reply {
  stage.io.metrics.count("mta_recipients_refused_total", { reason });
  if (reason === "relaying-denied") return REPLY.relayingDenied;
  return reason === "no-such-mailbox" ? REPLY.noSuchMailbox : REPLY.authenticationRequired;
}

async function resolvePath(stage: Stage, session: SessionFacts, path: ForwardPath): Promise<Resolution> {
  if (path.kind === "postmaster") return resolvePostmaster(stage.directory, stage.settings);
  const { domain, localPart } = path.mailbox;
  if (!isAddressLiteral(domain)) return resolve(stage.directory, stage.settings, path.mailbox);
  if (literalAddress(domain).text !== session.local.address) return { is: "foreign" };
  // RFC 5321 4.1.3, 4.5.1: by our own number only the postmaster can be reached.
  if (localPart.toLowerCase() !== "postmaster") return { is: "unknown" };
  return resolvePostmaster(stage.directory, stage.settings);
}

/** Who gets the message; undefined if a recipient that was taken at RCPT is no longer one. */
async function planOf(
  stage: Stage,
  kind: ReceiverKind,
  session: SessionFacts,
  envelope: Envelope,
  resolved: WeakMap<ForwardPath, Resolution>,
): Promise<Plan | undefined> {
  const accounts = new Set<AccountId>();
  const outgoing = new Map<string, PermittedRecipient>();
  const awaited: Awaited[] = [];
  // RFC 4865 4: what is to arrive later waits in the queue, for recipients here too
  const isLater = envelope.parameters.hold !== undefined;
  for (const [index, path] of envelope.recipients.entries()) {
    const resolution = resolved.get(path) ?? (await resolvePath(stage, session, path));
    const decision = decide(kind, session, resolution);
    if (!decision.may || resolution.is === "unknown" || resolution.is === "too-large") return undefined;
    const dsn = dsnOf(envelope, index);
    const { permit } = decision;
    if (resolution.is === "foreign" || (isLater && path.kind === "mailbox")) {
      for (const mailbox of mailboxOf(path)) outgoing.set(formatMailbox(mailbox), { permit, mailbox, dsn });
      continue;
    }
    const arrives = resolution.accounts.length > 0;
    for (const account of resolution.accounts) accounts.add(account);
    for (const mailbox of resolution.elsewhere) {
      outgoing.set(formatMailbox(mailbox), { permit, mailbox, dsn: arrives ? withoutSuccess(dsn) : dsn });
    }
    if (arrives && path.kind === "mailbox" && wants(dsn, "success")) {
      awaited.push({ mailbox: path.mailbox, dsn });
    }
    if (resolution.lost > 0) {
      stage.io.log.write("warn", "an alias has targets that lead nowhere", { targets: resolution.lost });
      stage.io.metrics.count("mta_alias_targets_lost_total", {}, resolution.lost);
    }
  }
  return { awaited, accounts: [...accounts], outgoing: [...outgoing.values()] };
}

/** What the sender said about one recipient, and about the message. RFC 3461 4 */
function dsnOf(envelope: Envelope, index: number): DsnRequest {
  const { returned, envelopeId } = envelope.parameters;
  return {
    ...(returned === undefined ? {} : { returned }),
    ...(envelopeId === undefined ? {} : { envelopeId }),
    ...envelope.recipientParameters[index],
  };
}

function mailboxOf(path: ForwardPath): readonly Mailbox[] {
  return path.kind === "mailbox" ? [path.mailbox] : [];
}

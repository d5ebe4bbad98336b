import { type Mailbox, parseMailbox } from "@scop/address";
import {
  composeDeliveryReport,
  type DeliveryReportDraft,
  formatDate,
  parseHeader,
  type ReportedRecipient,
} from "@scop/mime";
import type { Instant } from "@scop/platform";
import type { Change, DsnRequest, LeasedRecord, NewBlob, TlsDemand } from "@scop/store";
import { assert, hexEncode, isAscii, latin1Bytes, Octet } from "@scop/wire";
import { enqueueChanges } from "./enqueue.ts";
import { MESSAGE_ID_OCTETS, REPORT_HEADER_OCTETS_MAX, REPORT_MESSAGE_OCTETS_MAX } from "./limits.ts";
import type { Problem } from "./problem.ts";
import { decideRelay } from "./relay.ts";
import { resolve } from "./resolve.ts";
import type { Stage } from "./stage.ts";
import { returnPathField } from "./trace.ts";

/** What became of one recipient, to be told. */
export interface ReportedItem {
  readonly recipient: string;
  readonly dsn: DsnRequest;
  readonly action: "failed" | "delayed" | "delivered" | "relayed";
  /** Undefined where all is well. */
  readonly problem: Problem | undefined;
  /** When it is given up; of those delayed. */
  readonly until?: Instant;
}

/** The message that a report is about. */
interface ReportedMessage {
  readonly reversePath: string;
  readonly created: Instant;
  readonly tls: TlsDemand;
  /** What is returned of it. */
  original(): Promise<DeliveryReportDraft["original"]>;
}

/** A delivery report, and what brings it to the sender. */
export interface Report {
  readonly blob: NewBlob;
  readonly changes: readonly Change[];
}

/**
 * The report about recipients of one submission, for its sender: into the sender's mailbox or into the queue, always from the null
 * reverse-path. Undefined where nobody is to be told: no report about a report (RFC 5321 6.1), none to an address that is not there.
 * `blob` is the place of the report among the blobs of its transaction.
 */
export async function reportOf(
  stage: Stage,
  message: ReportedMessage,
  items: readonly ReportedItem[],
  now: Instant,
  blob: number,
): Promise<Report | undefined> {
  const sender = parseMailbox(message.reversePath);
  if (!sender.ok) return untold(stage, items, "the message came from the null reverse-path");
  const resolution = await resolve(stage.directory, stage.settings, sender.value);
  if (resolution.is === "unknown" || resolution.is === "too-large")
    return untold(stage, items, "the sender's address is not here any more");
  const bytes = await compose(stage, sender.value, message, items, now);
  const returnPath = latin1Bytes(returnPathField(""));
  const accounts = resolution.is === "local" ? resolution.accounts : [];
  const elsewhere = resolution.is === "local" ? resolution.elsewhere : [sender.value];
  const local = accounts.map(
    account =>
      ({
        change: "add-message",
        to: { inboxOf: account },
        blob: { new: blob },
        flags: [],
        internalDate: now,
      }) satisfies Change,
  );
  const decision = decideRelay({ origin: "report" });
  assert(decision.may, "a report may go out");
  const outgoing = enqueueChanges(
    stage.settings.hold,
    {
      blob: { new: blob },
      blobOffset: returnPath.length,
      reversePath: "",
      eightBit: !isAscii(bytes),
      utf8Header: !isAscii(bytes, 0, parseHeader(bytes).bodyOffset),
      content: "lines",
      // RFC 8689 5: what tells of such a message is as secret as it was.
      tls: message.tls === "required" ? "required" : "usual",
      due: now,
      expires: now + stage.settings.retry.expiresMs,
    },
    elsewhere.map(mailbox => ({ permit: decision.permit, mailbox })),
  );
  stage.io.metrics.count("mta_reports_total");
  return { blob: { bytes: [returnPath, bytes] }, changes: [...local, ...outgoing] };
}

function untold(stage: Stage, items: readonly ReportedItem[], why: string): undefined {
  if (!items.some(item => item.action === "failed")) return undefined;
  stage.io.metrics.count("mta_reports_dropped_total");
  stage.io.log.write("warn", "a delivery failed and there is nobody to tell", { recipients: items.length, why });
  return undefined;
}

const SUBJECTS: Record<ReportedItem["action"], string> = {
  failed: "Your message could not be delivered",
  delayed: "Your message is still on its way",
  delivered: "Your message was delivered",
  relayed: "Your message was handed on",
};

const SENTENCES: Record<ReportedItem["action"], string> = {
  failed: "Your message could not be delivered to:",
  delayed: "Your message could not be delivered yet, and will be tried again; you need not send it again. It is for:",
  delivered: "Your message was delivered to:",
  relayed: "Your message was handed on to a server that does not report what becomes of it. It is for:",
};

/** The gravest first. */
const ACTIONS = ["failed", "delayed", "delivered", "relayed"] as const;

async function compose(
  stage: Stage,
  to: Mailbox,
  message: ReportedMessage,
  items: readonly ReportedItem[],
  now: Instant,
): Promise<Uint8Array> {
  const { hostname } = stage.settings;
  const from = parseMailbox(`mailer-daemon@${hostname}`);
  assert(from.ok, "our host name is a domain");
  const gravest = ACTIONS.find(action => items.some(item => item.action === action)) ?? "failed";
  return composeDeliveryReport({
    from: { name: "Mail Delivery System", mailbox: from.value },
    to,
    subject: SUBJECTS[gravest],
    date: { instant: now, offsetMinutes: 0 },
    messageId: `${hexEncode(stage.io.random.bytes(2 * MESSAGE_ID_OCTETS))}@${hostname}`,
    text: textOf(hostname, message, items),
    reportingMta: hostname,
    arrivalDate: { instant: message.created, offsetMinutes: 0 },
    envelopeId: items[0]?.dsn.envelopeId,
    recipients: items.map(each => reported(each, now)),
    original: await message.original(),
  });
}

function reported({ recipient, dsn, action, problem, until }: ReportedItem, now: Instant): ReportedRecipient {
  const mailbox = parseMailbox(recipient);
  assert(mailbox.ok, "what is queued was a mailbox");
  const original = dsn.originalRecipient?.type.toLowerCase() === "rfc822" ? dsn.originalRecipient.address : undefined;
  const originalRecipient = original === undefined ? undefined : parseMailbox(original);
  return {
    finalRecipient: mailbox.value,
    originalRecipient: originalRecipient?.ok ? originalRecipient.value : undefined,
    action,
    status: problem?.status ?? "2.0.0",
    remoteMta: problem?.remoteHost,
    diagnosticCode: problem?.reply,
    lastAttempt: { instant: now, offsetMinutes: 0 },
    willRetryUntil: until === undefined ? undefined : { instant: until, offsetMinutes: 0 },
  };
}

/** What people read first: who did not get it, and why. */
function textOf(hostname: string, message: ReportedMessage, items: readonly ReportedItem[]): string {
  const lines = [`This is the mail server ${hostname}.`, ""];
  for (const action of ACTIONS) {
    const those = items.filter(item => item.action === action);
    if (those.length === 0) continue;
    lines.push(SENTENCES[action], "");
    for (const { recipient, problem } of those) {
      lines.push(`  <${recipient}>`, ...(problem === undefined ? [] : [`    ${problem.text}`]), "");
    }
    const until = those[0]?.until;
    if (until !== undefined) lines.push(`It will be tried until ${formatDate(until)}.`, "");
  }
  return [
    ...lines,
    `It was accepted on ${formatDate(message.created)}. Your message, or its header, is attached.`,
    "",
  ].join("\r\n");
}

/** A queued message for a report: the whole of it where the sender asked for that and it is not large. RFC 3461 4.3 */
export function queuedMessage(stage: Stage, item: LeasedRecord, items: readonly ReportedItem[]): ReportedMessage {
  const { reversePath, created, tls, blob, blobOffset, size } = item;
  const isWhole =
    items.some(each => each.action === "failed" && each.dsn.returned === "message") &&
    !item.binary &&
    // RFC 8689 5: as if RET=HDRS had been said
    tls !== "required" &&
    size - blobOffset <= REPORT_MESSAGE_OCTETS_MAX;
  return {
    reversePath,
    created,
    tls,
    original: async () =>
      isWhole
        ? { kind: "message", bytes: await stage.store.readBlob(blob, blobOffset) }
        : { kind: "header", bytes: await headerOf(stage, item) },
  };
}

/** The header of a queued message, as much of it as a report returns. */
async function headerOf(stage: Stage, item: LeasedRecord): Promise<Uint8Array> {
  const end = Math.min(item.size, item.blobOffset + REPORT_HEADER_OCTETS_MAX);
  const start = await stage.store.readBlob(item.blob, item.blobOffset, end);
  const { bodyOffset } = parseHeader(start);
  return bodyOffset < start.length ? start.subarray(0, bodyOffset) : start.subarray(0, start.lastIndexOf(Octet.lf) + 1);
}

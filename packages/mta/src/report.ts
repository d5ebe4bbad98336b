import { type Mailbox, parseMailbox } from "@scop/address";
import { composeDeliveryReport, formatDate, parseHeader, type ReportedRecipient } from "@scop/mime";
import type { Instant } from "@scop/platform";
import type { Change, LeasedRecord, NewBlob } from "@scop/store";
import { assert, hexEncode, isAscii, latin1Bytes, Octet } from "@scop/wire";
import { enqueueChanges } from "./enqueue.ts";
import { MESSAGE_ID_OCTETS, REPORT_HEADER_OCTETS_MAX } from "./limits.ts";
import type { Problem } from "./problem.ts";
import { decideRelay } from "./relay.ts";
import { resolve } from "./resolve.ts";
import type { Stage } from "./stage.ts";
import { returnPathField } from "./trace.ts";

/** A recipient that is given up. */
export interface FailedItem {
  readonly item: LeasedRecord;
  readonly problem: Problem;
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
  failed: readonly FailedItem[],
  now: Instant,
  blob: number,
): Promise<Report | undefined> {
  const { item } = failed[0]!;
  const sender = parseMailbox(item.reversePath);
  if (!sender.ok) return untold(stage, item, "the message came from the null reverse-path");
  const resolution = await resolve(stage.directory, stage.settings, sender.value);
  if (resolution.is === "unknown" || resolution.is === "too-large")
    return untold(stage, item, "the sender's address is not here any more");
  const bytes = await compose(stage, sender.value, failed, now);
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
    {
      blob: { new: blob },
      blobOffset: returnPath.length,
      reversePath: "",
      eightBit: !isAscii(bytes),
      utf8Header: !isAscii(bytes, 0, parseHeader(bytes).bodyOffset),
      due: now,
      expires: now + stage.settings.retry.expiresMs,
    },
    elsewhere.map(mailbox => ({ permit: decision.permit, mailbox })),
  );
  stage.io.metrics.count("mta_reports_total");
  return { blob: { bytes: [returnPath, bytes] }, changes: [...local, ...outgoing] };
}

function untold(stage: Stage, item: LeasedRecord, why: string): undefined {
  stage.io.metrics.count("mta_reports_dropped_total");
  stage.io.log.write("warn", "a delivery failed and there is nobody to tell", { item: item.id, why });
  return undefined;
}

async function compose(stage: Stage, to: Mailbox, failed: readonly FailedItem[], now: Instant): Promise<Uint8Array> {
  const { hostname } = stage.settings;
  const from = parseMailbox(`mailer-daemon@${hostname}`);
  assert(from.ok, "our host name is a domain");
  const { item } = failed[0]!;
  return composeDeliveryReport({
    from: { name: "Mail Delivery System", mailbox: from.value },
    to,
    subject: "Your message could not be delivered",
    date: { instant: now, offsetMinutes: 0 },
    messageId: `${hexEncode(stage.io.random.bytes(2 * MESSAGE_ID_OCTETS))}@${hostname}`,
    text: textOf(hostname, failed),
    reportingMta: hostname,
    arrivalDate: { instant: item.created, offsetMinutes: 0 },
    recipients: failed.map(each => reported(each, now)),
    original: { kind: "header", bytes: await headerOf(stage, item) },
  });
}

function reported({ item, problem }: FailedItem, now: Instant): ReportedRecipient {
  const mailbox = parseMailbox(item.recipient);
  assert(mailbox.ok, "what is queued was a mailbox");
  return {
    finalRecipient: mailbox.value,
    action: "failed",
    status: problem.status,
    remoteMta: problem.remoteHost,
    diagnosticCode: problem.reply,
    lastAttempt: { instant: now, offsetMinutes: 0 },
  };
}

/** What people read first: who did not get it, and why. */
function textOf(hostname: string, failed: readonly FailedItem[]): string {
  const { item } = failed[0]!;
  const reasons = failed.map(each => `  <${each.item.recipient}>\r\n    ${each.problem.text}\r\n`);
  return [
    `This is the mail server ${hostname}.`,
    "",
    "Your message could not be delivered to:",
    "",
    ...reasons,
    `It was accepted on ${formatDate(item.created)} and tried ${item.attempts + 1} times. It will not be tried again.`,
    "The header of your message is attached.",
    "",
  ].join("\r\n");
}

/** The header of a queued message, as much of it as a report returns. */
async function headerOf(stage: Stage, item: LeasedRecord): Promise<Uint8Array> {
  const end = Math.min(item.size, item.blobOffset + REPORT_HEADER_OCTETS_MAX);
  const start = await stage.store.readBlob(item.blob, item.blobOffset, end);
  const { bodyOffset } = parseHeader(start);
  return bodyOffset < start.length ? start.subarray(0, bodyOffset) : start.subarray(0, start.lastIndexOf(Octet.lf) + 1);
}

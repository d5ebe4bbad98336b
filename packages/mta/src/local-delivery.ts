import { parseMailbox } from "@scop/address";
import { BLOB_INLINE_OCTETS_MAX, type BlobRef, type Change, type LeasedRecord, type NewBlob } from "@scop/store";
import { assert, utf8Bytes } from "@scop/wire";
import { blobChunks } from "./blob-chunks.ts";
import { withoutSuccess } from "./dsn.ts";
import { enqueueChanges } from "./enqueue.ts";
import { problem } from "./problem.ts";
import { decideRelay } from "./relay.ts";
import { type Resolution, resolve } from "./resolve.ts";
import { withRoom } from "./room.ts";
import { type Ended, type Settling, settle } from "./settle.ts";
import type { Stage } from "./stage.ts";
import { returnPathField } from "./trace.ts";

/**
 * Delivers queued items of one submission whose destination is served here: the domain was added since, or they wait for an alias.
 * Each goes into its mailbox in the transaction that takes it from the queue, so exactly once.
 */
export async function deliverHere(stage: Stage, settling: Settling, group: readonly LeasedRecord[]): Promise<void> {
  const resolutions = await Promise.all(group.map(item => resolveItem(stage, item)));
  const stays = resolutions.some(
    resolution => typeof resolution === "object" && resolution.is === "local" && resolution.accounts.length > 0,
  );
  const first = group[0]!;
  const blob = stays && first.blobOffset === 0 ? await withReturnPath(stage, first) : undefined;
  const ref: BlobRef = blob === undefined ? { id: first.blob } : { new: 0 };
  const given = new Set<number>();
  const ended = group.map((item, index) => endOf(stage, item, resolutions[index]!, ref, given));
  await settle(settling, ended, blob === undefined ? [] : [blob]);
}

async function resolveItem(stage: Stage, item: LeasedRecord): Promise<Resolution | "full" | "too-large"> {
  const mailbox = parseMailbox(item.recipient);
  const resolution = mailbox.ok
    ? await resolve(stage.directory, stage.settings, mailbox.value)
    : ({ is: "unknown" } as const);
  if (resolution.is !== "local") return resolution;
  const { local, refusal } = await withRoom(stage, resolution, account => stage.rooms.look(account, item.size));
  return refusal ?? local;
}

function endOf(
  stage: Stage,
  item: LeasedRecord,
  resolution: Resolution | "full" | "too-large",
  blob: BlobRef,
  given: Set<number>,
): Ended {
  // RFC 3463 3.3: who is full may make room; a limit that is too low for the message stays.
  if (resolution === "full") return { item, problem: problem("temporary", "4.2.2", "The mailbox is full") };
  if (resolution === "too-large")
    return { item, problem: problem("permanent", "5.2.2", "The message is larger than all that the mailbox may hold") };
  if (resolution.is === "unknown") return { item, problem: problem("permanent", "5.1.1", "No such mailbox here") };
  if (resolution.is === "too-large")
    return { item, problem: problem("temporary", "4.2.4", "The alias stands for too many addresses") };
  if (resolution.is === "foreign") return { item, problem: problem("temporary", "4.3.5", "The domain was removed") };
  const accounts = resolution.accounts.filter(account => !given.has(account));
  for (const account of accounts) given.add(account);
  const internalDate = stage.io.clock.now();
  const local = accounts.map(
    account => ({ change: "add-message", to: { inboxOf: account }, blob, flags: [], internalDate }) satisfies Change,
  );
  const arrives = resolution.accounts.length > 0;
  const decision = decideRelay({ origin: "queue" });
  assert(decision.may, "what was queued may go on");
  const outgoing = enqueueChanges(
    stage.settings.hold,
    {
      blob: { id: item.blob },
      blobOffset: item.blobOffset,
      reversePath: item.reversePath,
      eightBit: item.eightBit,
      utf8Header: item.utf8,
      content: item.binary ? "binary" : "lines",
      tls: item.tls,
      due: internalDate,
      expires: item.expires,
    },
    resolution.elsewhere.map(mailbox => ({
      permit: decision.permit,
      mailbox,
      dsn: arrives ? withoutSuccess(item.dsn) : item.dsn,
    })),
  );
  // RFC 3461 5.2.7: an alias that only points elsewhere leaves the report to who delivers
  return { item, problem: undefined, success: arrives ? "delivered" : undefined, changes: [...local, ...outgoing] };
}

/** A copy of a queued message that begins with Return-Path. RFC 5321 4.4 */
async function withReturnPath(stage: Stage, item: LeasedRecord): Promise<NewBlob> {
  const field = utf8Bytes(returnPathField(item.reversePath));
  if (field.length + item.size <= BLOB_INLINE_OCTETS_MAX)
    return { bytes: [field, await stage.store.readBlob(item.blob)] };
  const writer = await stage.store.stage();
  try {
    await writer.write(field);
    for await (const chunk of blobChunks(stage.store, item)) await writer.write(chunk);
    return { staged: await writer.finish() };
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

import type { Appended, AppendRequest, AppendSink, BackendFailure, Outcome } from "@scop/imap";
import type { Platform } from "@scop/platform";
import {
  BLOB_INLINE_OCTETS_MAX,
  type BlobWriter,
  type MailboxId,
  type NewBlob,
  type Quota,
  type Store,
} from "@scop/store";
import { failureOf, guarded, refused } from "./failure.ts";

type AppendIo = Pick<Platform, "clock" | "log">;

/** Where the octets of one message go until it is whole. */
interface Gathering {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<NewBlob>;
  discard(): Promise<void>;
}

/** Small messages wait in memory for their transaction. */
function gatherInline(): Gathering {
  const bytes: Uint8Array[] = [];
  return {
    write: async chunk => void bytes.push(chunk),
    finish: async () => ({ bytes }),
    discard: async () => undefined,
  };
}

/** Large ones go to the disk as they come. */
function gatherStaged(writer: BlobWriter): Gathering {
  return {
    write: chunk => writer.write(chunk),
    finish: async () => ({ staged: await writer.finish() }),
    discard: () => writer.discard(),
  };
}

/** Opens the way for one message into a mailbox. Nothing of it is seen by anybody before `finish`. */
export async function openAppend(
  io: AppendIo,
  store: Store,
  mailbox: MailboxId,
  request: AppendRequest,
  within: Quota,
): Promise<AppendSink> {
  const gathering = request.octets > BLOB_INLINE_OCTETS_MAX ? gatherStaged(await store.stage()) : gatherInline();

  const write = async (bytes: Uint8Array): Promise<BackendFailure | undefined> => {
    try {
      await gathering.write(bytes);
      return undefined;
    } catch (error) {
      return failureOf(io, error);
    }
  };

  const finish = (): Promise<Outcome<Appended>> =>
    guarded(io, async () => {
      const blob = await gathering.finish();
      const result = await store.transaction({
        blobs: [blob],
        changes: [
          {
            change: "add-message",
            to: { mailbox },
            blob: { new: 0 },
            flags: request.flags,
            internalDate: request.internalDate ?? io.clock.now(),
            within,
          },
        ],
      });
      if (!result.ok) return refused(result.refusal);
      const [{ uidValidity, uid }] = result.results;
      return { ok: true, value: { mailbox, uidValidity, uid } };
    });

  return { write, finish, abort: () => gathering.discard() };
}

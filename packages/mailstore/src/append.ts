import type { Appended, AppendMessage, AppendSink, BackendFailure, Outcome } from "@scop/imap";
import type { Instant, Platform } from "@scop/platform";
import {
  BLOB_INLINE_OCTETS_MAX,
  type BlobWriter,
  type MailboxId,
  type NewBlob,
  type Quota,
  type Store,
} from "@scop/store";
import { failureOf, guarded, refused } from "./failure.ts";
import { APPEND_HELD_OCTETS_MAX } from "./limits.ts";

type AppendIo = Pick<Platform, "clock" | "log">;

/** Where messages go, and who may have how much. */
interface AppendTarget {
  readonly mailbox: MailboxId;
  readonly within: Quota;
  /** Whether so many messages and octets more may come. */
  readonly hasRoom: (messages: number, octets: number) => Promise<boolean>;
}

/** A message that is whole. */
interface Finished {
  readonly blob: NewBlob;
  readonly flags: readonly string[];
  readonly internalDate: Instant;
}

/** Messages of one APPEND, nothing of which is seen by anybody before `finish`. RFC 3502 6.3.11 */
export class Append implements AppendSink {
  readonly #io: AppendIo;
  readonly #store: Store;
  readonly #target: AppendTarget;
  readonly #finished: Finished[] = [];
  /** The message that comes: small ones wait in memory for their transaction, large ones go to the disk as they come. */
  #coming: { readonly message: AppendMessage; readonly held: Uint8Array[] } | undefined;
  #writer: BlobWriter | undefined;
  #comingOctets = 0;
  #octets = 0;
  /** Octets in memory, of all messages. */
  #held = 0;

  constructor(io: AppendIo, store: Store, target: AppendTarget) {
    this.#io = io;
    this.#store = store;
    this.#target = target;
  }

  begin(message: AppendMessage): Promise<BackendFailure | undefined> {
    return this.#trying(async () => {
      await this.#endMessage();
      const isRoom = await this.#target.hasRoom(this.#finished.length + 1, this.#octets + message.octets);
      if (!isRoom) return "over-quota";
      this.#coming = { message, held: [] };
      if (message.octets > BLOB_INLINE_OCTETS_MAX) this.#writer = await this.#store.stage();
      return undefined;
    });
  }

  write(bytes: Uint8Array): Promise<BackendFailure | undefined> {
    return this.#trying(async () => {
      this.#comingOctets += bytes.length;
      if (this.#writer === undefined && this.#isTooMuchToHold(bytes.length)) await this.#toDisk();
      if (this.#writer !== undefined) await this.#writer.write(bytes);
      else {
        this.#held += bytes.length;
        this.#coming?.held.push(bytes);
      }
      return undefined;
    });
  }

  #isTooMuchToHold(more: number): boolean {
    return this.#comingOctets > BLOB_INLINE_OCTETS_MAX || this.#held + more > APPEND_HELD_OCTETS_MAX;
  }

  /** What is held of the message goes to the disk, and the rest after it. */
  async #toDisk(): Promise<void> {
    this.#writer = await this.#store.stage();
    for (const chunk of this.#coming?.held.splice(0) ?? []) {
      this.#held -= chunk.length;
      await this.#writer.write(chunk);
    }
  }

  async #endMessage(): Promise<void> {
    if (this.#coming === undefined) return;
    const { message, held } = this.#coming;
    const writer = this.#writer;
    this.#coming = undefined;
    this.#writer = undefined;
    this.#octets += this.#comingOctets;
    this.#comingOctets = 0;
    const blob: NewBlob = writer === undefined ? { bytes: held } : { staged: await writer.finish() };
    const internalDate = message.internalDate ?? this.#io.clock.now();
    this.#finished.push({ blob, flags: message.flags, internalDate });
  }

  finish(): Promise<Outcome<Appended>> {
    return guarded(this.#io, async () => {
      await this.#endMessage();
      const { mailbox, within } = this.#target;
      const result = await this.#store.transaction({
        blobs: this.#finished.map(({ blob }) => blob),
        changes: this.#finished.map(
          ({ flags, internalDate }, index) =>
            ({ change: "add-message", to: { mailbox }, blob: { new: index }, flags, internalDate, within }) as const,
        ),
      });
      if (!result.ok) return refused(result.refusal);
      const uids = result.results.map(({ uid }) => uid);
      return { ok: true, value: { mailbox, uidValidity: result.results[0]!.uidValidity, uids } };
    });
  }

  async abort(): Promise<void> {
    await this.#writer?.discard();
    this.#writer = undefined;
    const blobs = this.#finished.map(({ blob }) => blob).filter(blob => "staged" in blob);
    // A transaction ends what was staged for it, also where it changes nothing.
    if (blobs.length > 0) await this.#store.transaction({ blobs, changes: [] });
  }

  async #trying(work: () => Promise<BackendFailure | undefined>): Promise<BackendFailure | undefined> {
    try {
      return await work();
    } catch (error) {
      return failureOf(this.#io, error);
    }
  }
}

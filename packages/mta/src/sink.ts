import { formatMailbox, type ReversePath } from "@scop/address";
import type { Instant } from "@scop/platform";
import type { Envelope, MailParameters, MessageSink, Reply, SessionFacts } from "@scop/smtp";
import { peerKey } from "@scop/smtp/run";
import {
  BLOB_INLINE_OCTETS_MAX,
  type BlobWriter,
  type Change,
  type NewBlob,
  newBlob,
  StoreUnavailable,
} from "@scop/store";
import { assert, concat, EMPTY, hexEncode, isAscii, unreachable, utf8Bytes } from "@scop/wire";
import { enqueueChanges } from "./enqueue.ts";
import { examine, type HeaderFacts, isCutShort, type TakenMessage } from "./header.ts";
import { ADDED_FIELDS_OCTETS_MAX, MESSAGE_ID_OCTETS, RESULTS_OCTETS_MAX } from "./limits.ts";
import type { Passed, Passing } from "./passing.ts";
import type { Plan, ReceiverKind } from "./receiver.ts";
import { accepted, REPLY } from "./replies.ts";
import { type Report, reportOf } from "./report.ts";
import { countLost } from "./reports/tally-book.ts";
import { openMessageSigning } from "./signing.ts";
import type { Stage } from "./stage.ts";
import { receivedField, returnPathField } from "./trace.ts";
import { arrivalOf, judgeMessage } from "./verify/judgement.ts";
import type { Arrival } from "./verify/verification.ts";

type State =
  /** All of it so far is in memory. */
  | { readonly phase: "gather"; readonly chunks: Uint8Array[] }
  /** The header was read; the rest goes to the disk as it comes. */
  | {
      readonly phase: "stream";
      readonly writer: BlobWriter;
      readonly header: HeaderFacts;
      readonly passing: Passing;
      eightBit: boolean;
    }
  /** The rest is thrown away, and this is the answer. */
  | { readonly phase: "refused"; readonly reply: Reply }
  | { readonly phase: "over" };

/** Takes one message: small ones in memory, large ones to the disk as they come, never more than the guard allows. */
export function messageSink(
  stage: Stage,
  kind: ReceiverKind,
  session: SessionFacts,
  envelope: Envelope,
  plan: Plan,
): MessageSink {
  return new Sink(stage, kind, session, envelope, plan);
}

class Sink implements MessageSink {
  readonly #stage: Stage;
  readonly #kind: ReceiverKind;
  readonly #session: SessionFacts;
  readonly #envelope: Envelope;
  readonly #plan: Plan;
  readonly #peer: string;
  readonly #id: string;
  /** Where it comes from, if it is to be verified. */
  readonly #arrival: Arrival | undefined;
  /** Return-Path where the message stays here; empty where it does not. */
  readonly #returnPath: Uint8Array;
  /** Our Received. */
  readonly #traceField: Uint8Array;
  #state: State = { phase: "gather", chunks: [] };
  /** The write to the disk that is under way. */
  #pending: Promise<void> = Promise.resolve();
  #octets = 0;
  #held = 0;

  constructor(stage: Stage, kind: ReceiverKind, session: SessionFacts, envelope: Envelope, plan: Plan) {
    this.#stage = stage;
    this.#kind = kind;
    this.#session = session;
    this.#envelope = envelope;
    this.#plan = plan;
    this.#peer = peerKey(session.remote.address);
    this.#arrival = kind === "mx" ? arrivalOf(stage, session, envelope) : undefined;
    this.#id = hexEncode(stage.io.random.bytes(MESSAGE_ID_OCTETS));
    this.#returnPath = plan.accounts.length > 0 ? utf8Bytes(returnPathField(pathText(envelope.reversePath))) : EMPTY;
    this.#traceField = utf8Bytes(this.#received());
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#octets += bytes.length;
    const state = this.#state;
    assert(state.phase !== "over", "a sink is not written to after its end");
    if (state.phase === "refused") return undefined;
    if (this.#octets > this.#stage.settings.limits.messageOctetsMax) return this.#refuse(REPLY.messageTooLarge);
    if (state.phase === "stream") {
      this.#pending = this.#stream(state, bytes);
      return this.#pending;
    }
    if (!this.#stage.guard.take(this.#peer, bytes.length)) return this.#refuse(REPLY.memoryFull);
    this.#held += bytes.length;
    state.chunks.push(bytes);
    const added = this.#arrival === undefined ? ADDED_FIELDS_OCTETS_MAX : RESULTS_OCTETS_MAX;
    const whole = this.#returnPath.length + this.#traceField.length + added + this.#octets;
    if (whole <= BLOB_INLINE_OCTETS_MAX) return undefined;
    this.#pending = this.#toDisk(state.chunks);
    return this.#pending;
  }

  async end(): Promise<Reply> {
    const state = this.#state;
    try {
      switch (state.phase) {
        case "refused":
          return state.reply;
        case "gather":
          return await this.#endInMemory(concat(state.chunks));
        case "stream":
          return await this.#endOnDisk(state);
        case "over":
          return REPLY.unavailable;
        default:
          return unreachable(state);
      }
    } catch (error) {
      return this.#replyTo(error);
    } finally {
      this.#over();
    }
  }

  abort(): void {
    const state = this.#state;
    this.#over();
    if (state.phase === "stream") this.#discard(state.writer);
  }

  #over(): void {
    this.#state = { phase: "over" };
    this.#release();
  }

  /** Gives back what is no longer held in memory. */
  #release(kept = 0): void {
    if (this.#held > kept) this.#stage.guard.release(this.#peer, this.#held - kept);
    this.#held = Math.min(this.#held, kept);
  }

  #discard(writer: BlobWriter): void {
    this.#pending.then(() => writer.discard()).catch(error => this.#replyTo(error));
  }

  #refuse(reply: Reply): undefined {
    const state = this.#state;
    this.#state = { phase: "refused", reply };
    this.#release();
    if (state.phase === "stream") this.#discard(state.writer);
    return undefined;
  }

  async #endInMemory(whole: Uint8Array): Promise<Reply> {
    const verdict = await examine(this.#stage, this.#kind, this.#session, whole, "whole");
    if (!verdict.ok) return verdict.reply;
    const eightBit = this.#plan.outgoing.length > 0 && !isAscii(whole);
    const passed = await (await this.#passing(verdict)).finish();
    if (passed.refusal) return this.#refused(passed.refusal, passed);
    // What was added may have made it too large for memory.
    const blob = await newBlob(this.#stage.store, [...this.#before(passed), ...verdict.pieces]);
    return this.#commit(blob, verdict.facts, eightBit, passed);
  }

  /** What stands before the message: RFC 5321 4.4 wants Return-Path first, RFC 7208 9.1 what SPF found above Received. */
  #before({ above, fields }: Passed): readonly Uint8Array[] {
    return [this.#returnPath, above, this.#traceField, fields];
  }

  /** Who looks at the message while it goes by: what arrives is verified, what is submitted is signed. */
  async #passing(message: TakenMessage): Promise<Passing> {
    if (this.#arrival !== undefined) return judgeMessage(this.#stage, this.#arrival, message.header);
    return openMessageSigning(this.#stage, message);
  }

  async #endOnDisk({ writer, header, passing, eightBit }: State & { readonly phase: "stream" }): Promise<Reply> {
    try {
      const passed = await passing.finish();
      if (passed.refusal) {
        this.#discard(writer);
        return this.#refused(passed.refusal, passed);
      }
      const before = passing.adds === "nothing" ? undefined : concat(this.#before(passed));
      return await this.#commit({ staged: await writer.finish(before) }, header, eightBit, passed);
    } catch (error) {
      this.#discard(writer);
      throw error;
    }
  }

  /** What is refused has no transaction that could count it. */
  #refused(reply: Reply, { tallies }: Passed): Reply {
    this.#stage.tallies.add(tallies);
    return reply;
  }

  /** The message is large: judges its header, then gives what is held to the disk. */
  async #toDisk(chunks: readonly Uint8Array[]): Promise<void> {
    try {
      const held = concat(chunks);
      const verdict = await examine(this.#stage, this.#kind, this.#session, held, "start");
      if (!verdict.ok) return this.#refuse(verdict.reply);
      // What can't be verified could be from anybody.
      if (this.#arrival !== undefined && isCutShort(verdict.header, "start")) return this.#refuse(REPLY.headerTooLarge);
      const passing = await this.#passing(verdict);
      const writer = await this.#stage.store.stage();
      if (this.#state.phase !== "gather") return this.#discard(writer);
      this.#state = { phase: "stream", writer, header: verdict.facts, passing, eightBit: this.#isEightBit(held) };
      if (passing.adds === "nothing") await writer.write(concat([this.#returnPath, this.#traceField]));
      for (const piece of verdict.pieces) await writer.write(piece);
      this.#release(verdict.header.bodyOffset);
    } catch (error) {
      this.#refuse(this.#replyTo(error));
    }
  }

  async #stream(state: State & { readonly phase: "stream" }, bytes: Uint8Array): Promise<void> {
    state.eightBit ||= this.#isEightBit(bytes);
    state.passing.feed(bytes);
    try {
      await state.writer.write(bytes);
    } catch (error) {
      this.#refuse(this.#replyTo(error));
    }
  }

  /** Only what goes on by SMTP needs to know. RFC 6152 */
  #isEightBit(bytes: Uint8Array): boolean {
    return this.#plan.outgoing.length > 0 && !isAscii(bytes);
  }

  /** Everything about the message in one transaction; a 250 only after it. RFC 5321 6.1 */
  async #commit(blob: NewBlob, header: HeaderFacts, eightBit: boolean, { flags, tallies }: Passed): Promise<Reply> {
    const { io, store, settings } = this.#stage;
    const now = io.clock.now();
    const local = this.#plan.accounts.map(
      account =>
        ({
          change: "add-message",
          to: { inboxOf: account },
          blob: { new: 0 },
          flags,
          internalDate: now,
          within: settings.quota,
        }) satisfies Change,
    );
    const { parameters } = this.#envelope;
    const due = releaseOf(parameters.hold, now);
    const outgoing = enqueueChanges(
      settings.hold,
      {
        blob: { new: 0 },
        blobOffset: this.#returnPath.length,
        reversePath: pathText(this.#envelope.reversePath),
        eightBit,
        utf8Header: parameters.utf8 && !header.isAscii,
        content: parameters.body === "binarymime" ? "binary" : "lines",
        // RFC 8689 4.1: REQUIRETLS goes before the field that says the opposite.
        tls: parameters.tls ?? header.tls,
        due,
        expires: due + settings.retry.expiresMs,
      },
      this.#plan.outgoing,
    );
    const report = await this.#arrived(header, now);
    const result = await store.transaction({
      blobs: [blob, ...(report === undefined ? [] : [report.blob])],
      changes: [...local, ...outgoing, ...(report?.changes ?? []), ...tallies],
    });
    if (!result.ok) {
      if (result.refusal === "over-quota") return this.#full(result.at);
      this.#stage.directory.forget();
      return REPLY.changedMeanwhile;
    }
    countLost(io, tallies, tallies.length === 0 ? [] : result.results.slice(-tallies.length));
    io.metrics.count("mta_messages_accepted_total", { receiver: this.#kind });
    io.log.write("info", "message accepted", {
      id: this.#id,
      octets: this.#octets,
      accounts: local.length,
      outgoing: this.#plan.outgoing.length,
    });
    return accepted(this.#id);
  }

  /** One reply speaks for all recipients: none got the message, and the next time the one without room is refused alone. */
  async #full(at: number): Promise<Reply> {
    const account = this.#plan.accounts[at]!;
    const { rooms } = this.#stage;
    const octets = this.#returnPath.length + this.#traceField.length + this.#octets;
    rooms.note(account, octets);
    const isAlone = this.#plan.accounts.length === 1 && this.#plan.outgoing.length === 0;
    const room = isAlone ? await rooms.look(account, octets) : "full";
    return room === "too-large" ? REPLY.mailboxTooSmall : REPLY.mailboxFull;
  }

  /** The report that a sender asked for about recipients here, in the transaction that delivers. RFC 3461 4.1 */
  async #arrived(header: HeaderFacts, now: Instant): Promise<Report | undefined> {
    const { awaited } = this.#plan;
    if (awaited.length === 0) return undefined;
    const message = {
      reversePath: pathText(this.#envelope.reversePath),
      created: now,
      tls: this.#envelope.parameters.tls ?? ("usual" as const),
      original: () => Promise.resolve({ kind: "header", bytes: header.bytes } as const),
    };
    const recipients = awaited.map(each => ({
      recipient: formatMailbox(each.mailbox),
      dsn: each.dsn,
      action: "delivered" as const,
      problem: undefined,
    }));
    return reportOf(this.#stage, message, recipients, now, 1);
  }

  #replyTo(error: unknown): Reply {
    this.#stage.io.log.write(error instanceof StoreUnavailable ? "warn" : "error", "message not stored", {
      id: this.#id,
      error: error instanceof Error ? error.message : String(error),
    });
    return error instanceof StoreUnavailable && error.reason === "full" ? REPLY.diskFull : REPLY.unavailable;
  }

  #received(): string {
    const { remote, helo, extended, tls, identity, protocol } = this.#session;
    const [only, ...others] = this.#envelope.recipients;
    return receivedField({
      helo,
      remote: remote.address,
      extended,
      cipher: tls?.cipher,
      authenticated: identity !== undefined,
      protocol: protocol ?? "smtp",
      utf8: this.#envelope.parameters.utf8,
      hostname: this.#stage.settings.hostname,
      id: this.#id,
      recipient: only?.kind === "mailbox" && others.length === 0 ? formatMailbox(only.mailbox) : undefined,
      date: this.#stage.io.clock.now(),
    });
  }
}

/** When a message may go out. RFC 4865 4; one that was to be released earlier is released now. */
function releaseOf(hold: MailParameters["hold"], now: Instant): Instant {
  if (hold === undefined) return now;
  return "until" in hold ? Math.max(now, hold.until) : now + hold.forMs;
}

function pathText(path: ReversePath): string {
  return path.kind === "null" ? "" : formatMailbox(path.mailbox);
}

import { addressKey, parseMailbox } from "@scop/address";
import { openKeyCache, type Signer } from "@scop/dkim";
import type { ScramVerifier } from "@scop/sasl";
import type { ServerHandler } from "@scop/smtp";
import type { Store } from "@scop/store";
import { tlsPolicies } from "@scop/tls-policy/run";
import { type MtaConfig, settingsOf } from "./config.ts";
import { deliveryLoop } from "./delivery-loop.ts";
import { directoryOf } from "./directory.ts";
import { memoryGuard } from "./memory-guard.ts";
import { type OwnMail, type PreparedMail, prepareOwnMail } from "./own-mail.ts";
import { type ReceiverKind, receiver } from "./receiver.ts";
import { openReporter, type ReportOutcome, type ReportRun } from "./reports/reporter.ts";
import { tallyBook } from "./reports/tally-book.ts";
import { roomsOf } from "./room.ts";
import { settleTogether } from "./settle-together.ts";
import type { MtaIo, Stage } from "./stage.ts";
import { deliveryWork } from "./worker.ts";

/** What an authenticator needs to know of an account. */
export interface MtaCredentials {
  /** The account's address, as `SessionFacts.identity` then carries it. */
  readonly identity: string;
  readonly verifier: ScramVerifier;
}

/** The stages of a mail server in one process. */
export interface Mta {
  /** Decides about what an SMTP listener receives: give it to `serveSmtp`. */
  receiver(kind: ReceiverKind): ServerHandler;
  /** The account that a user name (its full address, letters in any case) stands for. Rejects with `StoreUnavailable`. */
  lookup(username: string): Promise<MtaCredentials | undefined>;
  /** Prepares a message that the server writes in the name of an account. Rejects with `StoreUnavailable`, or where the signer can't be reached. */
  prepare(mail: OwnMail): Promise<PreparedMail>;
  /** Starts delivering what is queued, and reporting; a second call does nothing. */
  start(): void;
  /** Takes nothing new, gives running transactions 2 s, cuts the rest, gives leases back; resolves within 3 s. */
  stop(): Promise<void>;
  /** Looks at the queue now, at destinations that rest after a failure too. */
  wake(): void;
  /** Reports what was counted, without waiting for its time. Rejects with `StoreUnavailable`, or where the signer can't be reached. */
  report(run: ReportRun): Promise<readonly ReportOutcome[]>;
}

/**
 * Builds the stages over a store. Receivers work at once; deliveries begin with `start`. With a signer, what accounts submit is signed with
 * the keys of the domain in From. RFC 6376
 */
export function createMta(io: MtaIo, store: Store, config: MtaConfig, signer?: Signer): Mta {
  const settings = settingsOf(config);
  const { sinkOctetsMax, sinkOctetsPerPeerMax } = settings.limits;
  const stage: Stage = {
    io,
    store,
    settings,
    directory: directoryOf(store, io.clock),
    rooms: roomsOf(store, settings.quota),
    guard: memoryGuard(sinkOctetsMax, sinkOctetsPerPeerMax),
    together: settleTogether(io.timers),
    tallies: tallyBook(io, store),
    policies: tlsPolicies(io, config.stsMemories),
    signer,
    keys: openKeyCache(io.crypto),
  };
  const loop = deliveryLoop(io, store, settings, deliveryWork(stage));
  const reporter = openReporter(stage);
  return {
    receiver: kind => receiver(stage, kind),
    async lookup(username) {
      const mailbox = parseMailbox(username);
      const account = mailbox.ok ? await stage.directory.account(addressKey(mailbox.value)) : undefined;
      return account && { identity: account.address, verifier: account.verifier };
    },
    prepare: mail => prepareOwnMail(stage, mail),
    start() {
      loop.start();
      reporter.start();
    },
    async stop() {
      reporter.stop();
      await loop.stop();
      await stage.tallies.end();
    },
    wake: () => loop.wake(),
    report: run => reporter.run(run),
  };
}

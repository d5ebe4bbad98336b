import type { Instant } from "@scop/platform";
import type { SaslAnswer } from "@scop/sasl";
import { Writer } from "@scop/wire";
import type {
  Appended,
  AppendMessage,
  Changes,
  Copied,
  Entry,
  FlagsWanted,
  Mailbox,
  MessageText,
  MessageThread,
  Outcome,
  QuotaUsage,
  Stored,
  TextCandidates,
} from "./backend.ts";
import type { UrlAnswer } from "./extensions/catenate.ts";
import type { CompressionState } from "./extensions/compress.ts";
import { type Extension, NOTHING_ENABLED } from "./extensions/enable.ts";
import type { MessageUrl } from "./extensions/message-url.ts";
import type { NotifyState } from "./extensions/notify.ts";
import type { Framer } from "./framer.ts";
import { emptyFramer } from "./framer.ts";
import type { Job } from "./job.ts";
import type { ImapLimits } from "./limits.ts";
import type { View } from "./view.ts";

/** A question to the provider of mailboxes, as data. Each is a method of `Backend`, except `open`, which gets one. */
export type Question =
  | { readonly ask: "open"; readonly identity: string }
  | { readonly ask: "mailboxes" | "subscriptions" | "quota" }
  | { readonly ask: "mailbox" | "remove"; readonly name: string }
  | { readonly ask: "create"; readonly name: string; readonly uses: readonly string[] }
  | { readonly ask: "text-candidates"; readonly mailbox: number; readonly texts: readonly string[] }
  | { readonly ask: "index-texts"; readonly texts: readonly MessageText[] }
  /** What time it is: for the host itself. */
  | { readonly ask: "time" }
  | { readonly ask: "rename"; readonly from: string; readonly to: string }
  | { readonly ask: "subscribe"; readonly name: string; readonly subscribed: boolean }
  | { readonly ask: "entries"; readonly mailbox: number }
  | { readonly ask: "changes" | "vanished"; readonly mailbox: number; readonly since: number }
  | { readonly ask: "threads"; readonly entries: readonly Entry[] }
  | {
      readonly ask: "read";
      readonly mailbox: number;
      readonly entry: Entry;
      readonly start: number;
      readonly end: number;
    }
  | ({ readonly ask: "store"; readonly mailbox: number; readonly uids: readonly number[] } & FlagsWanted)
  | { readonly ask: "copy" | "move"; readonly mailbox: number; readonly uids: readonly number[]; readonly to: string }
  | { readonly ask: "expunge"; readonly mailbox: number; readonly uids: readonly number[] | undefined }
  /** Messages follow; `append-end` asks how it went. */
  | { readonly ask: "append"; readonly name: string }
  /** One of them; its octets follow as effects, or are taken from where a URL says. */
  | ({ readonly ask: "append-message" } & AppendMessage)
  | { readonly ask: "append-url"; readonly url: MessageUrl; readonly octetsMax: number }
  | { readonly ask: "append-end" };

/** What each question is answered with. */
export interface Answers {
  readonly open: undefined;
  readonly time: Instant;
  readonly mailboxes: readonly Mailbox[];
  readonly mailbox: Mailbox;
  readonly subscriptions: readonly string[];
  readonly quota: QuotaUsage;
  readonly create: number;
  readonly remove: undefined;
  readonly rename: undefined;
  readonly subscribe: undefined;
  readonly entries: readonly Entry[];
  readonly changes: Changes;
  readonly vanished: readonly number[];
  readonly "text-candidates": TextCandidates;
  readonly "index-texts": undefined;
  readonly threads: readonly MessageThread[];
  readonly read: Uint8Array;
  readonly store: Stored;
  readonly copy: Copied;
  readonly move: Copied;
  readonly expunge: readonly number[];
  readonly append: undefined;
  readonly "append-message": undefined;
  readonly "append-url": UrlAnswer;
  readonly "append-end": Appended;
}

/** An answer with the name of its question. */
export type Answer = {
  readonly [K in keyof Answers]: { readonly on: "answer"; readonly ask: K; readonly outcome: Outcome<Answers[K]> };
}[keyof Answers];

/** What happens to a session. */
export type Input =
  /** The first of all. */
  | { readonly on: "start" }
  /** Octets of the client. They belong to the session from now on. */
  | { readonly on: "bytes"; readonly bytes: Uint8Array }
  | Answer
  | { readonly on: "sasl"; readonly answer: SaslAnswer }
  | { readonly on: "tls-started" }
  /** After `compress`. */
  | { readonly on: "compressed" }
  /** Something in the selected mailbox changed. */
  | { readonly on: "changed" }
  /** Something in the account changed, its mailboxes among it. */
  | { readonly on: "account-changed" }
  /** After `turn`. */
  | { readonly on: "turn" }
  /** The timer that was set last ran out. */
  | { readonly on: "timeout" }
  /** The server is going down. */
  | { readonly on: "closing" };

/** What the host does for a session, in the order given; each is done before the next. */
export type Effect =
  /** Resolves when the client may be sent more. */
  | { readonly do: "write"; readonly bytes: readonly Uint8Array[] }
  /** Answer with an `answer` of the same name. Nothing is read from the client meanwhile. */
  | { readonly do: "ask"; readonly question: Question }
  /** Begin an exchange (where `mechanism` is given), or go on with it; answer with `sasl`. */
  | { readonly do: "sasl"; readonly mechanism: string | undefined; readonly response: Uint8Array | undefined }
  /** Octets of the message that is appended. */
  | { readonly do: "append-chunk"; readonly bytes: Uint8Array }
  | { readonly do: "append-abort" }
  /** From now on report changes of this mailbox, or of none. */
  | { readonly do: "watch"; readonly mailbox: number | undefined }
  /** From now on report changes of anything in the account, or no more. */
  | { readonly do: "watch-all"; readonly watch: "yes" | "no" }
  /** Answer with `tls-started`, or drop the connection. */
  | { readonly do: "start-tls" }
  /** From now on compress what is written and inflate what is read; answer with `compressed`. */
  | { readonly do: "compress" }
  /** Let others work, then answer with `turn`. */
  | { readonly do: "turn" }
  /** Replaces the timer of the session. */
  | { readonly do: "timer"; readonly afterMs: number }
  | { readonly do: "close" };

/** Where a session is. RFC 3501 3 */
export type Phase =
  | { readonly at: "not-authenticated"; readonly tls: "offered" | "active" }
  | { readonly at: "authenticated" }
  | { readonly at: "selected"; readonly view: View }
  | { readonly at: "logout" };

/** What does not change during a session. */
export interface SessionSettings {
  readonly hostname: string;
  readonly mechanisms: readonly string[];
  /** Whether the host can compress a connection. RFC 4978 */
  readonly compression: "not-offered" | "offered";
  readonly limits: ImapLimits;
}

/** One session. A value to be used once: its next state shares memory with it. */
export interface Session {
  readonly settings: SessionSettings;
  readonly phase: Phase;
  readonly framer: Framer;
  readonly job: Job;
  /** What the client switched on. */
  readonly enabled: ReadonlySet<Extension>;
  readonly compression: CompressionState;
  readonly notify: NotifyState | undefined;
  /** Answers of BAD so far. */
  readonly faults: number;
  readonly loginFailures: number;
  /** Something changed that the client was not told of. */
  readonly dirty: boolean;
}

/** What follows from one input. */
export interface Step {
  readonly session: Session;
  readonly effects: readonly Effect[];
}

/**
 * A session before its greeting. `tls`: `active` where the connection is encrypted already, `offered` where STARTTLS is possible and
 * required before a login.
 */
export function newSession(settings: SessionSettings, tls: "offered" | "active"): Session {
  const phase: Phase = { at: "not-authenticated", tls };
  const job = { job: "none" } as const;
  const { compression } = settings;
  const enabled = NOTHING_ENABLED;
  const notify = undefined;
  return {
    settings,
    phase,
    framer: emptyFramer,
    job,
    enabled,
    compression,
    notify,
    faults: 0,
    loginFailures: 0,
    dirty: false,
  };
}

/** A session in the middle of a step. What works on it answers undefined, so that a way through it can end with `return finish(…)`. */
export interface Turn {
  readonly settings: SessionSettings;
  phase: Phase;
  framer: Framer;
  job: Job;
  enabled: ReadonlySet<Extension>;
  compression: CompressionState;
  notify: NotifyState | undefined;
  faults: number;
  loginFailures: number;
  dirty: boolean;
  writer: Writer;
  readonly effects: Effect[];
}

/** Opens a session for a step. */
export function beginTurn(session: Session): Turn {
  return { ...session, writer: new Writer(), effects: [] };
}

/** The session after a step. */
export function endTurn(turn: Turn): Step {
  const { settings, phase, framer, job, enabled, compression, notify, faults, loginFailures, dirty, effects } = turn;
  return {
    session: { settings, phase, framer, job, enabled, compression, notify, faults, loginFailures, dirty },
    effects,
  };
}

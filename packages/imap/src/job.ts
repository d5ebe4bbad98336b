import type { Instant } from "@scop/platform";
import type { AppendLiteral } from "./append-job.ts";
import type { Entry, Mailbox } from "./backend.ts";
import type { CommandOf } from "./command.ts";
import type { AppendPlace, AppendStep } from "./extensions/append-messages.ts";
import type { SelectParameters } from "./extensions/condstore-parameters.ts";
import type { Gathered } from "./extensions/gather-job.ts";
import type { FetchPiece, FetchPlan } from "./fetch-plan.ts";
import type { StatusResponse } from "./response.ts";
import type { SearchIndex } from "./search-index.ts";
import type { SequenceSet } from "./sequence-set.ts";

/** A command that changes what mailboxes there are. */
export type MailboxChange = CommandOf<"DELETE" | "RENAME" | "SUBSCRIBE" | "UNSUBSCRIBE">;

/** What goes on after something was told that nobody asked for. */
interface Resumed {
  readonly resume:
    | { readonly job: "none" }
    | { readonly job: "idle"; readonly tag: string; readonly asked: "yes" | "no" };
}

/** FETCH at work: the messages are taken one after the other. */
export interface FetchJob {
  readonly job: "fetch";
  readonly tag: string;
  /** The answer, unless some could not be read. */
  readonly done: StatusResponse | Resumed;
  readonly expunges: "now" | "later";
  readonly plan: FetchPlan;
  /** UIDs, and which is next. */
  readonly uids: readonly number[];
  readonly next: number;
  /** Why some could not be read. */
  readonly lost: "none" | "gone" | "failed" | "corrupt" | "unknown-encoding";
  /** UIDs that became \Seen by this command. */
  readonly seen: ReadonlySet<number>;
  /** Threads of the messages that come next, by `Entry.message`. */
  readonly threads: ReadonlyMap<number, number>;
  readonly doing: /** \Seen is being set. */
    | { readonly step: "seen" }
    | { readonly step: "threads" }
    | { readonly step: "next" }
    /** The beginning of a message, or all of it, was asked for. */
    | { readonly step: "read"; readonly entry: Entry; readonly octets: number }
    /**
     * A message is passed through: octets up to `at` were asked for, then come those up to `end`, and `after` follows. `before` is written
     * with the first of them, so that a message that can't be read leaves no half response behind.
     */
    | {
        readonly step: "stream";
        readonly entry: Entry;
        readonly from: number;
        readonly at: number;
        readonly end: number;
        readonly before: readonly Uint8Array[];
        readonly told: "nothing" | "part";
        readonly after: readonly FetchPiece[];
      };
}

/** SEARCH at work. */
export interface SearchJob {
  readonly job: "search";
  readonly tag: string;
  readonly command: CommandOf<"SEARCH" | "SORT" | "THREAD">;
  /** The sets of the program against the view as it was, in the order of its steps. */
  readonly sets: readonly (SequenceSet | undefined)[];
  /** Its texts as they are compared. */
  readonly texts: readonly (string | undefined)[];
  /** What the backend's index says, where it was asked. */
  readonly index: SearchIndex | undefined;
  /** What time it is, where that was asked for. */
  readonly now: Instant;
  /** Threads by `Entry.message`, where they were asked for. */
  readonly threads: ReadonlyMap<number, number>;
  readonly next: number;
  /** Places. Grows in place: sessions are used once. */
  readonly found: number[];
  readonly lost: "none" | "some";
  /** Octets of the message that were asked for; 0 while none are. */
  readonly reading: number;
}

/** APPEND at work: messages come one after the other, and are kept together or not at all. */
interface AppendJob {
  readonly job: "append";
  readonly tag: string;
  /** An answer; octets of a literal; the text behind it. */
  readonly waits: "answer" | "octets" | "line";
  /** What is to be done before the literal, or before the end. */
  readonly todo: readonly AppendStep[];
  /** The literal that waits or comes. */
  readonly literal: AppendLiteral | undefined;
  /** Where in the command the text behind the literal begins. */
  readonly place: AppendPlace;
  /** Pieces of the command up to there. */
  readonly read: number;
  readonly messages: number;
  readonly urls: number;
  /** Octets of the message so far, and of all. */
  readonly octets: number;
  readonly total: number;
}

/** What a session is doing. One command at a time; what else arrives waits in the framer. */
export type Job =
  | { readonly job: "none" }
  /** A question is out whose answer becomes OK or NO. */
  | { readonly job: "simple"; readonly tag: string; readonly command: MailboxChange }
  | { readonly job: "create"; readonly tag: string }
  /** The mailbox is asked for. */
  | { readonly job: "quota-root"; readonly tag: string }
  | { readonly job: "notify-set"; readonly tag: string; readonly command: CommandOf<"NOTIFY"> }
  | ({ readonly job: "notify" } & Resumed)
  | { readonly job: "quota"; readonly tag: string; readonly command: "GETQUOTA" | "GETQUOTAROOT" }
  | { readonly job: "list"; readonly tag: string; readonly command: CommandOf<"LIST" | "LSUB"> }
  | {
      readonly job: "list-lost";
      readonly tag: string;
      readonly command: CommandOf<"LIST" | "LSUB">;
      readonly mailboxes: readonly Mailbox[];
    }
  | { readonly job: "status"; readonly tag: string; readonly command: CommandOf<"STATUS"> }
  | {
      readonly job: "select";
      readonly tag: string;
      readonly readOnly: boolean;
      readonly known: SelectParameters["known"];
    }
  | {
      readonly job: "select-entries";
      readonly tag: string;
      readonly readOnly: boolean;
      readonly known: SelectParameters["known"];
      readonly mailbox: Mailbox;
    }
  /** Expunged UIDs are asked for; those in `among` are told, then `next` goes on. */
  | { readonly job: "vanished"; readonly since: number; readonly among: SequenceSet; readonly next: FetchJob }
  | { readonly job: "sasl"; readonly tag: string; readonly waits: "answer" | "client" }
  | { readonly job: "open"; readonly tag: string }
  | { readonly job: "start-tls" | "compress" }
  | FetchJob
  | { readonly job: "search-time"; readonly tag: string; readonly command: SearchJob["command"] }
  | SearchJob
  /** Threads are asked for before the search; `threads` grows in place. */
  | {
      readonly job: "search-threads";
      readonly search: SearchJob;
      readonly next: number;
      readonly threads: Map<number, number>;
    }
  /** SORT and THREAD read what they need of the messages that were found. */
  | {
      readonly job: "gather";
      readonly tag: string;
      readonly command: CommandOf<"SORT" | "THREAD">;
      readonly found: readonly number[];
      readonly lost: "none" | "some";
      readonly gathered: Gathered;
      readonly next: number;
      readonly reading: number;
    }
  | { readonly job: "store"; readonly tag: string; readonly command: CommandOf<"STORE"> }
  | { readonly job: "copy"; readonly tag: string }
  | { readonly job: "move"; readonly tag: string }
  | { readonly job: "expunge"; readonly tag: string }
  | { readonly job: "close"; readonly tag: string }
  /** Changes are asked for, to be told before the command is answered. */
  | { readonly job: "sync"; readonly done: StatusResponse; readonly expunges: "now" | "later" }
  | { readonly job: "idle"; readonly tag: string; readonly asked: "yes" | "no" }
  | AppendJob
  /** The message was refused and what is left of it is skipped before the answer. */
  | { readonly job: "append-refused"; readonly done: StatusResponse }
  | { readonly job: "bye" };

/** The job of one name, or those of several. */
export type JobOf<Name extends Job["job"]> = Extract<Job, { readonly job: Name }>;

import type { Secret } from "@scop/wire";
import type { AppendStep } from "./extensions/append-messages.ts";
import type { ChangedSince, SelectParameters } from "./extensions/condstore-parameters.ts";
import type { NotifyGroup } from "./extensions/notify-groups.ts";
import type { ReturnOption } from "./extensions/search-return.ts";
import type { SortKey } from "./extensions/sort.ts";
import type { ThreadAlgorithm } from "./extensions/thread.ts";
import type { SearchProgram } from "./search-key.ts";
import type { MessageSet } from "./sequence-set.ts";

/** Which part of a message. RFC 3501 6.4.5 */
export interface Section {
  /** Part numbers; none for the message itself. */
  readonly path: readonly number[];
  /** `all` is an empty section, or the content of a part. */
  readonly text: "all" | "header" | "header-fields" | "header-fields-not" | "text" | "mime";
  /** For the two kinds that name fields, as the client wrote them. */
  readonly fields: readonly string[];
}

/** Octets of a section from `start`, at most `octets`. */
export interface Partial {
  readonly start: number;
  readonly octets: number;
}

/** One data item of FETCH. RFC 3501 6.4.5 */
export type FetchItem =
  /** Known without reading the message. */
  | {
      readonly item: "EMAILID" | "FLAGS" | "INTERNALDATE" | "MODSEQ" | "RFC822.SIZE" | "SAVEDATE" | "THREADID" | "UID";
    }
  | { readonly item: "ENVELOPE" | "BODY" | "BODYSTRUCTURE" }
  | { readonly item: "RFC822" | "RFC822.HEADER" | "RFC822.TEXT" }
  | {
      readonly item: "BODY[]";
      readonly peek: boolean;
      readonly section: Section;
      readonly partial: Partial | undefined;
    }
  /** A part in its natural form, by its numbers. RFC 3516 4.2 */
  | {
      readonly item: "BINARY[]";
      readonly peek: boolean;
      readonly path: readonly number[];
      readonly partial: Partial | undefined;
    }
  | { readonly item: "BINARY.SIZE"; readonly path: readonly number[] }
  /** `lazy`: only where it costs little. RFC 8970 3 */
  | { readonly item: "PREVIEW"; readonly lazy: "yes" | "no" };

/** One data item of STATUS. RFC 3501 6.3.10; RFC 7162 3.1.7, RFC 7889 4, RFC 8438 2, RFC 8474 4.3, RFC 9208 4.1.4 */
export type StatusItem =
  | "APPENDLIMIT"
  | "DELETED"
  | "DELETED-STORAGE"
  | "HIGHESTMODSEQ"
  | "MAILBOXID"
  | "MESSAGES"
  | "RECENT"
  | "SIZE"
  | "UIDNEXT"
  | "UIDVALIDITY"
  | "UNSEEN";

/** Which mailboxes LIST tells. RFC 5258 3.1, RFC 6154 5.2 */
export type ListSelection = "SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" | "SPECIAL-USE";

/** What LIST tells of each. RFC 5258 3.2 */
export type ListReturn = "SUBSCRIBED" | "CHILDREN" | "SPECIAL-USE";

/** One member of the union a name, so that each can be picked out. */
type Named<Name extends string, Fields = unknown> = Name extends string ? { readonly command: Name } & Fields : never;

type BareName =
  | "CAPABILITY"
  | "NOOP"
  | "LOGOUT"
  | "STARTTLS"
  | "IDLE"
  | "CHECK"
  | "CLOSE"
  | "UNSELECT"
  | "NAMESPACE"
  | "COMPRESS"
  | "ID";
type MailboxName = "DELETE" | "SUBSCRIBE" | "UNSUBSCRIBE";

/** What a command on messages is about: numbers, or UIDs with the prefix UID. RFC 3501 6.4.8 */
interface OnMessages {
  readonly byUid: boolean;
  readonly set: MessageSet;
}

/** What the three searching commands have in common. */
interface Searching {
  readonly byUid: boolean;
  readonly program: SearchProgram;
}

/** One command as it was read, its arguments decoded. RFC 3501 6 */
export type Command =
  | Named<BareName>
  | Named<MailboxName, { readonly mailbox: string }>
  | Named<"SELECT" | "EXAMINE", { readonly mailbox: string; readonly parameters: SelectParameters }>
  | Named<"AUTHENTICATE", { readonly mechanism: string; readonly initial: Uint8Array | undefined }>
  | Named<"LOGIN", { readonly user: Uint8Array; readonly password: Secret }>
  | Named<"ENABLE", { readonly capabilities: readonly string[] }>
  /** Without groups nothing is told. `unknown`: there are events that are not known here. RFC 5465 3 */
  | Named<
      "NOTIFY",
      {
        readonly groups: readonly NotifyGroup[];
        readonly status: "asked" | "not-asked";
        readonly unknown: "yes" | "no";
      }
    >
  | Named<"GETQUOTA", { readonly root: "ours" | "unknown" }>
  | Named<"GETQUOTAROOT", { readonly mailbox: string }>
  | Named<"RENAME", { readonly from: string; readonly to: string }>
  /** `uses` are attributes as in `\\Sent`. RFC 6154 3 */
  | Named<"CREATE", { readonly mailbox: string; readonly uses: readonly string[] }>
  /** `patterns` is one empty pattern where the delimiter is asked for; `status` as in RFC 5819 2. */
  | Named<
      "LIST",
      {
        readonly select: readonly ListSelection[];
        readonly reference: string;
        readonly patterns: readonly string[];
        readonly returns: readonly ListReturn[];
        readonly status: readonly StatusItem[] | undefined;
      }
    >
  | Named<"LSUB", { readonly reference: string; readonly pattern: string }>
  | Named<"STATUS", { readonly mailbox: string; readonly items: readonly StatusItem[] }>
  /** Of messages that are put together from others. One with a literal is never whole: see `literalPurpose`. */
  | Named<"APPEND", { readonly mailbox: string; readonly steps: readonly AppendStep[] }>
  /** With a set: UID EXPUNGE. RFC 4315 2.1 */
  | Named<"EXPUNGE", { readonly set: MessageSet | undefined }>
  | Named<"SEARCH", Searching & { readonly returns: readonly ReturnOption[] | undefined }>
  | Named<
      "SORT",
      Searching & { readonly returns: readonly ReturnOption[] | undefined; readonly keys: readonly SortKey[] }
    >
  | Named<"THREAD", Searching & { readonly algorithm: ThreadAlgorithm }>
  | Named<"FETCH", OnMessages & { readonly items: readonly FetchItem[]; readonly changed: ChangedSince | undefined }>
  | Named<
      "STORE",
      OnMessages & {
        readonly mode: "add" | "remove" | "replace";
        readonly silent: boolean;
        readonly flags: readonly string[];
        /** RFC 7162 3.1.3 */
        readonly unchangedSince: number | undefined;
      }
    >
  | Named<"COPY" | "MOVE", OnMessages & { readonly mailbox: string }>;

/** The command of one name, or those of several. */
export type CommandOf<Name extends Command["command"]> = Extract<Command, { readonly command: Name }>;

/** A command with the tag that its answer carries. */
export interface TaggedCommand {
  readonly tag: string;
  readonly command: Command;
}

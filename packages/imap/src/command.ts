import type { Instant } from "@scop/platform";
import type { Secret } from "@scop/wire";
import type { ChangedSince, SelectParameters } from "./extensions/condstore-parameters.ts";
import type { SearchProgram } from "./search-key.ts";
import type { SequenceSet } from "./sequence-set.ts";

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
  | {
      readonly item:
        | "ENVELOPE"
        | "BODY"
        | "BODYSTRUCTURE"
        | "FLAGS"
        | "INTERNALDATE"
        | "MODSEQ"
        | "RFC822"
        | "RFC822.HEADER"
        | "RFC822.SIZE"
        | "RFC822.TEXT"
        | "UID";
    }
  | {
      readonly item: "BODY[]";
      readonly peek: boolean;
      readonly section: Section;
      readonly partial: Partial | undefined;
    };

/** One data item of STATUS. RFC 3501 6.3.10, RFC 7162 3.1.7 */
export type StatusItem = "HIGHESTMODSEQ" | "MESSAGES" | "RECENT" | "UIDNEXT" | "UIDVALIDITY" | "UNSEEN";

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
  | "ID";
type MailboxName = "CREATE" | "DELETE" | "SUBSCRIBE" | "UNSUBSCRIBE";

/** What a command on messages is about: numbers, or UIDs with the prefix UID. RFC 3501 6.4.8 */
interface OnMessages {
  readonly byUid: boolean;
  readonly set: SequenceSet;
}

/** One command as it was read, its arguments decoded. RFC 3501 6 */
export type Command =
  | Named<BareName>
  | Named<MailboxName, { readonly mailbox: string }>
  | Named<"SELECT" | "EXAMINE", { readonly mailbox: string; readonly parameters: SelectParameters }>
  | Named<"AUTHENTICATE", { readonly mechanism: string; readonly initial: Uint8Array | undefined }>
  | Named<"LOGIN", { readonly user: Uint8Array; readonly password: Secret }>
  | Named<"ENABLE", { readonly capabilities: readonly string[] }>
  | Named<"RENAME", { readonly from: string; readonly to: string }>
  /** `only` is the selection option of LIST. RFC 6154 3 */
  | Named<
      "LIST" | "LSUB",
      {
        readonly reference: string;
        readonly pattern: string;
        readonly only: "all" | "special-use" | "subscribed";
      }
    >
  | Named<"STATUS", { readonly mailbox: string; readonly items: readonly StatusItem[] }>
  /** Without its message, which comes as chunks. */
  | Named<
      "APPEND",
      { readonly mailbox: string; readonly flags: readonly string[]; readonly internalDate: Instant | undefined }
    >
  /** With a set: UID EXPUNGE. RFC 4315 2.1 */
  | Named<"EXPUNGE", { readonly set: SequenceSet | undefined }>
  | Named<"SEARCH", { readonly byUid: boolean; readonly program: SearchProgram }>
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

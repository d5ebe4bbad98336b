import type { Instant } from "@scop/platform";
import type { Secret } from "@scop/wire";
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

/** One data item of STATUS. RFC 3501 6.3.10 */
export type StatusItem = "MESSAGES" | "RECENT" | "UIDNEXT" | "UIDVALIDITY" | "UNSEEN";

/** One command as it was read, its arguments decoded. RFC 3501 6 */
export type Command =
  | {
      readonly command:
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
    }
  | { readonly command: "AUTHENTICATE"; readonly mechanism: string; readonly initial: Uint8Array | undefined }
  | { readonly command: "LOGIN"; readonly user: Uint8Array; readonly password: Secret }
  | { readonly command: "ENABLE"; readonly capabilities: readonly string[] }
  | {
      readonly command: "SELECT" | "EXAMINE" | "CREATE" | "DELETE" | "SUBSCRIBE" | "UNSUBSCRIBE";
      readonly mailbox: string;
    }
  | { readonly command: "RENAME"; readonly from: string; readonly to: string }
  | {
      readonly command: "LIST" | "LSUB";
      readonly reference: string;
      readonly pattern: string;
      /** LIST with a selection option. RFC 6154 3 */
      readonly only: "all" | "special-use" | "subscribed";
    }
  | { readonly command: "STATUS"; readonly mailbox: string; readonly items: readonly StatusItem[] }
  | {
      readonly command: "APPEND";
      readonly mailbox: string;
      readonly flags: readonly string[];
      readonly internalDate: Instant | undefined;
    }
  | { readonly command: "EXPUNGE"; readonly set: SequenceSet | undefined }
  | { readonly command: "SEARCH"; readonly byUid: boolean; readonly program: SearchProgram }
  | { readonly command: "FETCH"; readonly byUid: boolean; readonly set: SequenceSet; readonly items: readonly FetchItem[] }
  | {
      readonly command: "STORE";
      readonly byUid: boolean;
      readonly set: SequenceSet;
      readonly mode: "add" | "remove" | "replace";
      readonly silent: boolean;
      readonly flags: readonly string[];
    }
  | { readonly command: "COPY" | "MOVE"; readonly byUid: boolean; readonly set: SequenceSet; readonly mailbox: string };

/** A command with the tag that its answer carries. */
export interface TaggedCommand {
  readonly tag: string;
  readonly command: Command;
}

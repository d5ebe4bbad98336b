import type { Instant } from "@scop/platform";
import type { StatusItem } from "./command.ts";
import type { ThreadNode } from "./extensions/thread.ts";

/** The code in brackets of a status response. RFC 3501 7.1, RFC 4315 3, RFC 5530 3 */
export type ResponseCode =
  | {
      readonly code:
        | "ALREADYEXISTS"
        | "AUTHENTICATIONFAILED"
        | "AUTHORIZATIONFAILED"
        | "CANNOT"
        | "CLIENTBUG"
        | "COMPRESSIONACTIVE"
        | "CLOSED"
        | "CORRUPTION"
        | "EXPUNGEISSUED"
        | "HASCHILDREN"
        | "INUSE"
        | "NONEXISTENT"
        | "NOTIFICATIONOVERFLOW"
        | "OVERQUOTA"
        | "PRIVACYREQUIRED"
        | "READ-ONLY"
        | "READ-WRITE"
        | "TOOBIG"
        | "TRYCREATE"
        | "UNKNOWN-CTE"
        | "UNAVAILABLE"
        | "USEATTR";
    }
  /** RFC 5465 9 */
  | { readonly code: "BADEVENT"; readonly events: readonly string[] }
  | { readonly code: "BADCHARSET"; readonly charsets: readonly string[] }
  | { readonly code: "CAPABILITY"; readonly capabilities: readonly string[] }
  | { readonly code: "PERMANENTFLAGS"; readonly flags: readonly string[]; readonly create: boolean }
  /** RFC 7162 7: numbers or UIDs of messages that were left alone. */
  | { readonly code: "MODIFIED"; readonly numbers: readonly number[] }
  | { readonly code: "HIGHESTMODSEQ" | "UIDNEXT" | "UIDVALIDITY" | "UNSEEN"; readonly number: number }
  | { readonly code: "MAILBOXID"; readonly id: string }
  | { readonly code: "APPENDUID"; readonly uidValidity: number; readonly uids: readonly number[] }
  /** RFC 4469 4 */
  | { readonly code: "BADURL"; readonly url: string }
  | {
      readonly code: "COPYUID";
      readonly uidValidity: number;
      readonly from: readonly number[];
      readonly to: readonly number[];
    };

/** A status response, tagged or (`*`) not. RFC 3501 7.1 */
export interface StatusResponse {
  readonly response: "status";
  readonly tag: string;
  readonly status: "OK" | "NO" | "BAD" | "BYE";
  readonly code: ResponseCode | undefined;
  readonly text: string;
}

/** One item of a FETCH response. RFC 3501 7.4.2 */
export type FetchData =
  | { readonly item: "FLAGS"; readonly flags: readonly string[] }
  | { readonly item: "UID" | "RFC822.SIZE" | "MODSEQ"; readonly number: number }
  | { readonly item: "INTERNALDATE" | "SAVEDATE"; readonly instant: Instant }
  | { readonly item: "EMAILID" | "THREADID"; readonly id: string }
  | { readonly item: "BINARY.SIZE"; readonly path: readonly number[]; readonly number: number }
  /** Undefined is NIL. */
  | { readonly item: "PREVIEW"; readonly text: string | undefined }
  /** `data` is made by `envelope` or `bodyStructure`. */
  | { readonly item: "ENVELOPE" | "BODY" | "BODYSTRUCTURE"; readonly data: Uint8Array }
  /** A string with its label, as in `BODY[TEXT]<0>`; undefined is NIL. */
  | { readonly item: "string"; readonly label: FetchLabel; readonly octets: Uint8Array | undefined };

/** One item of a STATUS response. RFC 3501 7.2.4, RFC 8474 4.3 */
export type StatusFigure =
  | { readonly item: Exclude<StatusItem, "MAILBOXID">; readonly number: number }
  | { readonly item: "MAILBOXID"; readonly id: string };

/** One limit and how much of it is used. RFC 9208 4.2.1 */
export interface QuotaResource {
  readonly name: "STORAGE" | "MESSAGE";
  readonly used: number;
  readonly limit: number;
}

/** What stands before the string of a section. */
export type FetchLabel =
  | { readonly label: "RFC822" | "RFC822.HEADER" | "RFC822.TEXT" }
  | {
      readonly label: "BODY[]";
      readonly path: readonly number[];
      readonly text: string;
      readonly fields: readonly string[];
      readonly start: number | undefined;
    }
  | { readonly label: "BINARY[]"; readonly path: readonly number[]; readonly start: number | undefined };

/** What is not there is not told. RFC 4731 3.1, RFC 7162 3.1.10 */
export interface EsearchResponse {
  readonly response: "esearch";
  readonly tag: string;
  readonly byUid: boolean;
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** In the order asked for, which SORT need not have rising. */
  readonly all: readonly number[] | undefined;
  readonly count: number | undefined;
  readonly modseq: number | undefined;
}

/** Everything a server says. RFC 3501 7 */
export type Response =
  | StatusResponse
  | { readonly response: "continue"; readonly text: string }
  | { readonly response: "challenge"; readonly bytes: Uint8Array }
  | { readonly response: "capability" | "enabled"; readonly capabilities: readonly string[] }
  | {
      readonly response: "list";
      readonly attributes: readonly string[];
      readonly delimiter: string;
      /** UTF-8 */
      readonly mailbox: string;
      /** Selection options that something below it fits. RFC 5258 4 */
      readonly childInfo: readonly string[];
      /** Of a mailbox that was renamed. RFC 5465 5.4 */
      readonly oldName?: string;
    }
  | {
      readonly response: "lsub";
      readonly attributes: readonly string[];
      readonly delimiter: string;
      /** UTF-8 */
      readonly mailbox: string;
    }
  | { readonly response: "quota"; readonly root: string; readonly resources: readonly QuotaResource[] }
  | { readonly response: "quota-root"; readonly mailbox: string; readonly root: string }
  | { readonly response: "namespace"; readonly prefix: string; readonly delimiter: string }
  | {
      readonly response: "mailbox-status";
      readonly mailbox: string;
      readonly items: readonly StatusFigure[];
    }
  /** With the highest mod-sequence among them, where mod-sequences were searched. RFC 7162 3.1.5 */
  | { readonly response: "search"; readonly numbers: readonly number[]; readonly modseq: number | undefined }
  /** RFC 5256 4: as `search`, in the order asked for. */
  | { readonly response: "sort"; readonly numbers: readonly number[]; readonly modseq: number | undefined }
  /** Places of messages become their numbers by `numberOf`. RFC 5256 4 */
  | {
      readonly response: "thread";
      readonly roots: readonly ThreadNode[];
      readonly numberOf: (place: number) => number;
    }
  | EsearchResponse
  /** RFC 7162 3.2.10 */
  | { readonly response: "vanished"; readonly when: "earlier" | "now"; readonly uids: readonly number[] }
  | { readonly response: "flags"; readonly flags: readonly string[] }
  | { readonly response: "exists" | "recent" | "expunge"; readonly number: number }
  | { readonly response: "fetch"; readonly sequence: number; readonly data: readonly FetchData[] }
  | { readonly response: "id"; readonly parameters: readonly (readonly [string, string])[] };

import type { MessageSet } from "./sequence-set.ts";

/** One test of SEARCH. Dates are days since 1970-01-01. RFC 3501 6.4.4 */
export type SearchTest =
  | { readonly test: "all" }
  | { readonly test: "flag"; readonly flag: string; readonly set: boolean }
  | { readonly test: "sequence" | "uid"; readonly set: MessageSet }
  /** Received at most, or at least, this many seconds ago. RFC 5032 3 */
  | { readonly test: "younger" | "older"; readonly seconds: number }
  /** This mod-sequence or a larger one. RFC 7162 3.1.5 */
  | { readonly test: "modseq"; readonly modseq: number }
  /** By what `emailId` and `threadId` make of them. RFC 8474 6 */
  | { readonly test: "email"; readonly message: number }
  | { readonly test: "thread"; readonly thread: number }
  | { readonly test: "saved-before" | "saved-on" | "saved-since"; readonly day: number }
  | { readonly test: "larger" | "smaller"; readonly octets: number }
  | { readonly test: "before" | "on" | "since" | "sent-before" | "sent-on" | "sent-since"; readonly day: number }
  | { readonly test: "header"; readonly field: string; readonly text: string }
  | { readonly test: "body" | "text"; readonly text: string };

/** A step of a program: a test puts its result on a stack, an operator takes from it. */
export type SearchStep =
  | SearchTest
  | { readonly operator: "not" }
  | { readonly operator: "or" }
  | { readonly operator: "and"; readonly count: number };

/** The keys in postfix order, so that nothing needs to recurse. Leaves exactly one result. */
export type SearchProgram = readonly SearchStep[];

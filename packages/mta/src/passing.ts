import type { Reply } from "@scop/smtp";
import { EMPTY } from "@scop/wire";
import type { TallyChange } from "./reports/tally-book.ts";

/** What is known of a message when its last octet has gone by. */
export interface Passed {
  /** Why it is not taken; undefined where it is. */
  readonly refusal: Reply | undefined;
  /** What stands above our Received: the field Received-SPF. RFC 7208 9.1 */
  readonly above: Uint8Array;
  /** What to put before it: signatures, or what was found about it. */
  readonly fields: Uint8Array;
  /** Keywords that it gets in a mailbox. */
  readonly flags: readonly string[];
  /** What is counted of it, whether it is taken or not. */
  readonly tallies: readonly TallyChange[];
}

/** Something that looks at a message while it goes by. */
export interface Passing {
  /** Whether fields are added at all: then the message can't be written before its end is known. */
  readonly adds: "fields" | "nothing";
  /** Octets of the body that come behind those that it began with. */
  feed(bytes: Uint8Array): void;
  /** Rejects where the message can't be taken now. */
  finish(): Promise<Passed>;
}

/** Nothing is added and nothing refused. */
export const PLAIN: Passing = {
  adds: "nothing",
  feed: () => undefined,
  finish: async () => ({ refusal: undefined, above: EMPTY, fields: EMPTY, flags: [], tallies: [] }),
};

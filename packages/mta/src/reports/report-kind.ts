import type { Mailbox } from "@scop/address";
import type { ReportDestinations } from "@scop/dmarc";
import type { Dns } from "@scop/platform";
import type { Tally, TallyKind } from "@scop/store";

/** In whose name reports are made. */
export interface Reporting {
  readonly organization: string;
  /** From of the message, whose domain signs it and names us. */
  readonly from: Mailbox;
  /** A name that no other report has: letters and digits. */
  readonly id: () => string;
}

/** What a report is about: mail of a domain, or to it, on one day (since 1970-01-01, UTC). */
export interface Range {
  readonly domain: string;
  readonly day: number;
}

/** A report before it is packed. */
export interface Content {
  readonly reportId: string;
  readonly subject: string;
  /** Of the packed report. */
  readonly fileName: string;
  readonly bytes: Uint8Array;
  /** For people. */
  readonly text: string;
  /** Messages or sessions that it counts. */
  readonly counted: number;
}

/** One kind of report, made of what was counted for it. */
export interface ReportKind {
  readonly about: TallyKind;
  /** Who gets the reports about a domain now. Never rejects. */
  destinations(io: { readonly dns: Dns }, domain: string): Promise<ReportDestinations>;
  /** None where no row can be read. */
  contents(reporting: Reporting, range: Range, rows: readonly Tally[]): readonly Content[];
}

import type { Mailbox } from "@scop/address";
import type { ReportDestination } from "@scop/dmarc";
import type { ExtraField } from "@scop/mime";
import type { Dns } from "@scop/platform";
import type { Tally, TallyKind } from "@scop/store";
import type { ReportEndpoint } from "@scop/tls-policy";

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
  /** Of the packed report. */
  readonly mediaType: string;
  /** Fields of the message that say what it is. */
  readonly fields: readonly ExtraField[];
  /** Of a multipart/report (RFC 8460 5.3); undefined where the report is a file of an ordinary message, as DMARC has it. */
  readonly reportType: string | undefined;
  /** `optional`: a report about TLS must not wait for what it reports to be mended. RFC 8460 3 */
  readonly tls: "usual" | "optional";
  /** For people. */
  readonly text: string;
}

/** Who gets a report. */
export interface Destinations {
  /** `temperror`: DNS did not say. */
  readonly result: "known" | "temperror";
  readonly destinations: readonly ReportDestination[];
  /** Web servers, one of which gets it, in their order. */
  readonly endpoints: readonly ReportEndpoint[];
}

/** One kind of report, made of what was counted for it. */
export interface ReportKind {
  readonly about: TallyKind;
  /** Who gets the reports about a domain now. Never rejects. */
  destinations(io: { readonly dns: Dns }, domain: string): Promise<Destinations>;
  /** None where no row can be read. */
  contents(reporting: Reporting, range: Range, rows: readonly Tally[]): readonly Content[];
}

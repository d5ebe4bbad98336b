import type { Alignment, Policy } from "../record.ts";

/** Why a receiver did not do what the domain asks for. RFC 9990 3.1 */
export interface OverrideReason {
  /** As in `mailing_list`, `local_policy`, `trusted_forwarder`. */
  readonly type: string;
  readonly comment: string;
}

/** What one signature came to. */
export interface ReportedSignature {
  readonly domain: string;
  readonly selector: string;
  readonly result: string;
}

/** Messages of one source that had the same results. RFC 9990 3.1 */
export interface ReportedMessages {
  /** As the report has it. */
  readonly source: string;
  readonly count: number;
  /** What was done: `none` for nothing, `pass` in reports of RFC 9990 for those that pass. */
  readonly disposition: string;
  /** Whether an aligned signature, or SPF, passed. */
  readonly dkim: "pass" | "fail";
  readonly spf: "pass" | "fail";
  readonly reasons: readonly OverrideReason[];
  readonly headerFrom: string;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly signatures: readonly ReportedSignature[];
  /** Empty where nothing is said of it, as the result is. */
  readonly spfDomain: string;
  readonly spfResult: string;
}

/** What one receiver saw of one domain in one span of time. RFC 9990 3.1 */
export interface AggregateReport {
  readonly organization: string;
  readonly email: string;
  readonly reportId: string;
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly begin: number;
  readonly end: number;
  /** The record that was published, as far as it is told. */
  readonly domain: string;
  readonly policy: Policy;
  readonly subdomainPolicy: Policy | undefined;
  readonly missingPolicy: Policy | undefined;
  readonly dkimAlignment: Alignment;
  readonly spfAlignment: Alignment;
  readonly testing: "yes" | "no";
  readonly records: readonly ReportedMessages[];
}

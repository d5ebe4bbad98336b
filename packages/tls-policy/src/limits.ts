/** RFC 8461 3.3: senders may refuse larger policies; this is the size it names. */
export const POLICY_OCTETS_MAX = 65_536;
/** Our choice: names of mail exchangers in a policy. */
export const POLICY_NAMES_MAX = 1_000;
/** RFC 8461 3.2: about a year. */
export const MAX_AGE_S_MAX = 31_557_600;
/** RFC 8461 3.3: a minute is suggested. */
export const FETCH_MS_MAX = 60_000;
/** RFC 8461 3.3: a policy that could not be fetched is not asked for again within five minutes. */
export const FETCH_PAUSE_MS = 300_000;
/** Our choice: domains whose policies are remembered in memory. */
export const POLICIES_MAX = 10_000;
/** Our choice: aliases of a mail exchanger that are followed for DANE. */
export const ALIASES_MAX = 8;
/** Our choice: octets of a report that are read, uncompressed. */
export const REPORT_OCTETS_MAX = 4_194_304;
/** Our choice: policies in a report, failures in a policy, and characters of a text in one of them. */
export const REPORT_POLICIES_MAX = 1_000;
export const REPORT_FAILURES_MAX = 10_000;
export const REPORT_TEXT_MAX = 1_000;
/** Our choice: destinations in a TLS-RPT record. RFC 8460 3 names no number. */
export const REPORT_DESTINATIONS_MAX = 10;

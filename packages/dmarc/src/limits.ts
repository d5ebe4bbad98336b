import type { RememberedLimits } from "@scop/wire";

/** RFC 9989 4.10: labels of a name that the tree walk asks for, and so its questions. */
export const WALK_LABELS_MAX = 8;

/** RFC 1035 2.3.4, without the dot at the end. */
export const NAME_CHARACTERS_MAX = 253;

/** Tags of a record that are looked at. Ours; RFC 9989 4.7 knows 12. */
export const TAGS_MAX = 64;

/** Reporting addresses of one tag. Ours: RFC 9990 4 lets reporters limit them. */
export const REPORT_URIS_MAX = 10;

/** Domains of a From field that are checked. Ours: RFC 9989 11.5 leaves several to the receiver, and one more is how a check is evaded. */
export const AUTHOR_DOMAINS_MAX = 4;

/** Identifiers of one method that are compared. Ours: as many as signatures are verified. */
export const IDENTIFIERS_MAX = 8;

/** Depth of the elements of a report. Ours: RFC 9990 has five. */
export const XML_DEPTH_MAX = 32;

/** Elements of a report. Ours: 20,000 records of 30 each. */
export const XML_ELEMENTS_MAX = 600_000;

/** Records of a report that are read. Ours: a day of a large domain at one receiver. */
export const REPORT_RECORDS_MAX = 20_000;

/** Characters of a value of a report that are kept. Ours. */
export const REPORT_VALUE_CHARACTERS_MAX = 1000;

/** Records that are kept read, and characters of each: domains that send much send again. Ours: some MB at most. */
export const REMEMBERED_RECORDS: RememberedLimits = { entriesMax: 250, charactersMax: 512 };

/** RFC 9989 4.10: labels of a name that the tree walk asks for, and so its questions. */
export const WALK_LABELS_MAX = 8;

/** Tags of a record that are looked at. Ours; RFC 9989 4.7 knows 12. */
export const TAGS_MAX = 64;

/** Reporting addresses of one tag. Ours: RFC 9990 4 lets reporters limit them. */
export const REPORT_URIS_MAX = 10;

/** Domains of a From field that are checked. Ours: RFC 9989 11.5 leaves several to the receiver, and one more is how a check is evaded. */
export const AUTHOR_DOMAINS_MAX = 4;

/** Identifiers of one method that are compared. Ours: as many as signatures are verified. */
export const IDENTIFIERS_MAX = 8;

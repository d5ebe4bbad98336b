import type { RememberedLimits } from "@scop/wire";

/** RFC 7208 4.6.4: terms that ask DNS, in all records of one check together. */
export const LOOKUPS_MAX = 10;

/** RFC 7208 4.6.4: look-ups that find nothing. */
export const VOID_LOOKUPS_MAX = 2;

/** RFC 7208 4.6.4: names of an `mx` whose addresses are asked for; more are a permerror. */
export const MX_NAMES_MAX = 10;

/** RFC 7208 4.6.4, 5.5: names of an address that are validated; more are passed over. */
export const PTR_NAMES_MAX = 10;

/** RFC 7208 7.3: a name that a macro has made; labels are taken from its left until it fits. */
export const NAME_CHARACTERS_MAX = 253;

/** RFC 1035 2.3.4 */
export const LABEL_CHARACTERS_MAX = 63;

/** Characters of an explanation that is kept. Ours: one line of a reply. RFC 5321 4.5.3.1.5 */
export const EXPLANATION_CHARACTERS_MAX = 400;

/** Terms that the path of a verdict names. Ours: a record of 64 KiB has thousands. */
export const PATH_STEPS_MAX = 200;

/** Records that are kept read, and characters of each: domains that send much send again. Ours: some MB at most. */
export const REMEMBERED_RECORDS: RememberedLimits = { entriesMax: 250, charactersMax: 512 };

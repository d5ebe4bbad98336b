/** RFC 1035 2.3.4 */
export const LABEL_OCTETS_MAX = 63;
/** RFC 1035 2.3.4: 255 octets on the wire are 253 characters of text. */
export const DOMAIN_OCTETS_MAX = 253;
/** Characters of a domain that are looked at: a U-label is never longer than its A-label. */
export const DOMAIN_CHARACTERS_MAX = 1000;
/** RFC 5321 4.5.3.1.1 */
export const LOCAL_PART_OCTETS_MAX = 64;
/** RFC 5321 4.5.3.1.3: the brackets count. */
export const PATH_OCTETS_MAX = 256;
/** Our choice: entries of one address field, groups and members alike. */
export const ADDRESSES_MAX = 10_000;
/** Our choice: findings kept of one address field. */
export const DIAGNOSTICS_MAX = 1_000;

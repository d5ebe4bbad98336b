/** RFC 1035 2.3.4 */
export const LABEL_OCTETS_MAX = 63;
/** RFC 1035 2.3.4: with the length octets and the root. */
export const NAME_OCTETS_MAX = 255;
/** RFC 1035 4.2.2: what two octets of length can say. */
export const MESSAGE_OCTETS_MAX = 65_535;
/** Our choice, as many as resolvers follow: aliases from a name to its records. */
export const ALIASES_MAX = 10;

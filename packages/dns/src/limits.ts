/** RFC 1035 2.3.4 */
export const LABEL_OCTETS_MAX = 63;
/** RFC 1035 2.3.4: with the length octets and the root. */
export const NAME_OCTETS_MAX = 255;
/** RFC 1035 4.2.2: what two octets of length can say. */
export const MESSAGE_OCTETS_MAX = 65_535;
/** Our choice, as many as resolvers follow: aliases from a name to its records. */
export const ALIASES_MAX = 10;
/** Octets of a datagram that we take: what arrives whole on nearly every path. RFC 9715 3.1, the value of DNS Flag Day 2020. */
export const UDP_OCTETS = 1_232;
/** Our choice: the first try at a server; each later one at it gets twice the time before. */
export const TRY_MS = 1_000;
/** Our choice: a try over a stream, with the connection and TLS. */
export const STREAM_TRY_MS = 4_000;
/** Our choice: tries at one server for one question. */
export const TRIES_MAX = 3;
/** Our choice: one question in all, aliases and tries at every server included. */
export const SEARCH_MS_MAX = 12_000;
/** Our choice: messages sent for one question, whatever the answers are. */
export const EXCHANGES_MAX = 32;
/** Our choice: datagrams that are no answer to what was asked; then somebody is guessing, and the question goes over a stream. */
export const MISMATCHES_MAX = 16;
/** Our choice: questions under way at once, each with a socket. */
export const SEARCHES_MAX = 512;
/** Our choice: questions that wait for a place; beyond it the answer is a failure. */
export const WAITING_MAX = 4_096;
/** Our choice: for so long a server that did not answer is asked after the others. */
export const AVOID_MS = 10_000;
/** Our choice: for so long a server that knows no EDNS is asked without. */
export const NO_EDNS_MS = 900_000;
/** Our choice: a stream without questions stays open for so long. RFC 7766 6.2.3 */
export const STREAM_IDLE_MS = 10_000;
/** Our choice: questions on one stream at once. */
export const STREAM_REQUESTS_MAX = 100;
/** Our choice: seconds that an answer is kept, whatever its records say. RFC 8767 4 allows seven days. */
export const TTL_S_MAX = 86_400;
/** RFC 2308 5: an absence, three hours at most. */
export const NEGATIVE_TTL_S_MAX = 10_800;
/** Our choice within one second and five minutes: a failure. RFC 9520 3.2 */
export const FAILURE_TTL_S = 5;
/** Our choice: answers that are kept, and the octets of the messages that they came in. */
export const CACHE_ENTRIES_MAX = 20_000;
export const CACHE_OCTETS_MAX = 16_777_216;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** RFC 5321 6.3 asks for at least 100 Received fields before a loop is seen; ours is lower because no honest path is that long. */
export const RECEIVED_MAX = 50;

/** RFC 5321 4.5.3.1.8 asks for at least 100. More lets a list be sent to in one transaction. */
export const RECIPIENTS_MAX = 1000;

/** RFC 5321 4.5.3.1.7 asks for at least 64 KiB. 50 MiB is what large providers take. */
export const MESSAGE_OCTETS_MAX: number = 50 * 1024 * 1024;

/** Octets of arriving messages in memory: 256 small ones at once. */
export const SINK_OCTETS_MAX: number = 64 * 1024 * 1024;

/** Octets of arriving messages in memory from one address: an eighth of all. */
export const SINK_OCTETS_PER_PEER_MAX: number = 8 * 1024 * 1024;

/** Levels of aliases that stand for aliases. Ours; deeper than any list of lists seen in practice. */
export const ALIAS_DEPTH_MAX = 10;

/** Addresses that one recipient may stand for. Ours; larger lists belong to a list manager. */
export const ALIAS_ADDRESSES_MAX = 1000;

/** Connections out at a time, all destinations together. */
export const CONNECTIONS_MAX = 50;

/** Connections out at a time to one destination. Large receivers refuse more than a handful. */
export const CONNECTIONS_PER_DESTINATION_MAX = 4;

/** Recipients in one SMTP transaction out. RFC 5321 4.5.3.1.8: every server takes 100. */
export const TRANSACTION_RECIPIENTS_MAX = 100;

/** Addresses of a destination that are tried in one attempt. RFC 5321 5.1 asks for at least two. */
export const ADDRESSES_MAX = 10;

/** RFC 5321 4.5.4.1: the first retry may come sooner than the 30 minutes it asks of the later ones. */
export const RETRY_FIRST_MS: number = 5 * MINUTE_MS;

/** RFC 5321 4.5.4.1: "at least 30 minutes" between attempts, longer for the patient. */
export const RETRY_LONGEST_MS: number = 4 * HOUR_MS;

/** RFC 5321 4.5.4.1: give up after 4 to 5 days. */
export const RETRY_EXPIRES_MS: number = 5 * 24 * HOUR_MS;

/** When a sender is told that a message is still on its way. RFC 5321 4.5.4.1 leaves it open; four hours are what people are used to. */
export const DELAY_REPORT_MS: number = 4 * HOUR_MS;

/** Octets of a message that a report returns whole, where the sender asked for it. Ours; of larger ones the header. RFC 3461 4.3 */
export const REPORT_MESSAGE_OCTETS_MAX: number = 128 * 1024;

/** Share of an interval that it may be longer or shorter, so that retries do not march in step. */
export const RETRY_JITTER = 0.2;

/** Time to connect to one address. Ours: TCP gives up after minutes, which one dead address is not worth. */
export const CONNECT_TIMEOUT_MS: number = 30 * SECOND_MS;

/** How long a lease lasts: longer than `LEASE_START_MS`, `CONNECTING_MS` and `TRANSACTION_MS` together, or another worker sends the same again. */
export const LEASE_MS: number = 20 * MINUTE_MS;

/** After so long a lease no transaction begins with it any more. */
export const LEASE_START_MS: number = 3 * MINUTE_MS;

/** Time for all addresses of a destination together, until one takes mail. */
export const CONNECTING_MS: number = 5 * MINUTE_MS;

/** RFC 5321 4.5.3.2.1 says 5 minutes; ours is shorter so that a silent host leaves time for the next one. */
export const GREETING_TIMEOUT_MS: number = MINUTE_MS;

/** When a transaction out is cut. RFC 5321 4.5.3.2.6 waits 10 minutes for the last reply. */
export const TRANSACTION_MS: number = 11 * MINUTE_MS;

/** Items that a worker leases at a time. */
export const LEASE_ITEMS_MAX = 100;

/** Items that it begins with: where nobody can be reached, each that was leased is written twice for nothing. Ours. */
export const LEASE_FIRST_ITEMS_MAX = 10;

/** How long a destination rests after nothing there could be reached; below the first retry. */
export const DESTINATION_REST_MS: number = MINUTE_MS;

/** Destinations remembered as resting; beyond it the oldest is forgotten and merely tried again. */
export const RESTING_DESTINATIONS_MAX = 10_000;

/** Share of all connections that destinations which failed lately may hold together. */
export const FAILING_SHARE = 0.5;

/** A destination that has not greeted us by then does not take a place among the connections any more. Ours: live servers take less. */
export const SLOW_AFTER_MS = 50;

/** Connections that wait so long for a greeting, beside those that count. Ours: each costs a socket and a lease. */
export const SLOW_CONNECTIONS_MAX = 500;

/** The loop looks at the queue at least so often: events are hints, polling is the truth. */
export const POLL_MS: number = MINUTE_MS;

/** After the store refused the loop waits so long. */
export const STORE_PAUSE_MS: number = 5 * SECOND_MS;

/** What `stop` waits for running transactions before it cuts them. */
export const STOP_GRACE_MS: number = 2 * SECOND_MS;

/** When `stop` returns at the latest. */
export const STOP_MS: number = 3 * SECOND_MS;

/** How long it is believed that a domain or an account is here. What is not known is looked up each time. */
export const DIRECTORY_CACHE_MS: number = SECOND_MS;

/** Accounts that are believed to be here; beyond it all are looked up again. */
export const ACCOUNTS_CACHED_MAX = 10_000;

/** Octets of a message that one read from the store brings into memory on its way out. */
export const SEND_CHUNK_OCTETS: number = 256 * 1024;

/** Octets of the original's header that a delivery report returns. RFC 3462 2 (text/rfc822-headers). */
export const REPORT_HEADER_OCTETS_MAX: number = 64 * 1024;

/** Octets of a HELO argument in our Received field. RFC 5321 4.5.3.1.2 */
export const HELO_OCTETS_MAX = 255;

/** Octets of random in the id that a 250 names. */
export const MESSAGE_ID_OCTETS = 8;

/** Octets of the Date and Message-ID that a submission may lack, at most. */
export const ADDED_FIELDS_OCTETS_MAX = 512;

/** How often a settlement is tried again while the store can't; with `STORE_PAUSE_MS` between, well below a lease. */
export const SETTLE_TRIES_MAX = 24;

/** How long an item that was delivered waits for others that are settled with it. Ours: nobody waits for it. */
export const SETTLE_WITHIN_MS = 20;

/** Items of one transaction that ends leases. Ours: as many as are leased together. */
export const SETTLED_TOGETHER_MAX = 100;

/** Items delivered and not settled, above which a worker waits: after a crash so many of each connection at most are sent twice. Ours. */
export const UNSETTLED_MAX = 32;

/** Addresses in the From or Sender field of a submission: each is looked up. Ours; more than one is rare. */
export const AUTHORS_MAX = 16;

/** Characters of a server's reply that are kept for people. Ours; a reply line has at most 512 octets (RFC 5321 4.5.3.1.5). */
export const REPLY_CHARACTERS_MAX = 1000;

/** Accounts without room that are remembered; more are found out again. */
export const FULL_ACCOUNTS_MAX = 10_000;

/** Questions to DNS that verifying one message may cost: 64 in all, of which DMARC has its own. Ours. */
export const VERIFY_QUESTIONS_MAX = 48;
export const DMARC_QUESTIONS_MAX = 16;

/**
 * How long they may take: 20 s in all. Ours: well below the 10 minutes that a client waits for the end of DATA. RFC 5321 4.5.3.2.6. A sender whose
 * own names are never answered uses up the first, and nothing of what is left to ask for the policy of the author.
 */
export const VERIFY_MS: number = 15 * SECOND_MS;
export const DMARC_MS: number = 5 * SECOND_MS;

/** Names of a peer's address that are asked for theirs. Ours: as SPF does (RFC 7208 4.6.4). */
export const PTR_NAMES_MAX = 10;

/** Octets of our Authentication-Results field, about: eight signatures with their reasons. */
export const RESULTS_OCTETS_MAX: number = 8 * 1024;

/** How long counts wait for others that are written with them. Ours: a crash forgets them, and nobody was promised any. */
export const TALLY_FLUSH_MS: number = SECOND_MS;

/** Characters of a reason in a report about TLS. Ours. */
export const TLS_REASON_CHARACTERS_MAX = 200;

/** Counts that wait; new ones beyond are lost. Ours. */
export const TALLIES_WAITING_MAX = 10_000;

/** How long after midnight (UTC) reports go out at most; each server has its own time. Ours: so that not all of them come at once. */
export const REPORT_DELAY_MS_MAX: number = HOUR_MS;

/** How often it is looked whether there is something to report, the first time after a start a minute. Ours. */
export const REPORT_LOOK_MS: number = 30 * MINUTE_MS;
export const REPORT_FIRST_LOOK_MS: number = MINUTE_MS;

/** Days that something waits to be reported, while DNS does not answer or nobody can sign. Ours. */
export const REPORT_KEPT_DAYS = 7;

/** Questions to DNS about who gets one report, and how long they may take together. Ours: 10 destinations with their walks. */
export const REPORT_QUESTIONS_MAX = 100;
export const REPORT_MS_MAX: number = 10 * SECOND_MS;

/** All the web servers that a report could be given to, together. Ours. */
export const REPORT_POST_MS_MAX: number = 20 * SECOND_MS;

/** Days that a report is offered to web servers which do not take it: that after the one that it is about. RFC 8460 5.5 */
export const REPORT_POST_DAYS = 1;

/** Octets of random in the name of a report: RFC 9990 3.5.1 wants it unique. */
export const REPORT_ID_OCTETS = 16;

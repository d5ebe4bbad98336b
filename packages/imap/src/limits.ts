/** A command without its literals before and after authentication. RFC 7162 4 recommends at least 8,192. */
export const COMMAND_OCTETS_MAX_BEFORE_LOGIN: number = 8 * 1024;
/** Long lists of UIDs come from clients of large mailboxes. */
export const COMMAND_OCTETS_MAX: number = 64 * 1024;
/** RFC 7888 4: a literal before authentication. */
export const LITERAL_OCTETS_MAX_BEFORE_LOGIN: number = 4096;
/** All literals of one command, a message of APPEND not counted. */
export const LITERALS_OCTETS_MAX: number = 64 * 1024;
/** Literals of one command: more than all that a command may name. */
export const LITERALS_MAX: number = 1000;
/** How much of a refused literal, or of a line that is too long, is skipped before the connection ends. RFC 7888 4 */
export const SKIPPED_OCTETS_MAX_BEFORE_LOGIN: number = 64 * 1024;
/** A refused message of the usual size can still be skipped, so that the client reads why. */
export const SKIPPED_OCTETS_MAX: number = 64 * 1024 * 1024;
/** RFC 3501 9: nz-number and number are unsigned 32-bit. */
export const NUMBER_MAX: number = 4_294_967_295;
/** Digits of the largest mod-sequence. RFC 7162 7 */
export const MODSEQ_DIGITS_MAX: number = 19;
/** UIDs named in one VANISHED response, so that no line grows too long for a client. */
export const VANISHED_UIDS_MAX: number = 5000;
/** A tag is echoed in answers. */
export const TAG_OCTETS_MAX: number = 64;
/** A mailbox name, decoded to UTF-8. Our own choice: clients show names in one line. */
export const MAILBOX_OCTETS_MAX: number = 1000;
/** Flags named in one command. */
export const FLAGS_MAX: number = 64;
/** One keyword. */
export const KEYWORD_OCTETS_MAX: number = 255;
/** Ranges in one sequence set, as many as fit into a command. */
export const SET_RANGES_MAX: number = 16_384;
/** Items of one FETCH, one STATUS or one LIST. */
export const ITEMS_MAX: number = 100;
/** Texts of one search that the backend's index is asked for. */
export const INDEXED_TEXTS_MAX: number = 8;
/** The largest message that is indexed, and the longest text: larger ones are read by every search. */
export const INDEXED_OCTETS_MAX: number = 1024 * 1024;
/** What a search of headers reads of messages beyond their headers, so that later ones find them indexed. */
export const INDEX_READ_OCTETS_MAX: number = 32 * 1024 * 1024;
/** Text that is indexed at a time: the store works on it for some 10 ms. */
export const INDEX_BATCH_UNITS: number = 128 * 1024;
/** Messages that are indexed at a time. */
export const INDEX_BATCH_MESSAGES: number = 100;
/** Criteria of one SORT: each of them rising and falling. */
export const SORT_KEYS_MAX: number = 14;
/** How much of a subject or an address is compared by SORT and THREAD, so that their memory is bounded. */
export const SORT_TEXT_UNITS_MAX: number = 500;
/** References of one message that THREAD follows, the nearest. */
export const REFERENCES_MAX: number = 100;
/** Looks at parents in one THREAD, for messages whose references contradict each other. */
export const THREAD_STEPS_MAX: number = 10_000_000;
/** Fields named in one HEADER.FIELDS. */
export const FIELDS_MAX: number = 200;
/** Part numbers in one section; the nesting that mime follows ends before. */
export const SECTION_DEPTH_MAX: number = 100;
/** Keys of one SEARCH, operators among them. */
export const SEARCH_KEYS_MAX: number = 500;
/** Parentheses and operators open at one time in a SEARCH. */
export const SEARCH_DEPTH_MAX: number = 100;
/** Messages of one APPEND. */
export const APPEND_MESSAGES_MAX: number = 1000;
/** Octets of all messages of one APPEND: they are kept apart until the last of them is there. */
export const APPEND_OCTETS_MAX: number = 1024 * 1024 * 1024;
/** URLs of one APPEND, each of which may take reading a whole message. */
export const APPEND_URLS_MAX: number = 100;
/** Mailboxes that may change between two looks of NOTIFY before the client has to look for itself. RFC 5465 5.8 */
export const NOTIFY_RESPONSES_MAX: number = 1000;
/** RFC 2971 3.3 */
export const ID_PAIRS_MAX: number = 30;
/** Octets that are put together before they are written. */
export const WRITE_OCTETS: number = 64 * 1024;
/** What is read at a time of a message that is passed through. */
export const BLOB_CHUNK_OCTETS: number = 256 * 1024;
/** The beginning of a message in which its header is looked for before all of it is read. */
export const HEADER_READ_OCTETS: number = 64 * 1024;
/** The beginning of a message that its preview is made of. */
export const PREVIEW_READ_OCTETS: number = 256 * 1024;
/** Messages whose threads are asked for at once: the headers of all of them may have to be read. */
export const THREADS_PER_QUESTION: number = 200;
/** Messages that SEARCH looks at before it lets others work. */
export const SEARCH_MESSAGES_PER_TURN: number = 2000;
/** Octets in a quoted string of ours; longer ones become literals. */
export const QUOTED_OCTETS_MAX: number = 1000;

/** How long a connection may take to close. */
export const CLOSE_TIMEOUT_MS: number = 10_000;

/** What an operator may set. */
export interface ImapLimits {
  /** Octets of one message in APPEND. */
  readonly messageOctetsMax: number;
  /** Before authentication, from the greeting on. */
  readonly loginTimeoutMs: number;
  /** Without a command. RFC 3501 5.4: at least 30 minutes. */
  readonly idleTimeoutMs: number;
  /** How long the client may take to accept output that waits. */
  readonly writeTimeoutMs: number;
  /** Answers of BAD before the connection ends. */
  readonly faultsMax: number;
  /** How long the answer to a failed login is held back. */
  readonly loginDelayMs: number;
  /** Failed logins before the connection ends. */
  readonly loginFailuresMax: number;
}

/** Used where nothing else is set. */
export const defaultLimits: ImapLimits = {
  messageOctetsMax: 50 * 1024 * 1024,
  loginTimeoutMs: 60_000,
  idleTimeoutMs: 30 * 60_000,
  writeTimeoutMs: 5 * 60_000,
  faultsMax: 20,
  loginDelayMs: 1000,
  loginFailuresMax: 3,
};

/** Until a file of another server begins. Ours: it may be one that is to come. */
export const FILE_MS_MAX = 60_000;
/** For a profile that a client waits for. Ours. */
export const PROFILE_MS_MAX = 15_000;
/** For a directory that a client waits for. Ours. */
export const DIRECTORY_MS_MAX = 15_000;
/** For the keys of a server. Ours. */
export const KEYS_MS_MAX = 20_000;
/** Octets of what a server says of its keys. Ours: with 32 old keys it has a tenth of it. */
export const KEYS_OCTETS_MAX = 65_536;
/** Keys of one server that are kept. Ours: servers have one or two, and change them once in years. */
export const KEYS_OF_SERVER_MAX = 64;
/** Servers whose keys are asked for at a time, so that strangers with made-up names can't take all sockets. Ours. */
export const KEY_FETCHES_MAX = 64;
/** Servers whose keys are held in memory. Ours. */
export const RINGS_MAX = 2_000;
/** After keys could not be had, a server is asked again after so long, then twice as long each time. Ours. */
export const KEYS_RETRY_MS_MIN = 5_000;
export const KEYS_RETRY_MS_MAX = 3_600_000;
/** A key that a server did not have is asked for again after so long: servers change keys and sign with them at once. Ours. */
export const KEYS_AGAIN_MS = 60_000;
/** Signatures of one server on an object that are looked at. Ours: more than one is made while a key is changed. */
export const SIGNATURES_MAX = 8;
/** What we say of our keys holds for a day. Server-server API, publishing keys: at most 7 days count */
export const OWN_KEYS_VALID_MS: number = 24 * 3_600_000;
/** Servers that are looked up in one question to a notary. Ours. */
export const NOTARY_SERVERS_MAX = 100;
/** Octets of an answer. Ours: 100 events of 65,536 octets. */
export const ANSWER_OCTETS_MAX: number = 8 * 1024 * 1024;
/** The same of one that has the state of a room: large ones of today have 24 MB. Ours. */
export const STATE_ANSWER_OCTETS_MAX: number = 64 * 1024 * 1024;
/** Events and other things in one transaction. Server-server API, transactions */
export const TRANSACTION_EVENTS_MAX = 50;
export const TRANSACTION_EDUS_MAX = 100;
/** For one transaction to another server. Ours: it may ask others before it answers. */
export const TRANSACTION_MS_MAX = 60_000;
/** Servers that are sent to at a time; and of those that could not be reached last, which wait for their time-outs. Ours. */
export const SENDING_MAX = 200;
export const SENDING_FAILING_MAX = 50;
/** Who could not be reached is tried again after so long, then twice as long each time, up to the longest; each a fifth longer or shorter by chance. Ours. */
export const RESEND_MS_MIN = 1_000;
export const RESEND_MS_MAX: number = 6 * 3_600_000;
export const RESEND_JITTER = 0.2;
/** Who asks us is there: what waits for it is tried, but not more often. Ours. */
export const HEARD_MS_MIN = 2_000;
/** Until it is looked again without a reason, and where the store can do nothing now. Ours. */
export const OUTBOX_POLL_MS = 60_000;
export const OUTBOX_PAUSE_MS = 2_000;

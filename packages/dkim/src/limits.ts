/** Signatures of a message that are looked at; each may cost a question and an RSA operation. Ours: mailing lists leave two or three. */
export const SIGNATURES_MAX = 8;

/** Tags of one signature or key record. Ours; RFC 6376 3.5 knows 14. */
export const TAGS_MAX = 64;

/** RFC 8301 3.2: a smaller key proves nothing any more. */
export const RSA_BITS_MIN = 1024;

/** RFC 8301 3.2 asks for 4,096; larger ones cost the square of their size. */
export const RSA_BITS_MAX = 8192;

/** How far ahead of our clock a signature may say that it was made. Ours: clocks differ by minutes. RFC 6376 3.5 */
export const FUTURE_SECONDS_MAX = 300;

/** TXT records of one name that are looked at: RFC 6376 3.6.2.2 asks for one, and a key change may leave a second. Ours. */
export const KEY_RECORDS_MAX = 4;

/** Keys that are kept ready: making one of its octets costs as much as three signatures. Ours. */
export const CACHED_KEYS_MAX = 1000;

/** Characters of a key record that is kept. Ours: a key of 8,192 bits has 1,400. */
export const CACHED_RECORD_CHARACTERS_MAX = 4096;

/** RFC 1035 2.3.4, without the final dot. */
export const NAME_CHARACTERS_MAX = 253;

/** Octets of a canonical body that are put together before they are hashed, where they can't be hashed as they stand. Ours. */
export const BODY_PIECE_OCTETS = 16_384;

/** Octets of a first piece of a body that are kept until the next one or the end. Ours: more than most messages without attachments have. */
export const HELD_BODY_OCTETS_MAX = 32_768;
/** A shorter piece is copied to memory of its own size. Ours. */
export const ROOM_OCTETS_MIN = 4096;
/** Rooms for such pieces that are kept for other bodies. Ours. */
export const FREE_ROOMS_MAX = 8;

/** Fields of one name that are signed. Ours: those that occur more than once are few. */
export const REPEATED_FIELDS_MAX = 20;

/** RFC 8617 4.2.1: ARC sets of a message. */
export const ARC_SETS_MAX = 50;

/** Characters of a line of a signature field that we write. RFC 5322 2.1.1 */
export const LINE_CHARACTERS = 76;

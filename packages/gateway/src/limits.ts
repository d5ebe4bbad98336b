/** Octets of a message that is shown in a room; a larger one stays in the mailbox, and the room is told. Our own bound. */
export const MAIL_OCTETS_MAX: number = 32 * 1024 * 1024;
/** Characters of text in one event: an event has 65,536 octets, and a character up to four, escaped up to six. */
export const TEXT_CHARACTERS_MAX = 8_000;
/** Characters of a subject and of a name. RFC 5322 2.1.1 has 998 octets a line. */
export const SUBJECT_CHARACTERS_MAX = 300;
export const NAME_CHARACTERS_MAX = 100;
/** People of a conversation who get what is said in the room. Our own bound. */
export const CORRESPONDENTS_MAX = 50;
/** Identifiers that an answer refers to: the first and the newest. Our own bound; RFC 5322 has none. */
export const REFERENCES_MAX = 20;
/** Messages of one author that are shown within an hour; what is more stays in the mailbox. Our own bound against a bomb of mail. */
export const SHOWN_OF_AUTHOR_MAX = 30;
/** The same of all authors of one address. */
export const SHOWN_MAX = 300;
/** How long they count. */
export const SHOWN_MS = 3_600_000;
/** Authors who are counted; of one more the one who was quiet longest is forgotten. */
export const AUTHORS_MAX = 1_000;
/** Events that are looked at in one step. */
export const EVENTS_A_STEP = 50;
/** Messages that are looked at in one step. */
export const MAILS_A_STEP = 20;
/** What failed for want of the store is tried again after so long. */
export const AGAIN_MS = 5_000;
/** Members that an address may have. Our own bound, as for rooms. */
export const MEMBERS_MAX = 100;
/** Files of one message that are shown. Our own bound. */
export const FILES_MAX = 20;
/** Octets of a file that goes out with a message. Our own bound: many servers take no message of more than 35 MB. */
export const FILE_OCTETS_MAX: number = 20 * 1024 * 1024;
/** Octets of all files of an address. Our own bound. */
export const FILES_OCTETS_MAX: number = 2 * 1024 * 1024 * 1024;

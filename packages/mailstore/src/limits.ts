/** Mailboxes of one account. Our own choice: clients list all of them, and matching takes time for each. */
export const MAILBOXES_MAX: number = 5000;
/** Octets of the messages of one APPEND that wait in memory; more go to the disk as they come. */
export const APPEND_HELD_OCTETS_MAX: number = 1024 * 1024;

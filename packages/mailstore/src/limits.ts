/** Mailboxes of one account. Our own choice: clients list all of them, and matching takes time for each. */
export const MAILBOXES_MAX: number = 5000;

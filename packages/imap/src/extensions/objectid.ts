/** RFC 8474 4: the name of a mailbox that it keeps when it is renamed. */
export function mailboxId(object: number): string {
  return `F${object}`;
}

/** RFC 8474 5.1: the name of a message that all copies of it have. */
export function emailId(message: number): string {
  return `M${message}`;
}

/** RFC 8474 5.2: the name of a thread. */
export function threadId(thread: number): string {
  return `T${thread}`;
}

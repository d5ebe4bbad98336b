/** RFC 8474 4: the name of a mailbox that it keeps when it is renamed. */
export function mailboxId(object: number): string {
  return `F${object}`;
}

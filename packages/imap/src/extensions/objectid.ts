import type { Reader } from "../reader.ts";
import { ImapClass } from "../syntax.ts";

/** RFC 8474 7: objectid = 1*255(ALPHA / DIGIT / "_" / "-") */
const OBJECT_ID_LENGTH_MAX = 255;

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

/** The number in the name of an object, or one that nothing has: who asks for a name of somebody else finds nothing. RFC 8474 7 */
export function readObjectId(reader: Reader, kind: "M" | "T"): number | undefined {
  const name = reader.text(ImapClass.atom);
  if (!/^[\w-]+$/.test(name) || name.length > OBJECT_ID_LENGTH_MAX)
    return reader.fail("object-id-expected", "RFC 8474 7");
  return name.startsWith(kind) && /^[1-9]\d{0,15}$/.test(name.slice(1)) ? Number(name.slice(1)) : 0;
}

/** What a library reads of one message, in the same words for all. */
export interface Answer {
  /** Why there is none of the rest. */
  readonly error?: string;
  /** Mailboxes of From: name and address. */
  readonly from: readonly (readonly [name: string, address: string])[];
  readonly subject: string | null;
  /** Seconds since 1970. */
  readonly date: number | null;
  /** Of all leaves; undefined where the library does not show them. */
  readonly types?: readonly string[];
  /** What is shown as text, and as HTML: leaves that are no files. */
  readonly texts: readonly string[];
  readonly pages: readonly string[];
  /** All other leaves, by name, octets and hash. */
  readonly files: readonly (readonly [name: string | null, octets: number, hash: number])[];
}

/** FNV-1a of 32 bits. */
export function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const octet of bytes) hash = Math.imul(hash ^ octet, 0x01000193);
  return hash >>> 0;
}

import type { Diagnostic } from "@scop/wire";

/** One header field: where it stands. Nothing of its value is decoded. */
export interface HeaderField {
  /** As it is written. */
  readonly name: string;
  /** In lower case, for comparison. */
  readonly lowerName: string;
  /** Where the name begins. */
  readonly offset: number;
  /** Octets of the whole field, folded lines and the last line end included. */
  readonly length: number;
  /** Behind the colon: the value goes on to `offset + length`, line end included. */
  readonly valueOffset: number;
}

/** Header fields and the byte string they stand in. A `Message` is one; so is `{ bytes, header: part.header }`. */
export interface HeaderView {
  readonly bytes: Uint8Array;
  readonly header: readonly HeaderField[];
}

/** A header that was read alone. */
export interface Header extends HeaderView {
  /** Behind the blank line; the number of octets if there is no body. */
  readonly bodyOffset: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** RFC 2045 6.1; `unknown` for any other word, which is read as `binary` (RFC 2045 6.4). */
export type TransferEncoding = "7bit" | "8bit" | "binary" | "quoted-printable" | "base64" | "unknown";

/**
 * One part of a message, by its place. All offsets count from the start of the byte string of the message.
 * A multipart has the parts between its delimiters as children; a message/rfc822 or message/global has one child, the message within,
 * whose header begins where the body of the part does, or behind an envelope line there; all others have none.
 */
export interface Part {
  readonly header: readonly HeaderField[];
  readonly headerOffset: number;
  /** Behind the blank line. */
  readonly bodyOffset: number;
  /** Behind the last octet of the body. The line end before a delimiter belongs to the delimiter. RFC 2046 5.1.1 */
  readonly end: number;
  /** `type/subtype` in lower case, with the default where none or a malformed one was given. RFC 2045 5.2, RFC 2046 5.1.5 */
  readonly mediaType: string;
  readonly encoding: TransferEncoding;
  readonly children: readonly Part[];
}

/** A message: its bytes, unchanged, and an index over them. */
export interface Message extends HeaderView {
  readonly root: Part;
  /** In the order in which they were found, at most `MimeLimits.diagnostics`. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Text with what was noticed on the way. Offsets count from the start of what was read. */
export interface Decoded<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Charsets beyond those that are built in. */
export interface Charsets {
  /** Text of octets by the charset of this label in lower case; undefined where the label is unknown. The octets are lent: they change later. */
  decode(label: string, bytes: Uint8Array): string | undefined;
}

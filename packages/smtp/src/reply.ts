/** One reply of a server. RFC 5321 4.2, RFC 3463 */
export interface Reply {
  /** 200 to 599. */
  readonly code: number;
  /** RFC 3463, as in `5.1.1`; undefined where none is sent (greeting, EHLO, 334, 354). */
  readonly enhanced: string | undefined;
  /** One or more lines of text, without line breaks. */
  readonly lines: readonly string[];
}

/** What one message may cost. Reaching a limit ends the reading there: the index so far, and a diagnostic. */
export interface MimeLimits {
  /** Parts within parts, multipart and message/rfc822 counted together. */
  readonly depth: number;
  /** Parts of all kinds in one message. */
  readonly parts: number;
  /** Octets of one header. */
  readonly headerOctets: number;
  /** Fields of one header. */
  readonly fields: number;
  /** Fields of all headers of one message. */
  readonly fieldsTotal: number;
  /** Octets of a line without its end; longer ones are noted, not cut. */
  readonly lineOctets: number;
  /** Parameters of one field, continuations of RFC 2231 counted one by one. */
  readonly parameters: number;
  /** Groups and mailboxes of one field, members among them. */
  readonly addresses: number;
  /** Diagnostics kept. */
  readonly diagnostics: number;
}

/** RFC 5322 2.1.1: characters of a line without its end, in what we write and in what is noted. */
export const LINE_OCTETS_MAX = 998;
/** RFC 5322 2.1.1: where lines that we write are folded. */
export const LINE_OCTETS_SOFT = 78;
/** RFC 2047 2 */
export const ENCODED_WORD_OCTETS_MAX = 75;
/** RFC 2045 6.7, 6.8: characters of an encoded line. */
export const ENCODED_LINE_OCTETS = 76;
/** Octets of a delimiter line that are looked at. RFC 2046 5.1.1 says 70 for the boundary; real mail goes far beyond. */
export const DELIMITER_OCTETS_MAX = 1_100;
/** RFC 2046 5.1.1: characters of a boundary; longer ones are noted and hold all the same. */
export const BOUNDARY_CHARACTERS_MAX = 70;
/** Message identifiers of one field. */
export const MESSAGE_IDS_MAX = 1_000;
/** Comments of a Received field, or of one result, that are given. */
export const COMMENTS_MAX = 100;
/** Addresses of one List field, which needs two. */
export const LIST_URLS_MAX = 100;
/** Tags of one Content-Language. */
export const LANGUAGES_MAX = 100;
/** Files within one text. */
export const UUENCODED_FILES_MAX = 1_000;
/** Attachments of one TNEF stream. */
export const TNEF_ATTACHMENTS_MAX = 1_000;
/** Octets of a file name that is handed out. */
export const FILE_NAME_CHARACTERS_MAX = 255;

/** The limits that hold where none are given. No RFC sets them, that of lines aside; real mail stays a hundred times below. */
export const mimeLimits: MimeLimits = {
  depth: 100,
  parts: 10_000,
  headerOctets: 1_048_576,
  fields: 10_000,
  fieldsTotal: 50_000,
  lineOctets: LINE_OCTETS_MAX,
  parameters: 1_000,
  addresses: 10_000,
  diagnostics: 1_000,
};

/** All limits, those that were not given by their defaults. */
export function limitsOf(given: Partial<MimeLimits> | undefined): MimeLimits {
  return given === undefined ? mimeLimits : { ...mimeLimits, ...given };
}

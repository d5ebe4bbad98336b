/** What the reading does with one violation. RFC 7103 has the reasons for most. */
export interface ReadingRule {
  /** The code of the diagnostic. */
  readonly code: string;
  /** The rule that it names. Others of the same code may name the rule of another field. */
  readonly rule: string;
  /** Whether strict reading refuses it: an RFC forbids it, or what was read is not all. */
  readonly isForbidden: boolean;
  /** How lenient reading goes on. */
  readonly recovery: string;
}

type Row = readonly [code: string, rule: string, strict: "refused" | "kept", recovery: string];

const rows: readonly Row[] = [
  ["byte-order-mark", "RFC 5322 2.2", "refused", "passed over"],
  [
    "mbox-from",
    "RFC 4155 A",
    "refused",
    "a line `From ` of at most 998 octets before the header is passed over, in a message within too",
  ],
  ["bare-lf", "RFC 5322 2.2", "refused", "a line end, in headers and before delimiters; elsewhere it stays"],
  ["bare-cr", "RFC 5322 2.2", "refused", "no line end; a space in the text of fields"],
  ["nul", "RFC 5322 4", "refused", "a space in the text of fields; stays in bodies"],
  ["line-length", "RFC 5322 2.1.1", "refused", "read whole"],
  ["line-end-missing", "RFC 5322 2.2", "refused", "the last line of the header ends with the octets"],
  ["raw-utf8", "RFC 6532 3.2", "kept", "read as UTF-8"],
  ["raw-8bit", "RFC 5322 2.2", "refused", "read as UTF-8, U+FFFD for what is none; the octets stay"],
  ["header-missing", "RFC 5322 2.1", "refused", "the header is empty, all octets are body"],
  ["header-not-ended", "RFC 2046 5.1", "refused", "a delimiter ends the header; the body is empty"],
  ["malformed-field", "RFC 5322 2.2", "refused", "the line is passed over, the header goes on"],
  ["space-before-colon", "RFC 5322 4.5", "refused", "belongs to neither name nor value"],
  ["whitespace-line", "RFC 5322 3.2.2", "refused", "goes on with the field; it does not end the header"],
  ["duplicate-field", "RFC 5322 3.6", "refused", "the first counts, everywhere; `fields` gives all"],
  ["from-missing", "RFC 5322 3.6", "refused", "none"],
  ["date-missing", "RFC 5322 3.6", "refused", "none"],
  ["sender-missing", "RFC 5322 3.6.2", "refused", "none; From has several mailboxes and all are given"],
  ["mime-version-missing", "RFC 2045 4", "refused", "content fields count all the same"],
  ["header-limit", "RFC 5322 2.1", "refused", "the header ends there"],
  ["content-type-malformed", "RFC 2045 5.2", "refused", "the default type"],
  ["encoding-unknown", "RFC 2045 6.4", "kept", "the octets as they are"],
  ["encoded-composite", "RFC 2045 6.4", "refused", "message: a leaf to decode and parse; multipart: read as it stands"],
  ["boundary-missing", "RFC 2046 5.1.1", "refused", "no parts"],
  ["boundary-malformed", "RFC 2046 5.1.1", "refused", "over 70 characters count; white space at the end goes"],
  ["multipart-not-closed", "RFC 2046 5.1.1", "refused", "ends with what holds it"],
  ["multipart-empty", "RFC 2046 5.1.1", "refused", "no parts; what was there is its body"],
  ["parts-limit", "RFC 2046 5.1", "refused", "the index ends there"],
  ["depth-limit", "RFC 2046 5.1", "refused", "the part is a leaf"],
  [
    "parameter-malformed",
    "RFC 2045 5.1",
    "refused",
    "passed over up to the next semicolon; a forgotten semicolon is supplied",
  ],
  ["duplicate-parameter", "RFC 2045 5.1", "refused", "the first counts"],
  ["quote-not-closed", "RFC 2045 5.1", "refused", "ends with the field"],
  ["parameters-limit", "RFC 2045 5.1", "refused", "the parameters so far"],
  ["parameter-section-missing", "RFC 2231 3", "refused", "the sections before the gap"],
  ["encoded-word-in-parameter", "RFC 2047 5", "refused", "decoded"],
  ["encoded-word-malformed", "RFC 2047 4", "refused", "junk is left out, a `=` without two digits stays"],
  ["encoded-word-length", "RFC 2047 2", "refused", "decoded"],
  ["encoded-line-break", "RFC 2047 5", "refused", "CR, LF and NUL out of an encoded-word are spaces"],
  ["unknown-charset", "RFC 2046 4.1.2", "kept", "no text; the octets, and the encoded-word, stay as they are"],
  ["malformed-charset", "RFC 2046 4.1.2", "refused", "U+FFFD for each malformed sequence"],
  ["base64-junk", "RFC 2045 6.8", "refused", "left out"],
  ["base64-after-padding", "RFC 2045 6.8", "refused", "a new group begins"],
  ["base64-cut", "RFC 2045 6.8", "refused", "the octets that are whole"],
  ["quoted-printable-malformed", "RFC 2045 6.7", "refused", "a `=` that nothing follows stays"],
  ["date-malformed", "RFC 5322 3.3", "refused", "no date"],
  ["date-zone", "RFC 5322 4.3", "refused", "UTC; of three digits the first is the hour"],
  ["date-text", "RFC 5322 3.3", "refused", "text behind the date is passed over"],
  [
    "message-id-malformed",
    "RFC 5322 3.6.4",
    "refused",
    "one word without brackets is an id; other text is passed over",
  ],
  ["received-by-missing", "RFC 5321 4.4", "kept", "the other clauses"],
  ["received-date-missing", "RFC 5321 4.4", "kept", "no date"],
  ["received-duplicate-clause", "RFC 5321 4.4", "kept", "the first counts"],
  ["authentication-results-malformed", "RFC 8601 2.2", "refused", "the result is passed over"],
  ["uuencode-not-ended", "POSIX uuencode", "kept", "ends before the first line that is no data"],
  ["tnef-malformed", "MS-OXTNEF 2.1.3", "kept", "what came before"],
  ["tnef-checksum", "MS-OXTNEF 2.1.3.1", "kept", "read all the same"],
  ["addresses-limit", "RFC 5322 3.4", "refused", "the addresses so far"],
  ["address-text", "RFC 5322 3.4", "refused", "passed over"],
  ["address-character", "RFC 5322 3.4", "refused", "passed over"],
  ["address-in-name", "RFC 5322 3.4", "refused", "a name without quotes that holds an address stays a name"],
  ["angle-missing", "RFC 5322 3.4", "refused", "the last words are the address, those before it the name"],
  ["angle-not-closed", "RFC 5322 3.4", "refused", "ends with the words"],
  ["comma-missing", "RFC 5322 3.4", "refused", "a new entry begins"],
  ["comment-not-closed", "RFC 5322 3.2.2", "refused", "ends with the field"],
  ["domain-missing", "RFC 5322 3.4.1", "refused", "the domain is empty"],
  ["address-empty", "RFC 5322 3.4.1", "refused", "both sides of it are empty"],
  ["local-part-missing", "RFC 5322 3.4.1", "refused", "the local part is empty"],
  ["group-nested", "RFC 5322 3.4", "refused", "members of the outer group"],
  ["group-not-closed", "RFC 5322 3.4", "refused", "ends with the field"],
  ["semicolon", "RFC 5322 3.4", "refused", "a comma"],
  ["source-route", "RFC 5322 4.4", "refused", "left out"],
];

/** Every diagnostic of reading, in the order of the table in the README. */
export const readingRules: readonly ReadingRule[] = rows.map(([code, rule, strict, recovery]) => ({
  code,
  rule,
  isForbidden: strict === "refused",
  recovery,
}));

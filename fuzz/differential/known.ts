/** A kind of disagreement that was looked at. */
interface Known {
  /** Of its signature. */
  readonly matches: RegExp;
  /** Why we read as we do. */
  readonly why: string;
}

/** The first one that matches decides. Signatures are: rival, field, kind of difference, what is malformed in the shortest input. */
export const KNOWN: readonly Known[] = [
  {
    matches: /^Python email \| From \|/,
    why: "Python's email makes an address of what is left when an encoded-word or a bracket breaks off; we pass over what is none, and take NUL out",
  },
  {
    matches: /^Python email \| Subject \| (?:they have none|we have more at the end)/,
    why: "Python's email ends the header at a bare CR within it; we go on at the next line, as RFC 5322 2.2 has lines end with CRLF",
  },
  {
    matches: /^Python email \| (?:attachments|text|types|HTML) \|/,
    why: "a bare CR in a field, or a delimiter in another case, is the end of the header or a part for Python's email alone",
  },
  {
    matches: /^Python email \| names \|/,
    why: "Python's email reads parameters behind a NUL, and puts pieces together of which one is missing; RFC 2231 3 numbers them from 0",
  },
  {
    matches: /^letterparser \| Subject \|/,
    why: "an encoded-word is decoded where a mark stands before it, as all but letterparser do; RFC 2047 5 asks for white space, senders forget it",
  },
  {
    matches: /^letterparser \| From \| .*group-not-closed/,
    why: "letterparser takes the name of a group for a part of the address behind it; RFC 5322 3.4 ends it at the colon",
  },
  {
    matches: /^letterparser \| From \| .*angle-not-closed/,
    why: "an angle that is not closed and has nothing in it is no address; letterparser takes the name before it, and the angle, for one",
  },
  {
    matches: /^\S+ \| (?:Date|From|Subject) \| we have none \| bare-lf$/,
    why: "a line that is no field stands first: there is no header, and what follows is text (RFC 5322 2.2); mailparser answers the time of reading for a date that is empty",
  },
  {
    matches: /^\S+ \| \S+ \| we have none \| bare-lf\+nul$/,
    why: "a line of NUL stands first: there is no header, and what follows is text",
  },
  {
    matches: /^\S+ \| From \| .*address-character.*local-part-missing/,
    why: "a backslash outside of quotes is in no address (RFC 5322 3.2.3); it is left out",
  },
  {
    matches: /^\S+ \| From \| .*(?:source-route|local-part-missing)/,
    why: "a route before an address is passed over, and what has no local part keeps its domain (RFC 5322 4.4)",
  },
  {
    matches: /^\S+ \| names \| .*parameter-section-missing/,
    why: "a piece of a name without the first one is none: RFC 2231 3 numbers them from 0",
  },
  {
    matches: /^Python email \| Date \| we have none/,
    why: "a bare CR ends no field (RFC 5322 2.2): what stands behind it is no Date",
  },
  {
    matches: /^Python email \| Subject \| other marks/,
    why: "NUL is taken out of what an encoded-word stands for",
  },
  {
    matches: /^\S+ \| From \| another text \| bare-cr/,
    why: "a bare CR is left out of an address, and what stands behind it goes on",
  },
  {
    matches: /^\S+ \| From \| we have none \| comment-not-closed/,
    why: "a comment alone, closed or not, is no address (RFC 5322 3.4)",
  },
  {
    matches: /^\S+ \| Subject \| other marks \| encoded-word-malformed/,
    why: "what the Q encoding does not allow stays as it stands (RFC 2047 4.2), a sign of equality with no digits behind it among it",
  },
  {
    matches: /^\S+ \| From \| .*nul$/,
    why: "NUL is in no address and no name; it is taken out, as what sends to it may end at it",
  },
  {
    matches: /^\S+ \| From \| we have more \| address-character\+address-text/,
    why: "a colon behind an address begins no group, whose name is a phrase (RFC 5322 3.4): the address stays",
  },
  {
    matches: /^\S+ \| From \| we have none \| address-character/,
    why: "a backslash alone is in no address (RFC 5322 3.2.3)",
  },
  {
    matches: /^\S+ \| From \| we have none \| well-formed$/,
    why: "a first line that begins with white space goes on with no field (RFC 5322 2.2.3): it is text",
  },
  {
    matches: /^\S+ \| names \| we have none \| bare-lf/,
    why: "a name of dots alone names a folder, and no file",
  },
  {
    matches: /^\S+ \| Subject \| .*nul$/,
    why: "NUL is in no field (RFC 5322 4 has it in obsolete text alone, which nobody may write); it is a space or gone, as what shows a subject may end at it",
  },
  {
    matches: /^postal-mime \| From \| another text \| .*unknown-charset$/,
    why: "an encoded-word of a charset that nobody knows stays as it is (RFC 2047 6.2); postal-mime takes it for UTF-8",
  },
  {
    matches: /^postal-mime \| names \| we have none \| line-end-missing$/,
    why: "a parenthesis behind the equals sign opens a comment, and is in no token (RFC 2045 5.1)",
  },
  {
    matches: /^mailparser \| names \| we have none \| line-end-missing$/,
    why: "a name that ends with a backslash names a folder, and no file",
  },
  {
    matches: /^\S+ \| names \| .*nul/,
    why: "NUL is taken out of a file name, as systems end names with it",
  },
  {
    matches: /^\S+ \| names \| (?:another text|other marks|they have more)/,
    why: "of a name with a backslash the last part stands, so that it leads nowhere; of two forms of a name the first complete one counts (RFC 2231 4)",
  },
];

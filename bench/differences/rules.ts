import { checkMessage, parseMessage, partsOf } from "@scop/mime";
import { runtimeCharsets } from "@scop/node-host/charsets";
import type { Answer } from "./answer.ts";
import type { Aspect, Difference } from "./compare.ts";

/** What a rule may look at. */
interface Case {
  /** All that `checkMessage` notes of the message. */
  readonly codes: ReadonlySet<string>;
  /** The media types of all parts. */
  readonly types: ReadonlySet<string>;
  readonly ours: Answer;
  readonly theirs: Answer;
  readonly difference: Difference;
}

/** One rule of reading that decides a difference. */
export interface Rule {
  readonly aspects: readonly Aspect[];
  /** The code among the rules of reading, or the section of an RFC. */
  readonly rule: string;
  /** What we do by it. */
  readonly we: string;
  readonly decides: (found: Case) => boolean;
}

const CONTENT: readonly Aspect[] = ["types", "text", "HTML", "attachments"];
const FIELDS: readonly Aspect[] = ["From", "Subject", "Date"];

/** A rule of the table in the README of `@scop/mime`, for messages that have its code. */
function byCode(aspects: readonly Aspect[], code: string, we: string): Rule {
  return { aspects, rule: `\`${code}\``, we, decides: ({ codes }) => codes.has(code) };
}

function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, "");
}

const FIELD_RULES: readonly Rule[] = [
  {
    aspects: ["From"],
    rule: "RFC 5322 3.6.2",
    we: "From may have several mailboxes: all are given",
    decides: ({ ours, theirs, codes }) =>
      ours.from.length > theirs.from.length && theirs.from.length > 0 && !codes.has("comma-missing"),
  },
  byCode(["From"], "comma-missing", "a second address begins a new entry"),
  byCode(["From"], "angle-missing", "the last word is the address, those before it are the name"),
  {
    aspects: ["From"],
    rule: "RFC 5322 3.4",
    we: "a name that repeats the address is a name all the same",
    decides: ({ ours, theirs }) =>
      ours.from.some(([name, address], index) => name === address && theirs.from[index]?.[0] === ""),
  },
  {
    aspects: ["From"],
    rule: "RFC 5322 3.2.2",
    we: "comments are no part of an address; where there is no name, the first comment is one",
    decides: ({ ours, theirs }) =>
      ours.from.length === 1 &&
      theirs.from.length === 1 &&
      JSON.stringify(theirs.from).length !== JSON.stringify(ours.from).length &&
      (/[()]/.test(theirs.from.join()) || theirs.from[0]![1] === ours.from[0]![1]),
  },
  byCode(["From"], "domain-missing", "one word alone is a local part, not a name"),
  byCode(["Subject"], "duplicate-field", "the first of two counts"),
  byCode(FIELDS, "whitespace-line", "the field goes on behind a line of white space"),
  byCode(FIELDS, "space-before-colon", "white space before the colon belongs to neither name nor value"),
  byCode(FIELDS, "malformed-field", "a line that is no field is passed over, the header goes on"),
  byCode(["Subject", "names"], "unknown-charset", "an encoded-word of an unknown charset stays as it is"),
  byCode(["Subject", "names"], "malformed-charset", "U+FFFD for each malformed sequence"),
  byCode([...FIELDS, "names"], "raw-8bit", "octets above 127 are UTF-8, U+FFFD where they are none"),
  byCode([...FIELDS, "names"], "raw-utf8", "octets above 127 are UTF-8"),
  byCode(["Date"], "date-malformed", "no date, neither a guess nor the time of reading"),
  byCode(["Date"], "date-text", "text behind the date is passed over"),
  byCode(["Date"], "date-zone", "a zone of three digits has one for the hour; one that says nothing is UTC"),
  {
    aspects: ["Date"],
    rule: "RFC 5322 4.3",
    we: "zones by name, comments anywhere",
    decides: ({ theirs }) => theirs.date === null,
  },
  {
    aspects: ["names"],
    rule: "RFC 2183 2.3",
    we: "the last name of a path, without controls, at most 255 characters",
    decides: ({ difference }) => /[\\/]/.test(difference.theirs),
  },
  byCode(["names"], "encoded-word-in-parameter", "an encoded-word in a file name is decoded"),
  {
    aspects: ["names"],
    rule: "RFC 2045 5.1",
    we: "a value without quotes goes on to the semicolon",
    decides: ({ difference }) => difference.ours.startsWith(difference.theirs),
  },
];

const CONTENT_RULES: readonly Rule[] = [
  {
    aspects: CONTENT,
    rule: "RFC 5322 2.1",
    we: "octets without a header are a body of text",
    decides: ({ codes, theirs }) => codes.has("header-missing") && theirs.types?.length === 1,
  },
  byCode(CONTENT, "encoded-composite", "an encoded message/rfc822 is one leaf, its octets decoded"),
  byCode(CONTENT, "header-not-ended", "a delimiter ends the header; the body is empty"),
  byCode(CONTENT, "content-type-malformed", "the default type"),
  {
    aspects: CONTENT,
    rule: "RFC 3464 2.1",
    we: "message/delivery-status is one leaf",
    decides: ({ types }) => types.has("message/delivery-status") || types.has("message/disposition-notification"),
  },
  {
    aspects: CONTENT,
    rule: "RFC 2046 5.2",
    we: "message/external-body and message/partial are leaves",
    decides: ({ types }) => types.has("message/external-body") || types.has("message/partial"),
  },
  byCode(CONTENT, "boundary-malformed", "a boundary of over 70 characters counts, up to a line of 1,100 octets"),
  byCode(CONTENT, "boundary-missing", "no parts; one body"),
  byCode(CONTENT, "multipart-empty", "no parts; what was there is its body"),
  byCode(CONTENT, "duplicate-field", "the first Content-Type counts"),
  byCode(CONTENT, "multipart-not-closed", "ends with what holds it"),
  byCode(CONTENT, "header-missing", "without a header all octets are body"),
  byCode(CONTENT, "unknown-charset", "no text: the octets are there as they came"),
  byCode(CONTENT, "malformed-charset", "U+FFFD for each malformed sequence, and no other charset is tried"),
  byCode(CONTENT, "raw-8bit", "octets above 127 in US-ASCII are UTF-8, U+FFFD where they are none"),
  byCode(CONTENT, "encoding-unknown", "the octets as they are"),
  byCode(CONTENT, "base64-after-padding", "a new group begins"),
  byCode(CONTENT, "base64-cut", "the octets that are whole"),
  byCode(CONTENT, "base64-junk", "left out"),
  byCode(CONTENT, "quoted-printable-malformed", "a `=` that nothing follows stays"),
  {
    aspects: ["text", "HTML", "attachments"],
    rule: "RFC 2046 5.2.1",
    we: "a message within is read like any other: its text is text, its files are files",
    decides: ({ types }) => types.has("message/rfc822") || types.has("message/global"),
  },
];

const REST: readonly Rule[] = [
  byCode(CONTENT, "whitespace-line", "a line of white space does not end the header"),
  byCode(CONTENT, "space-before-colon", "the header goes on behind a field with white space before its colon"),
  byCode(CONTENT, "malformed-field", "the header goes on behind a line that is no field"),
  {
    aspects: CONTENT,
    rule: "RFC 2046 5.1.1",
    we: "a delimiter is a whole line, and a boundary may have any characters",
    decides: ({ ours, theirs }) => theirs.types !== undefined && theirs.types.join() !== ours.types?.join(),
  },
  {
    aspects: ["text", "HTML"],
    rule: "RFC 2046 5.1.3",
    we: "each text is given alone: nothing stands between them, none is made into HTML",
    decides: ({ theirs, difference }) =>
      /<br\/>|<div>/.test(difference.theirs) && letters(theirs.pages.join("")).includes(letters(difference.ours)),
  },
  {
    aspects: ["text", "HTML", "attachments"],
    rule: "RFC 2045 6.1, RFC 2046 4.1.2",
    we: "an encoding is known in any case and behind any comment, a charset by all labels of WHATWG",
    decides: ({ ours, theirs, difference: { aspect } }) =>
      ours.files.length === theirs.files.length &&
      (aspect !== "attachments" || sizeOf(theirs) > sizeOf(ours) * 1.2 + 10),
  },
  {
    aspects: ["attachments"],
    rule: "RFC 2045 6.2",
    we: "a file of text is its octets: neither its line ends nor its charset are changed",
    decides: ({ ours, theirs }) => ours.files.length === theirs.files.length,
  },
  {
    aspects: ["text", "HTML", "attachments"],
    rule: "RFC 2183 2.10",
    we: "text that has a name or says `attachment` is a file, and so is text that is neither plain nor HTML",
    decides: ({ ours, theirs }) => ours.files.length > theirs.files.length,
  },
];

function sizeOf({ files }: Answer): number {
  return files.reduce((sum, [, octets]) => sum + octets, 0);
}

const RULES: readonly Rule[] = [
  { aspects: ["answer"], rule: "-", we: "every message is read", decides: () => true },
  ...FIELD_RULES,
  ...CONTENT_RULES,
  ...REST,
];

/** The rule that decides a difference; undefined where none does. */
export function ruleOf(bytes: Uint8Array, ours: Answer, theirs: Answer, difference: Difference): Rule | undefined {
  const message = parseMessage(bytes);
  const codes = new Set(checkMessage(message, { charsets: runtimeCharsets }).map(({ code }) => code));
  const types = new Set(partsOf(message.root).map(part => part.mediaType));
  const found: Case = { codes, types, ours, theirs, difference };
  return RULES.find(rule => rule.aspects.includes(difference.aspect) && rule.decides(found));
}

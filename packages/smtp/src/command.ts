import {
  type ForwardPath,
  formatPath,
  type PathRead,
  parseForwardPath,
  parseReversePath,
  type ReversePath,
} from "@scop/address";
import { type Diagnostic, isAscii, latin1, type Parsed, unreachable, utf8 } from "@scop/wire";
import type { MailParameters, RecipientParameters } from "./handler.ts";
import { HELO_OCTETS_MAX } from "./limits.ts";
import {
  mailParametersText,
  readMailParameters,
  readRecipientParameters,
  recipientParametersText,
} from "./parameters.ts";

/** The commands that are understood. RFC 5321 4.1.1, RFC 3207, RFC 4954, RFC 3030 2, RFC 2033 4.1 */
const VERBS = [
  "HELO",
  "EHLO",
  "LHLO",
  "MAIL",
  "RCPT",
  "DATA",
  "BDAT",
  "RSET",
  "NOOP",
  "VRFY",
  "EXPN",
  "HELP",
  "QUIT",
  "STARTTLS",
  "AUTH",
] as const;

export type Verb = (typeof VERBS)[number];

/** One command. */
export type Command =
  | { readonly verb: "HELO" | "EHLO" | "LHLO"; readonly domain: string }
  | { readonly verb: "MAIL"; readonly path: ReversePath; readonly parameters: MailParameters }
  | {
      readonly verb: "RCPT";
      readonly path: ForwardPath;
      readonly parameters: RecipientParameters;
      readonly utf8: boolean;
    }
  /** So many octets follow the line. RFC 3030 2 */
  | { readonly verb: "BDAT"; readonly octets: number; readonly last: boolean }
  | { readonly verb: "AUTH"; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly verb: "VRFY" | "EXPN"; readonly argument: string }
  | { readonly verb: "DATA" | "RSET" | "NOOP" | "HELP" | "QUIT" | "STARTTLS" };

/** Why a line is not a command. */
export type CommandFault =
  | "unknown-verb"
  /** A verb of HTTP: a browser was tricked into talking to us. */
  | "foreign-protocol"
  | "malformed-text"
  | "argument"
  | "sender-syntax"
  | "recipient-syntax"
  | "parameter-unknown"
  | "parameter-value"
  | "size-value"
  /** BDAT without a size: nobody knows where the next command begins. */
  | "chunk-size"
  | "utf8-not-declared";

export type CommandRead =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly fault: CommandFault; readonly detail: Diagnostic };

const FOREIGN_VERBS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT"]);
const KNOWN_VERBS: ReadonlySet<string> = new Set(VERBS);

function refuse(fault: CommandFault, offset: number, rule: string): CommandRead {
  return { ok: false, fault, detail: { code: fault, offset, length: 0, rule } };
}

/** Octets of a line that can be a verb: more than the longest has. */
const VERB_OCTETS_MAX = 16;

/** The verb of a line in upper case, of whatever it is made; bounded, and without looking at the rest. */
export function verbOf(line: Uint8Array): string {
  let end = 0;
  while (end < line.length && end < VERB_OCTETS_MAX && line[end] !== 32) end += 1;
  return latin1(line, 0, end).toUpperCase();
}

/** Whether `verbOf` gave one of ours. */
export function isVerb(verb: string): verb is Verb {
  return KNOWN_VERBS.has(verb);
}

/**
 * Reads one command line without its CRLF, which holds no CR, LF or NUL. White space at the end is let be (RFC 5321 4.1.1). What
 * is wrong comes back as a fault with its place; nothing throws. `verb` is what `verbOf` says of it.
 */
export function parseCommand(line: Uint8Array, verb: string = verbOf(line)): CommandRead {
  if (FOREIGN_VERBS.has(verb)) return refuse("foreign-protocol", 0, "RFC 5321 4.1.1");
  if (!isVerb(verb)) return refuse("unknown-verb", 0, "RFC 5321 4.2.4");
  const ascii = isAscii(line);
  const text = ascii ? latin1(line) : utf8(line);
  if (typeof text !== "string" && !text.ok) return refuse("malformed-text", text.error.offset, text.error.rule);
  const argument = (typeof text === "string" ? text : text.value).slice(verb.length + 1).trimEnd();
  switch (verb) {
    case "HELO":
    case "EHLO":
    case "LHLO":
      return hello(verb, argument, ascii);
    case "MAIL":
      return mail(argument, ascii);
    case "RCPT":
      return recipient(argument, ascii);
    case "AUTH":
      return auth(argument, ascii);
    case "BDAT":
      return chunk(argument);
    case "VRFY":
    case "EXPN":
      return argument === "" ? refuse("argument", verb.length, "RFC 5321 4.1.1.6") : command({ verb, argument });
    case "NOOP":
    case "HELP":
      return command({ verb });
    case "DATA":
    case "RSET":
    case "QUIT":
    case "STARTTLS":
      return argument === "" ? command({ verb }) : refuse("argument", verb.length, "RFC 5321 4.1.1.4");
    default:
      return unreachable(verb);
  }
}

function command(read: Command): CommandRead {
  return { ok: true, command: read };
}

/** Tolerant: clients name themselves in many ways. One word of printable US-ASCII is what a trace field can hold. RFC 5321 4.1.1.1 */
function hello(verb: "HELO" | "EHLO" | "LHLO", argument: string, ascii: boolean): CommandRead {
  const word = ascii && argument.length <= HELO_OCTETS_MAX && /^[!-~]+$/.test(argument);
  return word ? command({ verb, domain: argument }) : refuse("argument", verb.length + 1, "RFC 5321 4.1.1.1");
}

/** mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF   RFC 5321 4.1.1.2 */
function mail(argument: string, ascii: boolean): CommandRead {
  if (argument.slice(0, 5).toUpperCase() !== "FROM:") return refuse("argument", 5, "RFC 5321 4.1.1.2");
  const read = splitPath(parseReversePath(argument.slice(5)), argument.slice(5));
  if (read === undefined) return refuse("sender-syntax", 10, "RFC 5321 4.1.1.2");
  const parameters = readMailParameters(read.parameters);
  if (typeof parameters === "string") return refuse(parameters, 10, "RFC 5321 4.1.1.11");
  if (!ascii && !parameters.utf8) return refuse("utf8-not-declared", 10, "RFC 6531 3.4");
  return command({ verb: "MAIL", path: read.path, parameters });
}

/** rcpt = "RCPT TO:" Forward-path [SP Rcpt-parameters] CRLF   RFC 5321 4.1.1.3 */
function recipient(argument: string, ascii: boolean): CommandRead {
  if (argument.slice(0, 3).toUpperCase() !== "TO:") return refuse("argument", 5, "RFC 5321 4.1.1.3");
  const read = splitPath(parseForwardPath(argument.slice(3)), argument.slice(3));
  if (read === undefined) return refuse("recipient-syntax", 8, "RFC 5321 4.1.1.3");
  const parameters = readRecipientParameters(read.parameters);
  if (typeof parameters === "string") return refuse(parameters, 8, "RFC 5321 4.1.1.11");
  return command({ verb: "RCPT", path: read.path, parameters, utf8: !ascii });
}

/** bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CRLF   RFC 3030 2 */
function chunk(argument: string): CommandRead {
  const read = /^([0-9]{1,15})(?: +(LAST))?$/i.exec(argument);
  if (read === null) return refuse("chunk-size", 5, "RFC 3030 2");
  return command({ verb: "BDAT", octets: Number(read[1]), last: read[2] !== undefined });
}

/** AUTH mechanism [initial-response]   RFC 4954 4 */
function auth(argument: string, ascii: boolean): CommandRead {
  const [mechanism = "", initial, ...more] = argument.split(" ");
  const named = ascii && /^[A-Za-z0-9_-]{1,20}$/.test(mechanism);
  if (!named || more.length > 0) return refuse("argument", 5, "RFC 4954 4");
  return command({ verb: "AUTH", mechanism: mechanism.toUpperCase(), initial });
}

interface SplitPath<P> {
  readonly path: P;
  readonly parameters: string;
}

/** A path, and the parameters after it; undefined where the path is wrong or something sticks to it. */
function splitPath<P>(read: Parsed<PathRead<P>>, text: string): SplitPath<P> | undefined {
  if (!read.ok) return undefined;
  const rest = text.slice(read.value.characters);
  if (rest !== "" && !rest.startsWith(" ")) return undefined;
  return { path: read.value.path, parameters: rest.trim() };
}

/** MAIL as a client sends it; its line cannot hold CR or LF. `size` and the flags are written where they are set. */
export function formatMail(path: ReversePath, parameters: MailParameters): string {
  return `MAIL FROM:${formatPath(path)}${mailParametersText(parameters)}`;
}

/** RCPT as a client sends it. */
export function formatRecipient(path: ForwardPath, parameters: RecipientParameters = {}): string {
  return `RCPT TO:${formatPath(path)}${recipientParametersText(parameters)}`;
}

import {
  type ForwardPath,
  formatPath,
  type PathRead,
  parseForwardPath,
  parseReversePath,
  type ReversePath,
} from "@scop/address";
import { type Diagnostic, isAscii, latin1, type Parsed, unreachable, utf8 } from "@scop/wire";
import type { MailParameters } from "./handler.ts";
import { HELO_OCTETS_MAX, PARAMETERS_MAX } from "./limits.ts";
import { decodeXtext } from "./xtext.ts";

/** The commands that are understood. RFC 5321 4.1.1, RFC 3207, RFC 4954 */
const VERBS = [
  "HELO",
  "EHLO",
  "MAIL",
  "RCPT",
  "DATA",
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
  | { readonly verb: "HELO" | "EHLO"; readonly domain: string }
  | { readonly verb: "MAIL"; readonly path: ReversePath; readonly parameters: MailParameters }
  | { readonly verb: "RCPT"; readonly path: ForwardPath; readonly utf8: boolean }
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
  | "utf8-not-declared";

export type CommandRead =
  | { readonly ok: true; readonly command: Command }
  | { readonly ok: false; readonly fault: CommandFault; readonly detail: Diagnostic };

const FOREIGN_VERBS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT"]);
const KNOWN_VERBS: ReadonlySet<string> = new Set(VERBS);

function refuse(fault: CommandFault, offset: number, rule: string): CommandRead {
  return { ok: false, fault, detail: { code: fault, offset, length: 0, rule } };
}

/** The verb of a line in upper case, of whatever it is made; bounded, and without looking at the rest. */
export function verbOf(line: Uint8Array): string {
  const space = line.indexOf(32);
  return latin1(line, 0, Math.min(space < 0 ? line.length : space, 16)).toUpperCase();
}

/** Whether `verbOf` gave one of ours. */
export function isVerb(verb: string): verb is Verb {
  return KNOWN_VERBS.has(verb);
}

/**
 * Reads one command line without its CRLF, which holds no CR, LF or NUL. White space at the end is let be (RFC 5321 4.1.1). What
 * is wrong comes back as a fault with its place; nothing throws.
 */
export function parseCommand(line: Uint8Array): CommandRead {
  const verb = verbOf(line);
  if (FOREIGN_VERBS.has(verb)) return refuse("foreign-protocol", 0, "RFC 5321 4.1.1");
  if (!isVerb(verb)) return refuse("unknown-verb", 0, "RFC 5321 4.2.4");
  const ascii = isAscii(line);
  const text = ascii ? latin1(line) : utf8(line);
  if (typeof text !== "string" && !text.ok) return refuse("malformed-text", text.error.offset, text.error.rule);
  const argument = (typeof text === "string" ? text : text.value).slice(verb.length + 1).trimEnd();
  switch (verb) {
    case "HELO":
    case "EHLO":
      return hello(verb, argument, ascii);
    case "MAIL":
      return mail(argument, ascii);
    case "RCPT":
      return recipient(argument, ascii);
    case "AUTH":
      return auth(argument, ascii);
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
function hello(verb: "HELO" | "EHLO", argument: string, ascii: boolean): CommandRead {
  const word = ascii && argument.length <= HELO_OCTETS_MAX && /^[!-~]+$/.test(argument);
  return word ? command({ verb, domain: argument }) : refuse("argument", verb.length + 1, "RFC 5321 4.1.1.1");
}

/** mail = "MAIL FROM:" Reverse-path [SP Mail-parameters] CRLF   RFC 5321 4.1.1.2 */
function mail(argument: string, ascii: boolean): CommandRead {
  if (argument.slice(0, 5).toUpperCase() !== "FROM:") return refuse("argument", 5, "RFC 5321 4.1.1.2");
  const read = splitPath(parseReversePath(argument.slice(5)), argument.slice(5));
  if (read === undefined) return refuse("sender-syntax", 10, "RFC 5321 4.1.1.2");
  const parameters = mailParameters(read.parameters);
  if (typeof parameters === "string") return refuse(parameters, 10, "RFC 5321 4.1.1.11");
  if (!ascii && !parameters.utf8) return refuse("utf8-not-declared", 10, "RFC 6531 3.4");
  return command({ verb: "MAIL", path: read.path, parameters });
}

/** rcpt = "RCPT TO:" Forward-path [SP Rcpt-parameters] CRLF   RFC 5321 4.1.1.3 */
function recipient(argument: string, ascii: boolean): CommandRead {
  if (argument.slice(0, 3).toUpperCase() !== "TO:") return refuse("argument", 5, "RFC 5321 4.1.1.3");
  const read = splitPath(parseForwardPath(argument.slice(3)), argument.slice(3));
  if (read === undefined) return refuse("recipient-syntax", 8, "RFC 5321 4.1.1.3");
  if (read.parameters !== "") return refuse("parameter-unknown", 8, "RFC 5321 4.1.1.11");
  return command({ verb: "RCPT", path: read.path, utf8: !ascii });
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

/** RFC 1870 6, RFC 6152 3, RFC 6531 3.4, RFC 4954 5; a keyword given twice or not announced is refused. RFC 5321 4.1.1.11 */
function mailParameters(text: string): MailParameters | CommandFault {
  let size: number | undefined;
  let body: MailParameters["body"] = "7bit";
  let declared = false;
  const seen = new Set<string>();
  for (const parameter of text === "" ? [] : text.split(" ")) {
    if (parameter === "") continue;
    const equals = parameter.indexOf("=");
    const keyword = (equals < 0 ? parameter : parameter.slice(0, equals)).toUpperCase();
    const value = equals < 0 ? undefined : parameter.slice(equals + 1);
    if (seen.has(keyword) || seen.size >= PARAMETERS_MAX) return "parameter-value";
    seen.add(keyword);
    if (keyword === "SIZE") {
      if (value === undefined || !/^[0-9]{1,20}$/.test(value)) return "size-value";
      size = Number(value);
    } else if (keyword === "BODY") {
      if (value === undefined || !/^(?:7BIT|8BITMIME)$/i.test(value)) return "parameter-value";
      body = value.length === 4 ? "7bit" : "8bitmime";
    } else if (keyword === "SMTPUTF8") {
      if (value !== undefined) return "parameter-value";
      declared = true;
    } else if (keyword === "AUTH") {
      // RFC 4954 5: read and not believed, as for every client that is not trusted to speak for others
      if (value === undefined || !decodeXtext(value).ok) return "parameter-value";
    } else return "parameter-unknown";
  }
  return { size, body, utf8: declared };
}

/** MAIL as a client sends it; its line cannot hold CR or LF. `size` and the flags are written where they are set. */
export function formatMail(path: ReversePath, parameters: MailParameters): string {
  const size = parameters.size === undefined ? "" : ` SIZE=${parameters.size}`;
  const body = parameters.body === "8bitmime" ? " BODY=8BITMIME" : "";
  return `MAIL FROM:${formatPath(path)}${size}${body}${parameters.utf8 ? " SMTPUTF8" : ""}`;
}

/** RCPT as a client sends it. */
export function formatRecipient(path: ForwardPath): string {
  return `RCPT TO:${formatPath(path)}`;
}

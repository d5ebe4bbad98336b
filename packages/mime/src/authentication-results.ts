import { commentText, endOfComment, endOfQuoted, isBlank, wordsText } from "@scop/address/words";
import { CharClass, type Diagnostic, isClass, latin1 } from "@scop/wire";
import { endOfValue } from "./field-text.ts";
import { COMMENTS_MAX, type MimeLimits, mimeLimits } from "./limits.ts";
import type { HeaderField } from "./model.ts";

const QUOTE = 34;
const OPEN = 40;
const DOT = 46;
const SLASH = 47;
const SEMICOLON = 59;
const EQUALS = 61;

/** `smtp.mailfrom=a@b.example`: propspec of RFC 8601 2.2 */
export interface AuthenticationProperty {
  /** In lower case: `smtp`, `header`, `body`, `policy` and others. */
  readonly type: string;
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

/** One result: resinfo of RFC 8601 2.2 */
export interface AuthenticationResult {
  /** In lower case, as the version and the result word. */
  readonly method: string;
  /** 1 if it is not said. */
  readonly version: number;
  readonly result: string;
  readonly reason: string | undefined;
  /** What stands in comments, the first hundred, for people. */
  readonly comment: string;
  readonly properties: readonly AuthenticationProperty[];
}

/** An Authentication-Results field (and ARC-Authentication-Results behind its `i=`), taken apart. RFC 8601 2.2 */
export interface AuthenticationResults {
  /** Who says so; empty where nothing is there. Compare it before anything is believed. RFC 8601 5 */
  readonly server: string;
  readonly version: number;
  readonly results: readonly AuthenticationResult[];
  readonly diagnostics: readonly Diagnostic[];
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  /** Comments since the start of the result. */
  comment: string;
  commentsLeft: number;
}

/** CFWS; comments are gathered. */
function skipBlanks(reader: Reader): void {
  const { bytes, end } = reader;
  while (reader.at < end) {
    if (bytes[reader.at] === OPEN) {
      const behind = endOfComment(bytes, reader.at, end);
      if (reader.commentsLeft > 0) {
        const text = commentText(bytes, reader.at, behind);
        reader.comment = reader.comment === "" ? text : `${reader.comment} ${text}`;
        reader.commentsLeft -= 1;
      }
      reader.at = behind;
    } else if (isBlank(bytes[reader.at]!)) reader.at += 1;
    else return;
  }
}

function take(reader: Reader, octet: number): boolean {
  skipBlanks(reader);
  if (reader.at >= reader.end || reader.bytes[reader.at] !== octet) return false;
  reader.at += 1;
  skipBlanks(reader);
  return true;
}

/** Keyword: letters, digits and hyphens; in lower case. RFC 5321 4.1.2 */
function keyword(reader: Reader): string {
  const from = reader.at;
  while (reader.at < reader.end && isKeyword(reader.bytes[reader.at]!)) reader.at += 1;
  return latin1(reader.bytes, from, reader.at).toLowerCase();
}

function isKeyword(octet: number): boolean {
  return isClass(octet, CharClass.alpha | CharClass.digit) || octet === 45 || octet === 95;
}

/** A value: a quoted string, or all up to white space, a comment or a semicolon. `"a b"@c` is one value. */
function value(reader: Reader): string {
  const { bytes, end } = reader;
  const from = reader.at;
  while (reader.at < end) {
    const octet = bytes[reader.at]!;
    if (octet === QUOTE) reader.at = endOfQuoted(bytes, reader.at, end);
    else if (isBlank(octet) || octet === SEMICOLON || octet === OPEN) break;
    else reader.at += 1;
  }
  return wordsText(bytes, from, reader.at, "");
}

function versionOf(text: string): number {
  const version = text === "" || text.length > 9 ? Number.NaN : Number(text);
  return Number.isInteger(version) && version >= 0 ? version : 1;
}

/** reasonspec and propspecs, as far as they go. */
function readDetails(reader: Reader, most: number): Pick<AuthenticationResult, "reason" | "properties"> {
  const properties: AuthenticationProperty[] = [];
  let reason: string | undefined;
  while (properties.length < most) {
    skipBlanks(reader);
    const from = reader.at;
    const type = keyword(reader);
    if (type === "") break;
    if (take(reader, DOT)) {
      const name = keyword(reader);
      if (!take(reader, EQUALS)) {
        reader.at = from;
        break;
      }
      properties.push({ type, name, value: value(reader) });
    } else if (type === "reason" && take(reader, EQUALS)) reason ??= value(reader);
    else {
      reader.at = from;
      break;
    }
  }
  return { reason, properties };
}

/** methodspec and what follows it. Undefined where no method is. */
function readResult(reader: Reader, most: number): AuthenticationResult | undefined {
  const method = keyword(reader);
  const version = take(reader, SLASH) ? versionOf(keyword(reader)) : 1;
  if (method === "" || !take(reader, EQUALS)) return undefined;
  const result = keyword(reader);
  if (result === "") return undefined;
  const details = readDetails(reader, most);
  skipBlanks(reader);
  return { method, version, result, comment: reader.comment, ...details };
}

/** Moves to the next semicolon that is in no comment and no quoted string. Answers whether anything was passed over. */
function skipToSemicolon(reader: Reader): boolean {
  const { bytes, end } = reader;
  const from = reader.at;
  while (reader.at < end && bytes[reader.at] !== SEMICOLON) {
    const octet = bytes[reader.at]!;
    if (octet === QUOTE) reader.at = endOfQuoted(bytes, reader.at, end);
    else reader.at = octet === OPEN ? endOfComment(bytes, reader.at, end) : reader.at + 1;
  }
  return reader.at > from;
}

/**
 * What a server says that it found. Never fails: a result that is malformed is passed over and noted, and at the limit (`parameters` of
 * `MimeLimits`) the reading ends. `none` gives no results. Linear. RFC 8601 2.2
 */
export function parseAuthenticationResults(
  bytes: Uint8Array,
  field: HeaderField,
  limits: Pick<MimeLimits, "parameters"> = mimeLimits,
): AuthenticationResults {
  const reader: Reader = {
    bytes,
    at: field.valueOffset,
    end: endOfValue(bytes, field),
    comment: "",
    commentsLeft: COMMENTS_MAX,
  };
  const diagnostics: Diagnostic[] = [];
  const found = (code: string, from: number): void =>
    void diagnostics.push({ code, offset: from, length: reader.at - from, rule: "RFC 8601 2.2" });
  skipBlanks(reader);
  const server = value(reader);
  if (server === "") found("authentication-results-malformed", field.offset);
  skipBlanks(reader);
  const version = versionOf(keyword(reader));
  const results: AuthenticationResult[] = [];
  let saysNone = false;
  let left = limits.parameters;
  for (;;) {
    const from = reader.at;
    if (skipToSemicolon(reader)) found("authentication-results-malformed", from);
    if (reader.at >= reader.end) break;
    reader.at += 1;
    if (left <= 0 || diagnostics.length >= limits.parameters) {
      reader.at = reader.end;
      found("parameters-limit", from);
      break;
    }
    reader.comment = "";
    reader.commentsLeft = COMMENTS_MAX;
    skipBlanks(reader);
    const start = reader.at;
    const result = readResult(reader, left);
    if (result === undefined) reader.at = start;
    else results.push(result);
    left -= 1 + (result?.properties.length ?? 0);
    if (result === undefined && isNone(reader)) {
      keyword(reader);
      saysNone = true;
    }
    skipBlanks(reader);
  }
  if (results.length === 0 && !saysNone && diagnostics.length === 0) {
    found("authentication-results-malformed", field.offset);
  }
  return { server, version, results, diagnostics };
}

/** no-result = [CFWS] ";" [CFWS] "none" */
function isNone(reader: Reader): boolean {
  const from = reader.at;
  const word = keyword(reader);
  reader.at = from;
  return word === "none";
}

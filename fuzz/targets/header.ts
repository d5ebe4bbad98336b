import type { Grammar } from "@scop/fuzz";
import {
  addressOfClause,
  composeAuthenticationResults,
  dateOfField,
  decodeField,
  decodeWords,
  fieldText,
  fieldValue,
  formatDate,
  type Header,
  type HeaderField,
  listFieldOf,
  listIdOf,
  messageIdsOf,
  parameter,
  parameterizedValue,
  parseAuthenticationResults,
  parseDate,
  parseHeader,
  parseReceived,
  resentBlocks,
} from "@scop/mime";
import { latin1Bytes } from "@scop/wire";
import { MESSAGE_SEEDS } from "./messages.ts";
import { check, checkDiagnostics, checkOneLine } from "./properties.ts";

export const about =
  "every field of a header can be read as each kind of field; no text of it has a line break; dates and results survive writing";
export const seeds: readonly string[] = MESSAGE_SEEDS.map(seed => seed.split(/\r?\n\r?\n/)[0]!);
/** Each octet is looked at by a few readers, none of them twice. */
export const stepsPerOctetMax = 200;
export const grammar: Grammar = {
  header: ["{field}{eol}", "{field}{eol}{header}"],
  field: [
    "Received: from {host} ({host} [192.0.2.1]) by {host} with {word} id {word} for <a@{host}>; {date}",
    "Authentication-Results: {host} 1; {results}",
    "Date: {date}",
    "Content-Type: a/{word}{parameters}",
    "List-{list}: <{uri}>, <{uri}> ({word})",
    "List-Id: {word} <{host}>",
    "References: <{word}@{host}> <{word}@{host}>",
    "Resent-From: a@{host}",
    "Content-Language: {word}, {word}",
    "Content-{word}: <{word}@{host}>",
    "Subject: {word} =?{charset}?Q?{word}=0D=0A?= =?{charset}*en?B?4oKs?=",
  ],
  results: ["none", "{result}", "{result}; {results}"],
  result: [
    "spf=pass smtp.mailfrom={host}",
    'dkim=fail ({word}) reason="{word}" header.d={host} header.b={word}',
    "{word}/1={word} policy.{word}={word}",
  ],
  date: [
    "Fri, 27 Nov 2026 12:00:00 +0100",
    "27 Nov 26 12:00 GMT",
    "{word}, {n} {month} {n}{n} {n}:{n}:{n} {zone} (c)",
    "Tue, 31 Feb 2026 25:61:61 -9999",
  ],
  month: ["Jan", "Nov", "Foo"],
  zone: ["+0000", "-0330", "EST", "Z", "+100", "J", ""],
  n: ["0", "9", "23", "59", "60", "99", "2026"],
  parameters: [
    "",
    "; {word}={word}{parameters}",
    "; n*{n}*=utf-8'en'%E2%82{parameters}",
    "; n*1=%AC{parameters}",
    '; n="{word}\\"{parameters}',
    ";{eol} n*={charset}'de'%e4{parameters}",
  ],
  charset: ["utf-8", "iso-8859-1", "utf-7", "koi8-r", "none"],
  list: ["Post", "Unsubscribe", "Help", "Archive", "Owner"],
  uri: ["mailto:a@{host}", "https://{host}/{word}", "NO"],
  host: ["example.org", "a.b", "[192.0.2.1]", "{word}"],
  word: ["a", "b1", "é", '"{word} {word}"', "({word})", "{word}{eol} {word}", "\\", "=", ";", "\0"],
  eol: ["\r\n", "\r\n", "\n", "\r"],
};

export function fuzz(data: Uint8Array): void {
  const header = parseHeader(data);
  checkDiagnostics(header.diagnostics, data.length);
  for (const field of header.header) readField(header, field);
  resentBlocks(header.header);
  for (const name of ["references", "message-id"])
    for (const id of messageIdsOf(header, name)) checkOneLine(id, "an id");
  listIdOf(header);
  for (const name of ["list-post", "list-unsubscribe", "list-archive"] as const) listFieldOf(header, name);
}

function readField(header: Header, field: HeaderField): void {
  const { bytes } = header;
  check(field.lowerName === field.name.toLowerCase() && /^[!-9;-~]+$/.test(field.name), "a field name is one");
  check(
    field.offset < field.valueOffset && field.offset + field.length <= header.bodyOffset,
    "a field lies in its header",
  );
  const { value, diagnostics } = decodeField(bytes, field);
  checkOneLine(value, "the text of a field");
  check(value === fieldText(bytes, field), "both ways of reading a text agree");
  checkDiagnostics(diagnostics, bytes.length);
  checkOneLine(decodeWords(fieldValue(bytes, field)).value, "decoded words");
  const date = dateOfField(bytes, field);
  if (date) {
    const again = parseDate(formatDate(date.instant, date.offsetMinutes));
    check(again.ok && again.value.instant === date.instant, "a date is the same after writing and reading");
  }
  const parameters = parameterizedValue(bytes, field);
  for (const name of ["name", "boundary", "n"]) checkOneLine(parameter(parameters, name) ?? "", "a parameter");
  for (const clause of parseReceived(bytes, field).clauses.values()) addressOfClause(clause);
  checkResults(header, field);
}

/** Results that were read are written, and read as the same. */
function checkResults({ bytes }: Header, field: HeaderField): void {
  const { server, results, diagnostics } = parseAuthenticationResults(bytes, field);
  checkDiagnostics(diagnostics, bytes.length);
  if (server === "" || results.length === 0) return;
  const written = composeAuthenticationResults(server, results);
  check(parseHeader(latin1Bytes(written)).header.length === 1, "written results are one field");
}

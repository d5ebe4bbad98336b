import type { AuthenticationProperty, AuthenticationResult } from "./authentication-results.ts";
import { foldWords } from "./fold.ts";

/** Characters of a value that are written; more are left out. */
const VALUE_CHARACTERS_MAX = 300;
/** Properties that are written of one result. */
const PROPERTIES_MAX = 20;

/** Printable ASCII, a question mark in place of each other character, so that nothing ends the line. */
function printable(text: string): string {
  return text.slice(0, VALUE_CHARACTERS_MAX).replace(/[^\x20-\x7e]/g, "?");
}

/** value = token / quoted-string; a domain or an address as it is. RFC 8601 2.2 */
function valueText(value: string): string {
  const text = printable(value);
  return /^[A-Za-z0-9!#$%&'*+./@^_`{|}~:-]+$/.test(text) ? text : quoted(text);
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** Comments are for people; parentheses in them are left out. RFC 5322 3.2.2 */
function commentText(text: string): string {
  return `(${printable(text).replace(/[()\\]/g, "")})`;
}

function propertyText({ type, name, value }: AuthenticationProperty): string {
  return `${printable(type)}.${printable(name)}=${valueText(value)}`;
}

/** The words of one result, none of which is broken. */
function resultWords({
  method,
  version,
  result,
  comment,
  reason,
  properties,
}: AuthenticationResult): readonly string[] {
  const words = [`${printable(method)}${version === 1 ? "" : `/${version}`}=${printable(result)}`];
  if (comment !== "")
    words.push(
      ...commentText(comment)
        .split(" ")
        .filter(word => word !== ""),
    );
  if (reason !== undefined) words.push(`reason=${quoted(printable(reason))}`);
  return [...words, ...properties.slice(0, PROPERTIES_MAX).map(propertyText)];
}

/**
 * An Authentication-Results field with its line ends: what `server` says that it found, `none` where `results` is empty. Names of methods,
 * results and properties are the program's own; values may be whatever a message had: no value ends the line or begins another
 * result, and characters that are not printable ASCII become question marks. RFC 8601 2.2
 */
export function composeAuthenticationResults(
  server: string,
  results: readonly AuthenticationResult[],
  name: "Authentication-Results" | "ARC-Authentication-Results" = "Authentication-Results",
): string {
  if (results.length === 0) return foldWords(name, [`${valueText(server)};`, "none"]);
  const words = results.flatMap((result, index) => {
    const all = resultWords(result);
    const behind = index < results.length - 1 ? ";" : "";
    return [...all.slice(0, -1), `${all[all.length - 1]}${behind}`];
  });
  return foldWords(name, [`${valueText(server)};`, ...words]);
}

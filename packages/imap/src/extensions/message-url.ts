import { latin1Bytes, utf8 } from "@scop/wire";
import { upperInbox } from "../arguments.ts";
import type { Partial, Section } from "../command.ts";
import { MAILBOX_OCTETS_MAX, NUMBER_MAX } from "../limits.ts";
import { readSection } from "../parse-fetch.ts";
import { Reader } from "../reader.ts";

/** Octets of a message of the own account. RFC 5092 7 */
export interface MessageUrl {
  readonly mailbox: string;
  readonly uidValidity: number | undefined;
  readonly uid: number;
  readonly section: Section;
  readonly partial: Partial | undefined;
}

const WHOLE: Section = { path: [], text: "all", fields: [] };

/**
 * A URL that begins at the root of this account: `/INBOX;UIDVALIDITY=7/;UID=5/;SECTION=1.2/;PARTIAL=0.1024`. Undefined for any other, those with
 * the name of a server among them: nothing is ever fetched from elsewhere. RFC 5092 11
 */
export function parseMessageUrl(text: string): MessageUrl | undefined {
  const [path, uidText, ...rest] = text.split("/;");
  const uid = numberOf(uidText, "UID");
  const [name = "", validity, ...more] = (path ?? "").split(";");
  const mailbox = name.startsWith("/") ? decoded(name.slice(1)) : undefined;
  const uidValidity = validity === undefined ? undefined : numberOf(validity, "UIDVALIDITY");
  if (uid === undefined || mailbox === undefined || mailbox === "" || mailbox.startsWith("/")) return undefined;
  if (more.length > 0 || (validity !== undefined && uidValidity === undefined)) return undefined;
  let section: Section | undefined = WHOLE;
  if (isNamed(rest[0], "SECTION")) section = sectionOf(rest.shift()!.slice("SECTION=".length));
  let partial: Partial | undefined;
  if (isNamed(rest[0], "PARTIAL")) {
    partial = partialOf(rest.shift()!.slice("PARTIAL=".length));
    if (partial === undefined) return undefined;
  }
  if (section === undefined || rest.length > 0) return undefined;
  return { mailbox: upperInbox(mailbox), uidValidity, uid, section, partial };
}

function isNamed(part: string | undefined, name: string): boolean {
  return part?.toUpperCase().startsWith(`${name}=`) === true;
}

function numberOf(part: string | undefined, name: string): number | undefined {
  return part !== undefined && isNamed(part, name) ? wholeNumber(part.slice(name.length + 1)) : undefined;
}

/** RFC 5092 11: nz-number */
function wholeNumber(text: string): number | undefined {
  const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  return number > 0 && number <= NUMBER_MAX ? number : undefined;
}

/** RFC 5092 11: partial-range = number ["." nz-number] */
function partialOf(text: string): Partial | undefined {
  const [startText = "", lengthText, ...rest] = text.split(".");
  const start = startText === "0" ? 0 : wholeNumber(startText);
  const octets = lengthText === undefined ? Number.MAX_SAFE_INTEGER : wholeNumber(lengthText);
  return start === undefined || octets === undefined || rest.length > 0 ? undefined : { start, octets };
}

/** A section as FETCH has it, percent-encoded. RFC 5092 7.2 */
function sectionOf(text: string): Section | undefined {
  const plain = decoded(text);
  if (plain === undefined || plain === "") return undefined;
  const reader = new Reader([{ kind: "text", bytes: latin1Bytes(`${plain}]`) }]);
  const section = readSection(reader);
  return section !== undefined && reader.error === undefined && reader.done ? section : undefined;
}

/** Percent-encoding over UTF-8 undone. RFC 3986 2.1 */
function decoded(text: string): string | undefined {
  if (text.length > 3 * MAILBOX_OCTETS_MAX || /[^\x21-\x7e]|%(?![\da-fA-F]{2})/.test(text)) return undefined;
  const octets = text.replace(/%([\da-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const name = utf8(latin1Bytes(octets));
  return name.ok && !name.value.includes("\0") ? name.value : undefined;
}

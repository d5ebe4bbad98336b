import { formatDate } from "@scop/mime";
import type { Instant, IpText } from "@scop/platform";
import { CharClass, isClass } from "@scop/wire";
import { HELO_OCTETS_MAX } from "./limits.ts";

/** What our Received field tells. */
interface TraceFacts {
  readonly helo: string;
  readonly remote: IpText;
  readonly extended: boolean;
  /** IANA's name of the cipher suite; undefined without TLS. */
  readonly cipher: string | undefined;
  readonly authenticated: boolean;
  readonly protocol: "smtp" | "lmtp";
  readonly utf8: boolean;
  readonly hostname: string;
  readonly id: string;
  /** The path without brackets, only where there is one recipient: others must not learn of each other. RFC 5321 7.2 */
  readonly recipient: string | undefined;
  readonly date: Instant;
}

/** Our Received field with its line ends. Whatever the client said, it is one field. RFC 5321 4.4 */
export function receivedField(facts: TraceFacts): string {
  const literal = addressLiteral(facts.remote);
  const clauses = [`\tby ${facts.hostname} with ${protocolName(facts)} id ${facts.id}`];
  if (facts.recipient !== undefined) clauses.push(`\tfor <${withoutControls(facts.recipient)}>`);
  // RFC 8314 4.3: the cipher suite is a registered clause.
  if (facts.cipher !== undefined && isToken(facts.cipher)) clauses.push(`\ttls ${facts.cipher}`);
  return `Received: from ${heloText(facts.helo)} (${literal})\r\n${clauses.join("\r\n")};\r\n\t${formatDate(facts.date)}\r\n`;
}

/** The field that final delivery begins a message with; empty for the null reverse-path. RFC 5321 4.4 */
export function returnPathField(reversePath: string): string {
  return `Return-Path: <${withoutControls(reversePath)}>\r\n`;
}

/** RFC 3848, RFC 6531 4.3: the registered name of what was spoken. */
function protocolName(facts: Pick<TraceFacts, "extended" | "cipher" | "authenticated" | "utf8" | "protocol">): string {
  if (!facts.extended) return "SMTP";
  const lmtp = facts.protocol === "lmtp";
  const name = facts.utf8 ? (lmtp ? "UTF8LMTP" : "UTF8SMTP") : lmtp ? "LMTP" : "ESMTP";
  return `${name}${facts.cipher === undefined ? "" : "S"}${facts.authenticated ? "A" : ""}`;
}

/** RFC 5321 4.1.3 */
function addressLiteral(address: string): string {
  return address.includes(":") ? `[IPv6:${address}]` : `[${address}]`;
}

/** The HELO argument where it is made of what domains and address literals are made of. */
function heloText(helo: string): string {
  if (helo.length === 0 || helo.length > HELO_OCTETS_MAX) return "unknown";
  for (let index = 0; index < helo.length; index += 1) {
    const code = helo.charCodeAt(index);
    if (!isClass(code, CharClass.alpha | CharClass.digit) && !".-_[]:".includes(helo[index]!)) return "unknown";
  }
  return helo;
}

function isToken(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (!isClass(text.charCodeAt(index), CharClass.token)) return false;
  }
  return text.length > 0;
}

/** A path comes from a parser that lets no control through; this holds even if that fails. */
function withoutControls(text: string): string {
  let clean = "";
  for (const character of text) if (!isClass(character.charCodeAt(0), CharClass.control)) clean += character;
  return clean;
}

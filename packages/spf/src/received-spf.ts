import type { IpText } from "@scop/wire";
import type { SpfVerdict } from "./verdict.ts";

/** What a verdict was about. */
export interface SpfClient {
  readonly address: IpText;
  readonly helo: string;
  /** The mailbox of the reverse-path; undefined where it was null. */
  readonly sender: string | undefined;
  /** Who has checked. */
  readonly receiver: string;
}

/** Octets of a value that a client made up. Ours. */
const VALUE_CHARACTERS_MAX = 320;

/**
 * The value of a Received-SPF field: the word, the sentence, and what they rest on. Whatever the client said, it is ASCII on one line and ends no
 * comment and no quotes. RFC 7208 9.1
 */
export function formatReceivedSpf(verdict: SpfVerdict, { address, helo, sender, receiver }: SpfClient): string {
  const { result, reason, identity, decidedBy, fault } = verdict;
  const pairs = [
    `receiver=${receiver}`,
    `client-ip=${address}`,
    `envelope-from=${quoted(sender ?? "<>")}`,
    `helo=${wordOf(helo)}`,
    `identity=${identity}`,
    `mechanism=${quoted(decidedBy?.term ?? "default")}`,
    ...(fault === undefined ? [] : [`problem=${quoted(`${fault.domain}: ${fault.diagnostic.code}`)}`]),
  ];
  return `${result} (${receiver}: ${comment(reason)}) ${pairs.join("; ")}`;
}

/** Printable ASCII in place of what is not, and not too much of it. */
function plain(text: string): string {
  return text.slice(0, VALUE_CHARACTERS_MAX).replace(/[^ -~]/g, "?");
}

/** ctext or quoted-pair. RFC 5322 3.2.2 */
function comment(text: string): string {
  return plain(text).replace(/[()\\]/g, odd => `\\${odd}`);
}

/** quoted-string. RFC 5322 3.2.4 */
function quoted(text: string): string {
  return `"${plain(text).replace(/["\\]/g, odd => `\\${odd}`)}"`;
}

/** dot-atom / quoted-string */
function wordOf(text: string): string {
  return /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/.test(text) && text.length <= VALUE_CHARACTERS_MAX
    ? text
    : quoted(text);
}

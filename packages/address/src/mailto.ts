import { type Mailbox, parseMailbox } from "./mailbox.ts";

/**
 * The mailbox that a `mailto:` URI (RFC 6068 2) names; its header fields are left out. Undefined where it is another URI, names nobody or
 * several, or what it names is no mailbox. Only octets of US-ASCII may be written by `%`.
 */
export function parseMailto(uri: string): Mailbox | undefined {
  const [, written] = /^mailto:([!->@-~]+)(?:\?|$)/i.exec(uri) ?? [];
  const address = written?.replace(/%([0-9A-Fa-f]{2})/g, (_all, digits: string) => {
    const code = Number.parseInt(digits, 16);
    return code < 0x80 ? String.fromCharCode(code) : "\ufffd";
  });
  if (address === undefined || /[^!-~]/.test(address)) return undefined;
  const mailbox = parseMailbox(address);
  return mailbox.ok ? mailbox.value : undefined;
}

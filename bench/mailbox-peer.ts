/** An IMAP server with one mailbox full of the same mail as its rivals have, behind TLS on 127.0.0.1. */
export interface MailboxPeer {
  readonly name: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The process whose CPU time and memory, with all its children, count. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Messages of one transaction or command while a mailbox is filled. */
export const FILL_MESSAGES = 500;

/** A small message with its number, and the flags it is given: two of three are read, one of ten is flagged. */
export function mailOf(number: number): { readonly bytes: Buffer; readonly flags: readonly string[] } {
  const lines = [
    `From: Sender ${number % 97} <sender-${number % 97}@outside.example>`,
    "To: <alice@scop.test>",
    `Subject: Message ${number}`,
    `Message-Id: <${number}@load.outside.example>`,
    "",
    "Text of the message.",
    "",
  ];
  const flags = [...(number % 3 > 0 ? ["\\Seen"] : []), ...(number % 10 === 0 ? ["\\Flagged"] : [])];
  return { bytes: Buffer.from(lines.join("\r\n"), "latin1"), flags };
}

import { MAIL, RCPT } from "./smtp-case.ts";

/** A message, and the transaction that it comes in. */
export const TEXT = "Subject: a\r\n\r\nb\r\n";
export const SEND = `${MAIL}${RCPT}DATA\r\n${TEXT}.\r\n`;

/** A session with a server, the classes of all its replies, and what they come to. */
export type Row = readonly [
  key: string,
  about: string,
  text: string,
  server: object,
  replies: string,
  transactions: number,
  spec: string,
];

/** MAIL with these parameters. */
export function mailWith(parameters: string): string {
  return `MAIL FROM:<ann@example.com> ${parameters}\r\n`;
}

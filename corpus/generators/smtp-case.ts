import type { Expectation, JsonObject } from "@scop/corpus";

export const HELLO = "EHLO client.example\r\n";
export const MAIL = "MAIL FROM:<ann@example.com>\r\n";
export const RCPT = "RCPT TO:<ben@example.org>\r\n";
export const START = `${HELLO}${MAIL}${RCPT}DATA\r\n`;
export const QUIT = "QUIT\r\n";

export function octets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

/** Where a session is cut for the second way: at line ends, so that a command never comes with the next one. */
function chunksOf(text: string): readonly number[] {
  return text.split(/(?<=\n)/).map(line => line.length);
}

function base64(text: string): string {
  return Buffer.from(text, "latin1").toString("base64");
}

export function paramsOf(text: string, more: object = {}): JsonObject {
  return { chunks: chunksOf(text), ...more };
}

/** What a session has to come to: these messages, and so many transactions. */
export function messages(...bodies: readonly string[]): Expectation {
  return { transactions: bodies.length, messages: bodies.map(base64) };
}

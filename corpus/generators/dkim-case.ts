import type { Expectation, JsonObject } from "@scop/corpus";
import { dkimField, type Form, messageOf, type RawField, type Signature, type TestKey, testKey } from "./signing.ts";

/** When the messages are verified. */
export const NOW = Date.UTC(2026, 10, 27, 12, 0, 0) / 1000;

export const HEADER: readonly RawField[] = [
  ["From", " Ann <ann@example.com>"],
  ["To", " ben@example.org"],
  ["Subject", " An  example\r\n of a  subject"],
  ["Date", " Fri, 27 Nov 2026 09:55:06 +0100"],
  ["X-Other", " not signed"],
];
export const BODY = "Hello,  world \r\nthis\tis \t a body\r\n\r\n.\r\n";

export const RSA: TestKey = testKey("rsa2048");
export const ED: TestKey = testKey("ed25519");

export const FORMS: readonly (readonly [header: Form, body: Form])[] = [
  ["simple", "simple"],
  ["simple", "relaxed"],
  ["relaxed", "simple"],
  ["relaxed", "relaxed"],
];

export const PERMANENT = ["permerror", "neutral", "fail", "policy"];

/** A signature that says nothing: `word` is what RFC 8601 2.7.1 has for it, and the others are words that readers use as well. */
export function failing(word: string): Expectation {
  return { oneOf: [word, ...PERMANENT.filter(each => each !== word)].map(result => ({ result })) };
}

export const PASS = { result: "pass" };

export function base(more: Partial<Signature> = {}): Signature {
  return { key: RSA, domain: "example.com", selector: "rsa", header: "relaxed", body: "relaxed", ...more };
}

export function params(zone: unknown = "dkim"): JsonObject {
  return { zone, now: NOW };
}

export function message(options: Signature, body = BODY, header = HEADER): Uint8Array {
  return messageOf([dkimField(header, body, options), ...header], body);
}

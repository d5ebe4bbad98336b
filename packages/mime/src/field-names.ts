import { latin1 } from "@scop/wire";
import { findWord, type KnownWords, knownWords, NO_WORD } from "./known-words.ts";

/** A field name. Those in their usual spelling are shared, so that reading them makes no string. */
interface FieldName {
  readonly name: string;
  readonly lowerName: string;
  /** The bit of a field that occurs at most once, 0 for the others. */
  readonly bit: number;
}

/** RFC 5322 3.6: fields that occur at most once; then those of RFC 2045 and RFC 2183. At most 31: they are bits. */
const SINGLETONS = [
  "Date",
  "From",
  "Sender",
  "Reply-To",
  "To",
  "Cc",
  "Bcc",
  "Message-ID",
  "In-Reply-To",
  "References",
  "Subject",
  "MIME-Version",
  "Content-Type",
  "Content-Transfer-Encoding",
  "Content-ID",
  "Content-Description",
  "Content-Disposition",
] as const;

const OTHERS = [
  "Received",
  "Return-Path",
  "Delivered-To",
  "DKIM-Signature",
  "Authentication-Results",
  "ARC-Seal",
  "ARC-Message-Signature",
  "ARC-Authentication-Results",
  "Received-SPF",
  "List-Id",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
  "List-Post",
  "List-Help",
  "List-Archive",
  "List-Subscribe",
  "Message-Id",
  "Mime-Version",
  "CC",
  "Content-type",
  "Content-transfer-encoding",
  "Return-path",
  "Envelope-To",
  "DomainKey-Signature",
  "Resent-From",
  "Resent-To",
  "Resent-Date",
  "Resent-Message-ID",
  "X-MimeOLE",
  "X-MSMail-Priority",
  "X-Spam-Checker-Version",
  "X-Spam-Score",
  "X-Virus-Scanned",
  "X-Google-Smtp-Source",
  "X-Received",
  "X-Gm-Message-State",
  "X-Google-DKIM-Signature",
  "Feedback-ID",
  "User-Agent",
  "X-Mailer",
  "X-Original-To",
  "X-Spam-Status",
  "X-Spam-Level",
  "X-Spam-Flag",
  "X-Originating-IP",
  "X-Priority",
  "Precedence",
  "Auto-Submitted",
  "Errors-To",
  "Content-Language",
  "Content-Location",
  "Thread-Topic",
  "Thread-Index",
  "Comments",
  "Keywords",
  "Organization",
] as const;

const singletonBits: ReadonlyMap<string, number> = new Map(
  SINGLETONS.map((name, index) => [name.toLowerCase(), 1 << index]),
);

/** The bit of a field that occurs at most once, 0 for the others. */
export function singletonBit(lowerName: string): number {
  return singletonBits.get(lowerName) ?? 0;
}

export const DATE_BIT: number = singletonBit("date");
export const FROM_BIT: number = singletonBit("from");
export const CONTENT_TYPE_BIT: number = singletonBit("content-type");
export const ENCODING_BIT: number = singletonBit("content-transfer-encoding");

const NAMES: readonly string[] = [...SINGLETONS, ...OTHERS];
const known: KnownWords = knownWords(NAMES);
const shared: readonly FieldName[] = NAMES.map(name => {
  const lowerName = name.toLowerCase();
  return { name, lowerName, bit: singletonBit(lowerName) };
});

/** The name whose octets stand in `[start, end)`: at least one, all of them what names are made of. */
export function nameAt(bytes: Uint8Array, start: number, end: number): FieldName {
  const number = findWord(known, bytes, start, end);
  if (number >= 0) return shared[number]!;
  const name = latin1(bytes, start, end);
  if (number === NO_WORD) return { name, lowerName: name.toLowerCase(), bit: 0 };
  const { lowerName, bit } = shared[-2 - number]!;
  return { name, lowerName, bit };
}

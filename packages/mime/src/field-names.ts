import { latin1 } from "@scop/wire";

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

/** The step of the hash that finds a name while its octets are read. */
export function hashStep(hash: number, octet: number): number {
  return (Math.imul(hash, 31) + octet) | 0;
}

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

const byHash: ReadonlyMap<number, FieldName> = new Map(
  [...SINGLETONS, ...OTHERS].map(name => {
    let hash = 0;
    for (let at = 0; at < name.length; at += 1) hash = hashStep(hash, name.charCodeAt(at));
    const lowerName = name.toLowerCase();
    return [hash, { name, lowerName, bit: singletonBit(lowerName) }];
  }),
);

/** The known name whose octets stand in `[start, end)` and have this hash. */
function knownName(bytes: Uint8Array, start: number, end: number, hash: number): FieldName | undefined {
  const known = byHash.get(hash);
  if (known === undefined || known.name.length !== end - start) return undefined;
  for (let at = start; at < end; at += 1) if (bytes[at] !== known.name.charCodeAt(at - start)) return undefined;
  return known;
}

/** The name whose octets stand in `[start, end)` and have this hash. */
export function nameAt(bytes: Uint8Array, start: number, end: number, hash: number): FieldName {
  const known = knownName(bytes, start, end, hash);
  if (known !== undefined) return known;
  const name = latin1(bytes, start, end);
  const lowerName = name.toLowerCase();
  return { name, lowerName, bit: singletonBit(lowerName) };
}

import type { HeaderView } from "@scop/mime";
import type { Crypto, Instant } from "@scop/platform";
import { assert, latin1Bytes } from "@scop/wire";
import type { BodyHashes } from "./body-hash.ts";
import { FieldsFromBelow, SignedHeader } from "./canonical-header.ts";
import { formatSignature } from "./format.ts";
import { REPEATED_FIELDS_MAX } from "./limits.ts";
import type { DkimSignature, SignatureTags } from "./signature.ts";
import type { SigningKey } from "./signer.ts";

/** What a signature is made of. */
export interface SignOptions {
  /** Its fields, as they are sent; the octets stay unchanged until the digests are made. */
  readonly header: HeaderView;
  /** Hashes of its body, fed by the caller. */
  readonly body: BodyHashes;
  readonly keys: readonly SigningKey[];
  readonly now: Instant;
  /** Default `relaxed` for both: it outlives what gateways do to white space. */
  readonly canonicalization?: SignatureTags["canonicalization"];
  /** Names of fields to sign in place of `fieldsToSign`, in lower case; one that occurs more often than the field is there seals it. */
  readonly fields?: readonly string[];
  /** Seconds after which nobody should believe it; without it, it does not expire. */
  readonly lifetimeSeconds?: number;
}

/** A signature that lacks nothing but the signature: what to sign, and the field that comes of it. */
export interface UnsignedField {
  readonly domain: string;
  readonly selector: string;
  /** SHA-256 of what is signed: 32 octets. */
  readonly digest: Uint8Array;
  /** What the digest is of: the signed fields in their canonical form, the signature's own last. RFC 6376 3.7 */
  readonly octets: Uint8Array;
  /** The whole field with its line end, to be put before the message. */
  field(signature: Uint8Array): string;
}

/** The signing of one message. */
export interface Signing {
  /** Octets of all fields together, known before the body comes, so that room can be kept for them. */
  readonly octets: number;
  /** After the end of the body: one for each key. */
  fields(): readonly UnsignedField[];
}

/** Signed once more than they occur, so that none can be added. RFC 6376 8.15 */
const SEALED = ["from", "reply-to", "subject", "to", "cc"] as const;
/** The same, where they occur: lists and gateways add them where they are missing. */
const SEALED_IF_PRESENT = [
  "date",
  "message-id",
  "sender",
  "in-reply-to",
  "references",
  "mime-version",
  "content-type",
  "content-transfer-encoding",
] as const;
/** Signed as often as they occur. RFC 6376 5.4.1 */
const SIGNED = [
  "content-id",
  "content-description",
  "content-disposition",
  "content-language",
  "resent-date",
  "resent-from",
  "resent-sender",
  "resent-to",
  "resent-cc",
  "resent-message-id",
  "list-id",
  "list-help",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "list-subscribe",
  "list-post",
  "list-owner",
  "list-archive",
  "auto-submitted",
  "autocrypt",
] as const;

/**
 * The names that are signed by default: what people see and what decides what they see once more than it is there, the rest as often as
 * it is there; of a field that is there more than twenty times the last twenty. Never a trace field. RFC 6376 5.4
 */
export function fieldsToSign(header: HeaderView): readonly string[] {
  const fields = new FieldsFromBelow(header);
  const names: string[] = [];
  const add = (name: string, more: number): void => {
    const count = fields.count(name, REPEATED_FIELDS_MAX);
    for (let times = 0; times < count + more; times += 1) names.push(name);
  };
  for (const name of SEALED) add(name, 1);
  for (const name of SEALED_IF_PRESENT) if (fields.count(name, 1) > 0) add(name, 1);
  for (const name of SIGNED) add(name, 0);
  return names;
}

const DIGEST_OCTETS = 32;
const NAME = "DKIM-Signature";

/** Opens the signing of a message by each of the keys. Asks for the hash of the body. RFC 6376 5 */
export function openSigning(crypto: Pick<Crypto, "sha256">, options: SignOptions): Signing {
  const { header, body, keys, now, lifetimeSeconds } = options;
  const canonicalization = options.canonicalization ?? { header: "relaxed", body: "relaxed" };
  const signedAt = Math.floor(now / 1000);
  const fields = options.fields ?? fieldsToSign(header);
  assert(fields.includes("from"), "From is signed");
  const bodyHash = body.request(canonicalization.body, undefined);
  const signatureOf = (key: SigningKey, hash: Uint8Array, signature: Uint8Array): DkimSignature => ({
    algorithm: `${key.type}-sha256`,
    signature,
    bodyHash: hash,
    canonicalization,
    domain: key.domain,
    selector: key.selector,
    identity: `@${key.domain}`,
    fields,
    bodyOctets: undefined,
    signedAt,
    expiresAt: lifetimeSeconds === undefined ? undefined : signedAt + lifetimeSeconds,
  });
  const field = (signature: DkimSignature): string => `${NAME}:${formatSignature(signature)}\r\n`;
  const noHash = new Uint8Array(DIGEST_OCTETS);
  let octets = 0;
  for (const key of keys) octets += field(signatureOf(key, noHash, new Uint8Array(key.signatureOctets))).length;
  return {
    octets,
    fields: () => {
      const { hash } = bodyHash();
      const chosen = new FieldsFromBelow(header).select(fields);
      return keys.map(key => {
        const signed = new SignedHeader(canonicalization.header);
        for (const each of chosen) signed.add(header.bytes, each);
        addOwnField(signed, NAME, field(signatureOf(key, hash, new Uint8Array(key.signatureOctets))));
        const octets = signed.octets();
        return {
          domain: key.domain,
          selector: key.selector,
          digest: crypto.sha256(octets),
          octets,
          field: signature => {
            assert(signature.length === key.signatureOctets, "a signature is as long as its key said");
            return field(signatureOf(key, hash, signature));
          },
        };
      });
    },
  };
}

/** Adds the field of a signature whose `b=` is its last tag, without the octets of that. RFC 6376 3.7 */
export function addOwnField(signed: SignedHeader, name: string, text: string): void {
  const bytes = latin1Bytes(text);
  const from = text.lastIndexOf("b=", text.lastIndexOf(";") + 4) + 2;
  signed.addUnsigned(
    bytes,
    { name, lowerName: name.toLowerCase(), offset: 0, length: bytes.length, valueOffset: name.length + 1 },
    from,
    bytes.length - 2,
  );
}

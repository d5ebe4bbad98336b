import { type Header, parseHeader } from "@scop/mime";
import type { Crypto } from "@scop/platform";
import { assert, utf8Bytes } from "@scop/wire";
import { FieldsFromBelow, SignedHeader } from "../canonical-header.ts";
import { ARC_SETS_MAX } from "../limits.ts";
import { addOwnField, fieldsToSign, type SignOptions, type UnsignedField } from "../sign.ts";
import type { SigningKey } from "../signer.ts";
import { formatMessageSignature, formatSeal, type MessageSignature, type Seal } from "./fields.ts";
import { highestInstance, readSets } from "./sets.ts";
import type { ArcVerdict, ChainStatus } from "./verdict.ts";

/** What a set is made of. */
export interface SealOptions extends Pick<SignOptions, "body" | "now" | "fields"> {
  /** Its fields, as they came; the octets stay unchanged until the seal is made. */
  readonly header: Header;
  readonly key: SigningKey;
  /** What we found of the chain that came: it becomes `cv=`. */
  readonly chain: ArcVerdict;
  /** Our name and results as in Authentication-Results, folded or not; no line end but in folds. RFC 8601 2.2 */
  readonly results: string;
}

/** The making of one set, in the order of its dependences. */
export interface Sealing {
  readonly instance: number;
  /** After the end of the body. */
  messageSignature(): UnsignedField;
  /** Given the whole ARC-Message-Signature field. What it makes is all three fields, the seal first, to be sent in UTF-8. */
  seal(messageSignature: string): UnsignedField;
}

const MESSAGE_SIGNATURE = "ARC-Message-Signature";
const SEAL = "ARC-Seal";
/** Line ends that are no folds. */
const LOOSE_LINE_END = /\r(?!\n)|(?<!\r)\n|\r\n(?![ \t])/;

/**
 * Opens the sealing of a message; undefined where nothing may be added: to 50 sets, or to a chain whose newest seal says that it failed. A
 * chain that failed here gets a seal that says so and covers its own set alone. RFC 8617 5.1
 */
export function openSealing(crypto: Pick<Crypto, "sha256">, options: SealOptions): Sealing | undefined {
  const { header, body, key, chain, now } = options;
  assert(!LOOSE_LINE_END.test(options.results), "results are one field");
  const highest = highestInstance(header);
  if (highest.instance >= ARC_SETS_MAX || highest.chain === "fail") return undefined;
  const instance = highest.instance + 1;
  const status: ChainStatus = chain.result;
  const fields = options.fields ?? [...fieldsToSign(header), "dkim-signature"];
  assert(!fields.some(name => name.startsWith("arc-") || name === "authentication-results"), "no trace is signed");
  const bodyHash = body.request("relaxed", undefined);
  const signedAt = Math.floor(now / 1000);
  const about = {
    instance,
    algorithm: `${key.type}-sha256` as const,
    domain: key.domain,
    selector: key.selector,
    signedAt,
  };
  const results = `ARC-Authentication-Results: i=${instance}; ${options.results}\r\n`;
  const empty = new Uint8Array(key.signatureOctets);
  const unsigned = (signed: SignedHeader, field: UnsignedField["field"]): UnsignedField => {
    const octets = signed.octets();
    return { domain: key.domain, selector: key.selector, digest: crypto.sha256(octets), octets, field };
  };
  return {
    instance,
    messageSignature: () => {
      const { hash } = bodyHash();
      const make = (signature: Uint8Array): string => {
        const tags: MessageSignature = {
          ...about,
          signature,
          bodyHash: hash,
          canonicalization: { header: "relaxed", body: "relaxed" },
          fields,
          bodyOctets: undefined,
          expiresAt: undefined,
        };
        return `${MESSAGE_SIGNATURE}:${formatMessageSignature(tags)}\r\n`;
      };
      const signed = new SignedHeader("relaxed");
      for (const each of new FieldsFromBelow(header).select(fields)) signed.add(header.bytes, each);
      addOwnField(signed, MESSAGE_SIGNATURE, make(empty));
      return unsigned(signed, make);
    },
    seal: messageSignature => {
      const make = (signature: Uint8Array): string => {
        const tags: Seal = { ...about, signature, chain: status };
        return `${SEAL}:${formatSeal(tags)}\r\n`;
      };
      const signed = new SignedHeader("relaxed");
      if (status === "pass") addSets(signed, options);
      const own = parseHeader(utf8Bytes(results + messageSignature));
      for (const field of own.header) signed.add(own.bytes, field);
      addOwnField(signed, SEAL, make(empty));
      return unsigned(signed, signature => make(signature) + messageSignature + results);
    },
  };
}

/** The sets that came, from the first. RFC 8617 5.1.1 */
function addSets(signed: SignedHeader, { header }: SealOptions): void {
  const read = readSets(header);
  assert(read.ok, "a chain that passed is well formed");
  for (const set of read.sets) {
    for (const field of [set.results, set.messageSignature, set.sealField]) signed.add(header.bytes, field);
  }
}

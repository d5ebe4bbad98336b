import type { Header, HeaderField, HeaderView } from "@scop/mime";
import { fieldRaw } from "@scop/mime";
import type { Crypto, DnsAnswer, Instant } from "@scop/platform";
import { type Diagnostic, equalBytes } from "@scop/wire";
import type { BodyHash, BodyHashes } from "./body-hash.ts";
import { FieldsFromBelow, SignedHeader } from "./canonical-header.ts";
import { hasKeyName, isSigned, judgeKey, type KeyAnswer, type KeyCache, keyNameOf } from "./key.ts";
import { FUTURE_SECONDS_MAX, SIGNATURES_MAX } from "./limits.ts";
import { type Lookup, Lookups } from "./lookups.ts";
import { type DkimSignature, type ReadSignature, readSignature, type SignatureTags } from "./signature.ts";
import { withoutFolding } from "./tag-list.ts";
import { moved } from "./tag-reader.ts";
import {
  type DkimFailure,
  type DkimPass,
  type DkimVerdict,
  type Failure,
  type FailureCode,
  type SignatureFacts,
  sentenceOf,
  wordOf,
} from "./verdict.ts";
import { reportWhenKnown, type Verification } from "./verification.ts";

/** What a verification is given. */
export interface VerifyOptions {
  /** Its fields, all of them, or no signature passes; the octets stay unchanged until the report. */
  readonly header: Header;
  /** Hashes of its body; fed by the caller, before or after the answers come. */
  readonly body: BodyHashes;
  readonly now: Instant;
  readonly keys: KeyCache;
  /** What a signature with `l=` is worth that does not cover the whole body. Default `refuse`. RFC 6376 8.2 */
  readonly partialBody?: "refuse" | "accept";
}

/** What goes out: questions at the start, and one report when all is known. */
export type VerifyEffect = Lookup | { readonly do: "report"; readonly verdicts: readonly DkimVerdict[] };

/** A signature that is worth a question. */
interface Candidate {
  readonly field: HeaderField;
  readonly read: ReadSignature<DkimSignature>;
  readonly lookup: number;
  readonly bodyHash: () => BodyHash;
}

type Looked = { readonly candidate: Candidate } | { readonly verdict: DkimVerdict };

/** Characters of b= that tell one signature from another. RFC 6008 4 */
const SIGNATURE_START_CHARACTERS = 12;

function factsOf({ signature, tags }: ReadSignature<DkimSignature>): SignatureFacts {
  const { domain, selector, identity, algorithm } = signature;
  // Twice as many, should there be folds among them.
  const start = withoutFolding(tags.get("b")!.value.slice(0, SIGNATURE_START_CHARACTERS * 2));
  return { domain, selector, identity, algorithm, signatureStart: start.slice(0, SIGNATURE_START_CHARACTERS) };
}

function failure(field: HeaderField, failed: Failure, read: ReadSignature<DkimSignature> | undefined): DkimFailure {
  return {
    method: "dkim",
    result: wordOf(failed.code),
    reason: sentenceOf(failed),
    code: failed.code,
    fieldOffset: field.offset,
    diagnostic: failed.diagnostic,
    claims: read && factsOf(read),
  };
}

/** Faults of a signature that have a word of their own; every other one means that it can't be read. */
const SIGNATURE_FAULTS: ReadonlyMap<string, FailureCode> = new Map([
  ["from-not-signed", "from-not-signed"],
  ["domain-mismatch", "domain-mismatch"],
]);

/** What a fault of a signature field comes to; its place is that in the message. */
function signatureFault(diagnostic: Diagnostic): Failure {
  return { code: SIGNATURE_FAULTS.get(diagnostic.code) ?? "signature-malformed", diagnostic };
}

/** What can be said before anything is asked for. */
export function earlyFault(signature: SignatureTags, now: Instant): Failure | undefined {
  if (signature.algorithm === "rsa-sha1") return { code: "sha1" };
  const seconds = Math.floor(now / 1000);
  const { expiresAt, signedAt } = signature;
  if (expiresAt !== undefined && expiresAt < seconds) return { code: "expired" };
  if (signedAt !== undefined && signedAt > seconds + FUTURE_SECONDS_MAX) return { code: "from-the-future" };
  return hasKeyName(signature) ? undefined : { code: "name-length" };
}

/** Whether no field was left out: what follows would be taken for the body. */
export function isHeaderWhole(header: Header): boolean {
  return !header.diagnostics.some(found => found.code === "header-limit");
}

/** Looks at one field before anything is known about keys and body. */
function look(options: VerifyOptions, lookups: Lookups, field: HeaderField): Looked {
  const { header, body, now } = options;
  const read = moved(readSignature(fieldRaw(header.bytes, field)), field.valueOffset);
  if (!read.ok) return { verdict: failure(field, signatureFault(read.error), undefined) };
  const { signature } = read.value;
  const fault = earlyFault(signature, now);
  if (fault !== undefined) return { verdict: failure(field, fault, read.value) };
  const lookup = lookups.ask(keyNameOf(signature)!);
  // Of a body that has to be signed whole one hash is enough, however many lengths are said.
  const limit = options.partialBody === "accept" ? signature.bodyOctets : undefined;
  const bodyHash = body.request(signature.canonicalization.body, limit);
  return { candidate: { field, read: read.value, lookup, bodyHash } };
}

/** Whether a body is the one that was signed, all of it or as far as was asked for. */
export function judgeBody({ bodyOctets, bodyHash }: SignatureTags, body: BodyHash): Failure | undefined {
  if (bodyOctets !== undefined && bodyOctets > body.octets) return { code: "body-too-short" };
  if (bodyOctets !== undefined && bodyOctets < body.octets - body.unhashedOctets) return { code: "body-length" };
  return equalBytes(bodyHash, body.hash) ? undefined : { code: "body-differs" };
}

/** The octets that a signature signs: chosen fields, then its own without the value of `b=`. RFC 6376 3.7 */
export function signedOctets(
  { bytes }: HeaderView,
  fields: FieldsFromBelow,
  field: HeaderField,
  { signature, tags }: ReadSignature<SignatureTags>,
): Uint8Array {
  const signed = new SignedHeader(signature.canonicalization.header);
  for (const each of fields.select(signature.fields, field)) signed.add(bytes, each);
  const b = tags.get("b")!;
  signed.addUnsigned(bytes, field, field.valueOffset + b.from, field.valueOffset + b.end);
  return signed.octets();
}

/** Fields that people see, or that decide what they see. */
const SEEN_FIELDS = ["from", "subject", "to", "cc", "date", "reply-to", "sender", "content-type"] as const;

/** Those of which there are more than were signed, one of them at least. */
function addedFields(fields: FieldsFromBelow, names: readonly string[]): readonly string[] {
  return SEEN_FIELDS.filter(name => {
    let signed = 0;
    for (const each of names) if (each === name) signed += 1;
    return signed > 0 && fields.count(name, signed + 1) > signed;
  });
}

/** The verdict about one signature: key, then body, then header. */
function judge(
  crypto: Pick<Crypto, "sha256">,
  options: VerifyOptions,
  fields: FieldsFromBelow,
  { field, read, bodyHash }: Candidate,
  answer: DnsAnswer<string>,
): DkimVerdict {
  const { signature } = read;
  const found: KeyAnswer = judgeKey(options.keys, signature, signature.identity, answer);
  if (!found.ok) return failure(field, found.failure, read);
  const body = bodyHash();
  const fault = judgeBody(signature, body);
  if (fault !== undefined) return failure(field, fault, read);
  const octets = signedOctets(options.header, fields, field, read);
  if (!isSigned(crypto, found.key, octets, signature.signature))
    return failure(field, { code: "signature-differs" }, read);
  const pass: DkimPass = {
    method: "dkim",
    result: "pass",
    reason: `${signature.domain} has signed the message, and nothing that was signed has changed.`,
    ...factsOf(read),
    signedFields: signature.fields,
    addedFields: addedFields(fields, signature.fields),
    unsignedOctets: body.unhashedOctets,
    keyBits: found.key.bits,
    keyAuthentic: found.authentic,
    testing: found.testing,
  };
  return pass;
}

const NONE: DkimVerdict = { method: "dkim", result: "none", reason: "The message has no DKIM signature." };

/**
 * Verifies the DKIM signatures of one message: at most eight, from the top; further ones are reported as `policy`. It asks for keys at once,
 * so that names are looked up while the body comes. One verdict a signature, in their order. Never throws on input. RFC 6376 6
 */
export function openVerification(crypto: Pick<Crypto, "sha256">, options: VerifyOptions): Verification<VerifyEffect> {
  const lookups = new Lookups();
  const looked: Looked[] = [];
  const isWhole = isHeaderWhole(options.header);
  for (const field of options.header.header) {
    if (field.lowerName !== "dkim-signature") continue;
    if (!isWhole) looked.push({ verdict: failure(field, { code: "header-limit" }, undefined) });
    else if (looked.length < SIGNATURES_MAX) looked.push(look(options, lookups, field));
    else looked.push({ verdict: failure(field, { code: "signatures-limit" }, undefined) });
  }
  return reportWhenKnown(lookups, () => {
    const fields = new FieldsFromBelow(options.header);
    const verdicts = looked.map(each =>
      "verdict" in each
        ? each.verdict
        : judge(crypto, options, fields, each.candidate, lookups.answerTo(each.candidate.lookup)),
    );
    return { do: "report" as const, verdicts: verdicts.length === 0 ? [NONE] : verdicts };
  });
}

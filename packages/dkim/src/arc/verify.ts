import { parseAuthenticationResults } from "@scop/mime";
import type { Crypto } from "@scop/platform";
import type { BodyHash } from "../body-hash.ts";
import { FieldsFromBelow, SignedHeader } from "../canonical-header.ts";
import { isSigned, judgeKey, type KeyAnswer, type KeyOwner, keyNameOf } from "../key.ts";
import { type Lookup, Lookups } from "../lookups.ts";
import type { Failure } from "../verdict.ts";
import { reportWhenKnown, type Verification } from "../verification.ts";
import { earlyFault, judgeBody, signedOctets, type VerifyOptions } from "../verify.ts";
import { type ArcSet, readSets } from "./sets.ts";
import { type ArcVerdict, arcFailure } from "./verdict.ts";

/** What goes out: questions at the start, and one report when all is known. */
export type ArcEffect = Lookup | { readonly do: "report"; readonly verdict: ArcVerdict };

/** What a set is checked with. */
interface Check {
  readonly crypto: Pick<Crypto, "sha256">;
  readonly options: Omit<VerifyOptions, "partialBody">;
  readonly lookups: Lookups;
  /** The question about the key of each seal and signature. */
  readonly asked: Map<KeyOwner, number>;
  readonly fields: FieldsFromBelow;
}

/** Asks for a key, if it can have a name. */
function ask({ lookups, asked }: Pick<Check, "lookups" | "asked">, owner: KeyOwner): void {
  const name = keyNameOf(owner);
  if (name !== undefined) asked.set(owner, lookups.ask(name));
}

/** The key of a seal or signature. */
function keyOf({ options, lookups, asked }: Check, owner: KeyOwner): KeyAnswer {
  const id = asked.get(owner);
  if (id === undefined) return { ok: false, failure: { code: "name-length" } };
  return judgeKey(options.keys, owner, undefined, lookups.answerTo(id));
}

/** Why the signature of a set does not hold. RFC 8617 5.2: as DKIM verifies one. */
function messageFault(check: Check, set: ArcSet, bodyHash: (() => BodyHash) | undefined): Failure | undefined {
  const { crypto, options, fields } = check;
  const { signature } = set.message;
  const early = earlyFault(signature, options.now);
  if (early !== undefined) return early;
  const found = keyOf(check, signature);
  if (!found.ok) return found.failure;
  const bodyFault = bodyHash && judgeBody(signature, bodyHash());
  if (bodyFault !== undefined) return bodyFault;
  const octets = signedOctets(options.header, fields, set.messageSignature, set.message);
  return isSigned(crypto, found.key, octets, signature.signature) ? undefined : { code: "signature-differs" };
}

/** The oldest instance from which on every signature holds; 0 where all do. RFC 8617 5.2 */
function oldestPass(check: Check, sets: readonly ArcSet[], bodies: readonly (() => BodyHash)[]): number {
  for (let index = sets.length - 2; index >= 0; index -= 1) {
    const set = sets[index]!;
    if (messageFault(check, set, bodies[index]) !== undefined) return set.instance + 1;
  }
  return 0;
}

/**
 * The first seal from the newest that does not hold. A seal signs all sets up to its own, in relaxed form, its own `b=` left out: so all are
 * made once, and each seal is written over the place where the next one began. RFC 8617 5.1.1
 */
function sealFault(check: Check, sets: readonly ArcSet[]): ArcVerdict | undefined {
  const { bytes } = check.options.header;
  const signed = new SignedHeader("relaxed");
  const starts: number[] = [];
  for (const set of sets) {
    signed.add(bytes, set.results);
    signed.add(bytes, set.messageSignature);
    starts.push(signed.length);
    signed.add(bytes, set.sealField);
  }
  for (let index = sets.length - 1; index >= 0; index -= 1) {
    const { instance, sealField, seal } = sets[index]!;
    const found = keyOf(check, seal.seal);
    if (!found.ok) return arcFailure("seal", instance, found.failure);
    const b = seal.tags.get("b")!;
    signed.rewind(starts[index]!);
    signed.addUnsigned(bytes, sealField, sealField.valueOffset + b.from, sealField.valueOffset + b.end);
    if (!isSigned(check.crypto, found.key, signed.octets(), seal.seal.signature))
      return arcFailure("seal", instance, { code: "signature-differs" });
  }
  return undefined;
}

function judge(check: Check, sets: readonly ArcSet[], bodies: readonly (() => BodyHash)[]): ArcVerdict {
  const { bytes } = check.options.header;
  const newest = sets.at(-1)!;
  const fault = messageFault(check, newest, bodies.at(-1));
  if (fault !== undefined) return arcFailure("message-signature", newest.instance, fault);
  const broken = sealFault(check, sets);
  if (broken !== undefined) return broken;
  const sealers = sets.map(({ instance, seal, resultsValue }) => {
    const { domain, selector } = seal.seal;
    return { instance, domain, selector, results: parseAuthenticationResults(bytes, resultsValue) };
  });
  const { domain } = newest.seal.seal;
  const reason = `${domain} was the last to seal the message, and nothing that was signed has changed since.`;
  return { method: "arc", result: "pass", reason, sealers, oldestPass: oldestPass(check, sets, bodies) };
}

const NONE: ArcVerdict = { method: "arc", result: "none", reason: "The message has no chain of ARC sets." };

/**
 * Verifies the chain of one message. It asks for the keys of all seals and signatures at once, those of older signatures last: they only
 * decide on `oldestPass`. A signature has to cover the whole body. Never throws on input. RFC 8617 5.2
 */
export function openArcVerification(
  crypto: Pick<Crypto, "sha256">,
  options: Omit<VerifyOptions, "partialBody">,
): Verification<ArcEffect> {
  const read = readSets(options.header);
  const sets = read.ok ? read.sets : [];
  const lookups = new Lookups();
  const asked = new Map<KeyOwner, number>();
  for (const set of sets) ask({ lookups, asked }, set.seal.seal);
  for (const set of sets.toReversed()) ask({ lookups, asked }, set.message.signature);
  const bodies = sets.map(set => options.body.request(set.message.signature.canonicalization.body, undefined));
  const verdict = (): ArcVerdict => {
    if (!read.ok) return read.failure;
    if (sets.length === 0) return NONE;
    const check: Check = { crypto, options, lookups, asked, fields: new FieldsFromBelow(options.header) };
    return judge(check, sets, bodies);
  };
  return reportWhenKnown(lookups, () => ({ do: "report" as const, verdict: verdict() }));
}

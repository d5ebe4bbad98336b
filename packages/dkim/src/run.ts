import { type Header, parseHeader } from "@scop/mime";
import type { Dns, Platform } from "@scop/platform";
import { assert } from "@scop/wire";
import { openSealing, type SealOptions } from "./arc/seal.ts";
import type { ArcVerdict } from "./arc/verdict.ts";
import { openArcVerification } from "./arc/verify.ts";
import { type BodyHashes, openBodyHashes } from "./body-hash.ts";
import type { KeyCache } from "./key.ts";
import type { Lookup } from "./lookups.ts";
import { openSigning, type SignOptions, type UnsignedField } from "./sign.ts";
import type { Signer } from "./signer.ts";
import type { DkimVerdict } from "./verdict.ts";
import type { Verification } from "./verification.ts";
import { openVerification, type VerifyOptions } from "./verify.ts";

/** A message that is all there. */
export interface WholeMessage {
  readonly header: Header;
  readonly body: Uint8Array;
}

/** The header and body of a message, for `verifyDkim` and `signDkim`. */
export function wholeMessage(bytes: Uint8Array): WholeMessage {
  const header = parseHeader(bytes);
  return { header, body: bytes.subarray(header.bodyOffset) };
}

type VerifyIo = Pick<Platform, "clock" | "crypto" | "dns">;

/** What a verification may be told. */
export interface VerifyMessageOptions extends Pick<VerifyOptions, "partialBody"> {
  readonly keys: KeyCache;
}

/** What the signatures of a message came to. */
export interface SignatureVerdicts {
  /** One a signature, `none` where there is none. */
  readonly dkim: readonly DkimVerdict[];
  readonly arc: ArcVerdict;
}

/** Verifies the DKIM signatures of a whole message. One verdict a signature, `none` where there is none. Never rejects. RFC 6376 6 */
export async function verifyDkim(
  io: VerifyIo,
  message: WholeMessage,
  options: VerifyMessageOptions,
): Promise<readonly DkimVerdict[]> {
  const body = openBodyHashes(io.crypto);
  const machine = openVerification(io.crypto, machineOptions(io, message, body, options));
  const finish = performVerification(io.dns, machine);
  body.whole(message.body);
  return (await finish()).verdicts;
}

/** Verifies the DKIM signatures and the ARC chain of a whole message, in one pass over its body. Never rejects. RFC 6376 6, RFC 8617 5.2 */
export async function verifyDkimAndArc(
  io: VerifyIo,
  message: WholeMessage,
  options: VerifyMessageOptions,
): Promise<SignatureVerdicts> {
  const body = openBodyHashes(io.crypto);
  const given = machineOptions(io, message, body, options);
  const dkim = performVerification(io.dns, openVerification(io.crypto, given));
  const arc = performVerification(io.dns, openArcVerification(io.crypto, given));
  body.whole(message.body);
  return { dkim: (await dkim()).verdicts, arc: (await arc()).verdict };
}

function machineOptions(
  { clock }: VerifyIo,
  { header }: WholeMessage,
  body: BodyHashes,
  { keys, partialBody }: VerifyMessageOptions,
): VerifyOptions {
  return { header, body, keys, now: clock.now(), ...(partialBody === undefined ? {} : { partialBody }) };
}

/**
 * Asks the questions of a machine, all at once. What it gives is called when the body is known, waits for the answers and gives the report. Never
 * rejects. How much one message may ask is the matter of `dns`: see `withBudget` of `@scop/dns/run`.
 */
export function performVerification<Report extends { readonly do: "report" }>(
  dns: Pick<Dns, "txt">,
  machine: Verification<Lookup | Report>,
): () => Promise<Report> {
  const asked = machine.effects.filter((effect): effect is Lookup => effect.do === "lookup");
  const answers = asked.map(({ name }) => dns.txt(name));
  return async () => {
    let effects = machine.take({ on: "body" });
    for (const [index, { id }] of asked.entries())
      effects = machine.take({ on: "answer", id, answer: await answers[index]! });
    const report = effects.find(effect => effect.do === "report");
    assert(report !== undefined, "all is known");
    return report as Report;
  };
}

/** How a message is signed. */
export type SignMessageOptions = Pick<SignOptions, "canonicalization" | "fields" | "lifetimeSeconds">;

/**
 * Signs a whole message with all keys of a domain. Answers the fields to put before it, the empty text where the domain has no key. Rejects
 * where the signer does. RFC 6376 5
 */
export async function signDkim(
  io: Pick<Platform, "clock" | "crypto">,
  signer: Signer,
  message: WholeMessage,
  domain: string,
  options: SignMessageOptions = {},
): Promise<string> {
  const keys = await signer.keys(domain);
  const body = openBodyHashes(io.crypto);
  const signing = openSigning(io.crypto, { ...options, header: message.header, body, keys, now: io.clock.now() });
  body.whole(message.body);
  return signAll(signer, signing.fields());
}

/** The fields that the signer makes of unsigned ones, one after the other as they stand in the message. */
export async function signAll(signer: Signer, unsigned: readonly UnsignedField[]): Promise<string> {
  const fields = unsigned.map(async ({ domain, selector, digest, octets, field }) =>
    field(await signer.sign(domain, selector, digest, octets)),
  );
  return (await Promise.all(fields)).join("");
}

/** How a message is sealed. */
export type SealMessageOptions = Pick<SealOptions, "chain" | "results" | "fields">;

/**
 * Seals a whole message with the first key of a domain. Answers the three fields to put before it; undefined where the domain has no key or
 * nothing may be added to the chain. Rejects where the signer does. RFC 8617 5.1
 */
export async function sealArc(
  io: Pick<Platform, "clock" | "crypto">,
  signer: Signer,
  message: WholeMessage,
  domain: string,
  options: SealMessageOptions,
): Promise<string | undefined> {
  const [key] = await signer.keys(domain);
  if (key === undefined) return undefined;
  const body = openBodyHashes(io.crypto);
  const sealing = openSealing(io.crypto, { ...options, header: message.header, body, key, now: io.clock.now() });
  if (sealing === undefined) return undefined;
  body.whole(message.body);
  const messageSignature = await signAll(signer, [sealing.messageSignature()]);
  return signAll(signer, [sealing.seal(messageSignature)]);
}

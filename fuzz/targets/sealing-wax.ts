import { createHash } from "node:crypto";
import {
  type BodyHashes,
  type DkimVerdict,
  type Lookup,
  openBodyHashes,
  openKeyCache,
  openSigning,
  openVerification,
  type SigningKey,
  type Verification,
  type VerifyEffect,
  type VerifyOptions,
} from "@scop/dkim";
import { type ArcEffect, type ArcVerdict, openArcVerification, openSealing } from "@scop/dkim/arc";
import { wholeMessage } from "@scop/dkim/run";
import type { Crypto } from "@scop/platform";
import { concat, equalBytes, latin1Bytes, utf8Bytes } from "@scop/wire";
import type { Answers } from "./name-service.ts";

const NOW = 1_700_000_000_000;

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(bytes).digest());
}

/** 64 octets that nobody comes to without the key, which is no secret here: quicker than real ones, and the same each time. */
function wax(key: Uint8Array, octets: Uint8Array): Uint8Array {
  const hash = sha256(concat([key, octets]));
  return concat([hash, hash]);
}

const CRYPTO: Pick<Crypto, "sha256" | "hasher" | "publicKey"> = {
  sha256,
  hasher: () => {
    const hash = createHash("sha256");
    return { update: bytes => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
  },
  publicKey: (type, octets) => ({
    type,
    bits: type === "rsa" ? 2_048 : 256,
    verifies: (signed, signature) => equalBytes(wax(octets, signed), signature),
  }),
};

const KEY: SigningKey = { domain: "example.org", selector: "s", type: "ed25519", signatureOctets: 64 };
const KEY_OCTETS = new Uint8Array(32).fill(7);
/** What example.org publishes. */
export const KEY_LINE = `s._domainkey.example.org TXT v=DKIM1; k=ed25519; p=${Buffer.from(KEY_OCTETS).toString("base64")}`;

/** The message as example.org signs it. */
export function signed(bytes: Uint8Array): Uint8Array {
  const { header, body } = wholeMessage(bytes);
  const hashes = openBodyHashes(CRYPTO);
  const signing = openSigning(CRYPTO, { header, body: hashes, keys: [KEY], now: NOW });
  hashes.whole(body);
  const fields = signing.fields().map(({ digest, field }) => field(wax(KEY_OCTETS, digest)));
  return concat([latin1Bytes(fields.join("")), bytes]);
}

/** The message as example.org seals it; undefined where nothing may be added to its chain. */
export function sealed(bytes: Uint8Array, chain: ArcVerdict): Uint8Array | undefined {
  const { header, body } = wholeMessage(bytes);
  const hashes = openBodyHashes(CRYPTO);
  const sealing = openSealing(CRYPTO, { header, body: hashes, key: KEY, chain, results: "mx.example; none", now: NOW });
  if (sealing === undefined) return undefined;
  hashes.whole(body);
  const messageSignature = sealing.messageSignature();
  const seal = sealing.seal(messageSignature.field(wax(KEY_OCTETS, messageSignature.digest)));
  return concat([utf8Bytes(seal.field(wax(KEY_OCTETS, seal.digest))), bytes]);
}

/** Gives a machine what it asks for, and answers its report. */
function reportOf<Report>(
  machine: Verification<Lookup | Report>,
  hashes: BodyHashes,
  body: Uint8Array,
  answers: Answers,
): Report {
  hashes.whole(body);
  let effects = machine.take({ on: "body" });
  for (const effect of machine.effects as readonly Lookup[])
    effects = machine.take({ on: "answer", id: effect.id, answer: answers(effect) });
  if (effects.length !== 1) throw new Error("a verification reports once, when all is known");
  return effects[0] as Report;
}

/** What the signatures and the chain of a message are worth. */
export function verdictsOf(
  bytes: Uint8Array,
  answers: Answers,
): { readonly dkim: readonly DkimVerdict[]; readonly arc: ArcVerdict } {
  const { header, body } = wholeMessage(bytes);
  const given = (hashes: BodyHashes): VerifyOptions => ({ header, body: hashes, now: NOW, keys: openKeyCache(CRYPTO) });
  const [forDkim, forArc] = [openBodyHashes(CRYPTO), openBodyHashes(CRYPTO)];
  const dkim = reportOf(openVerification(CRYPTO, given(forDkim)), forDkim, body, answers);
  const arc = reportOf(openArcVerification(CRYPTO, given(forArc)), forArc, body, answers);
  return {
    dkim: (dkim as Extract<VerifyEffect, { do: "report" }>).verdicts,
    arc: (arc as Extract<ArcEffect, { do: "report" }>).verdict,
  };
}

import { fieldRaw, type HeaderField } from "@scop/mime";
import { CharClass, failed, isClass, type Parsed, parsed } from "@scop/wire";
import { base64Tag, commonTags, formatTags, tag } from "../format.ts";
import { ARC_SETS_MAX } from "../limits.ts";
import { type Algorithm, type ReadSignature, readAlgorithm, readCommonTags, type SignatureTags } from "../signature.ts";
import { octetsOf, parseTagList, type Tags } from "../tag-list.ts";
import { moved, TagReader } from "../tag-reader.ts";
import type { ChainStatus } from "./verdict.ts";

/** An ARC-Message-Signature. RFC 8617 4.1.2 */
export interface MessageSignature extends SignatureTags {
  /** i=: 1 to 50. */
  readonly instance: number;
}

/** An ARC-Seal. RFC 8617 4.1.3 */
export interface Seal {
  readonly instance: number;
  readonly algorithm: Algorithm;
  readonly signature: Uint8Array;
  /** cv= */
  readonly chain: ChainStatus;
  readonly domain: string;
  readonly selector: string;
  /** t=, in seconds. */
  readonly signedAt: number | undefined;
}

/** i= of the three fields: 1*2DIGIT, 1 to 50. RFC 8617 4.2.1 */
function instanceOf(text: string): number | undefined {
  const isNumber = text.length >= 1 && text.length <= 2 && [...text].every(each => isDigit(each));
  const instance = isNumber ? Number(text) : 0;
  return instance >= 1 && instance <= ARC_SETS_MAX ? instance : undefined;
}

function isDigit(character: string): boolean {
  return isClass(character.charCodeAt(0), CharClass.digit);
}

function readInstance(reader: TagReader): number {
  const tag = reader.required("i");
  const instance = tag && instanceOf(tag.value);
  if (instance === undefined) reader.refuse("i-number", tag, "RFC 8617 4.2.1");
  return instance ?? 0;
}

/** The value of an ARC-Message-Signature, one character an octet: the grammar of DKIM-Signature but for `i=` and `v=`. RFC 8617 4.1.2 */
export function parseMessageSignature(value: string): Parsed<MessageSignature> {
  const read = readMessageSignature(octetsOf(value));
  return read.ok ? parsed(read.value.signature) : read;
}

/** The same from octets and with the tags. */
export function readMessageSignature(value: Uint8Array): Parsed<ReadSignature<MessageSignature>> {
  const list = parseTagList(value);
  if (!list.ok) return list;
  const reader = new TagReader(list.value, "RFC 8617 4.1.2");
  const instance = readInstance(reader);
  const common = readCommonTags(reader);
  if (common.algorithm === "rsa-sha1") reader.refuse("algorithm-unknown", reader.tag("a"), "RFC 8301 3.1");
  if (reader.fault !== undefined) return { ok: false, error: reader.fault };
  return parsed({ signature: { instance, ...common }, tags: list.value.tags });
}

/** The value of an ARC-Seal, one character an octet. RFC 8617 4.1.3 */
export function parseSeal(value: string): Parsed<Seal> {
  const read = readSeal(octetsOf(value));
  return read.ok ? parsed(read.value.seal) : read;
}

/** A seal with its tags. */
export interface ReadSeal {
  readonly seal: Seal;
  readonly tags: Tags;
}

const CHAIN: ReadonlySet<string> = new Set(["none", "pass", "fail"]);

/** The same from octets and with the tags. */
export function readSeal(value: Uint8Array): Parsed<ReadSeal> {
  const list = parseTagList(value);
  if (!list.ok) return list;
  const reader = new TagReader(list.value, "RFC 8617 4.1.3");
  const instance = readInstance(reader);
  const algorithm = readAlgorithm(reader);
  if (algorithm === "rsa-sha1") reader.refuse("algorithm-unknown", reader.tag("a"), "RFC 8301 3.1");
  const signature = reader.octets(reader.required("b"));
  if (signature.length === 0) reader.refuse("b-empty", reader.tag("b"));
  const status = reader.required("cv");
  const chain = status?.value.toLowerCase() ?? "";
  if (!CHAIN.has(chain)) reader.refuse("cv-unknown", status);
  const domain = reader.domain(reader.required("d"));
  const selector = reader.domain(reader.required("s"));
  const signedAt = reader.number("t");
  if (reader.fault !== undefined) return { ok: false, error: reader.fault };
  return parsed({
    seal: { instance, algorithm, signature, chain: chain as ChainStatus, domain, selector, signedAt },
    tags: list.value.tags,
  });
}

const SEMICOLON = 59;

/** The instance of an ARC-Authentication-Results field, and where its results begin. RFC 8617 4.1.1 */
export function readResultsInstance(
  bytes: Uint8Array,
  field: HeaderField,
): Parsed<{ readonly instance: number; readonly results: HeaderField }> {
  const value = fieldRaw(bytes, field);
  const semicolon = Math.max(0, value.indexOf(SEMICOLON));
  const list = moved(parseTagList(value.subarray(0, semicolon)), field.valueOffset);
  if (!list.ok) return list;
  const instance = instanceOf(list.value.tags.get("i")?.value ?? "");
  if (instance === undefined) return failed("i-number", field.valueOffset, semicolon, "RFC 8617 4.1.1");
  return parsed({ instance, results: { ...field, valueOffset: field.valueOffset + semicolon + 1 } });
}

/** Octets of the names before the values. */
const MESSAGE_SIGNATURE_OCTETS = 22;
const SEAL_OCTETS = 9;

/** The value of an ARC-Message-Signature: the inverse of `parseMessageSignature`. RFC 8617 4.1.2 */
export function formatMessageSignature(signature: MessageSignature): string {
  return formatTags(MESSAGE_SIGNATURE_OCTETS, [tag("i", signature.instance), ...commonTags(signature)]);
}

/** The value of an ARC-Seal: the inverse of `parseSeal`. RFC 8617 4.1.3 */
export function formatSeal(seal: Seal): string {
  return formatTags(SEAL_OCTETS, [
    tag("i", seal.instance),
    tag("a", seal.algorithm),
    tag("cv", seal.chain),
    tag("d", seal.domain),
    tag("s", seal.selector),
    ...(seal.signedAt === undefined ? [] : [tag("t", seal.signedAt)]),
    base64Tag("b", seal.signature),
  ]);
}

import { CharClass, isClass, type Parsed, parsed } from "@scop/wire";
import { octetsOf, parseTagList, skipFolding, type Tags } from "./tag-list.ts";
import { listOf, TagReader } from "./tag-reader.ts";

/** How a header or body is made equal before it is hashed. RFC 6376 3.4 */
export type Canonicalization = "simple" | "relaxed";

/** RFC 8301 3.1, RFC 8463 3; `rsa-sha1` is read and never passes. */
export type Algorithm = "rsa-sha256" | "ed25519-sha256" | "rsa-sha1";

/** What DKIM-Signature and ARC-Message-Signature have in common. */
export interface SignatureTags {
  readonly algorithm: Algorithm;
  /** b= */
  readonly signature: Uint8Array;
  /** bh= */
  readonly bodyHash: Uint8Array;
  readonly canonicalization: { readonly header: Canonicalization; readonly body: Canonicalization };
  /** d=, in lower case and A-labels. */
  readonly domain: string;
  readonly selector: string;
  /** h=, in lower case. */
  readonly fields: readonly string[];
  /** l= */
  readonly bodyOctets: number | undefined;
  /** t= and x=, in seconds. */
  readonly signedAt: number | undefined;
  readonly expiresAt: number | undefined;
}

/** A DKIM-Signature field, taken apart. RFC 6376 3.5 */
export interface DkimSignature extends SignatureTags {
  /** i=, its domain in lower case; `@` and the domain where it is not said. */
  readonly identity: string;
}

/** The tags that are the signature, and those that tell about it. */
export interface ReadSignature<T> {
  readonly signature: T;
  readonly tags: Tags;
}

const ALGORITHMS: ReadonlySet<string> = new Set(["rsa-sha256", "ed25519-sha256", "rsa-sha1"]);
const RULE = "RFC 6376 3.5";

/**
 * The value of a DKIM-Signature field, one character an octet, folds and all. Refused: what the grammar forbids, missing tags, an unknown
 * version, algorithm, canonicalization or way to ask for keys, From not among the signed fields, an identity outside of the
 * domain, an end before the beginning. Unknown tags are passed over. RFC 6376 3.5, 6.1.1
 */
export function parseSignature(value: string): Parsed<DkimSignature> {
  const read = readSignature(octetsOf(value));
  return read.ok ? parsed(read.value.signature) : read;
}

/** The same from octets and with the tags, whose places are those in the field. */
export function readSignature(value: Uint8Array): Parsed<ReadSignature<DkimSignature>> {
  const list = parseTagList(value);
  if (!list.ok) return list;
  const reader = new TagReader(list.value, RULE);
  const version = reader.required("v");
  if (version !== undefined && version.value !== "1") reader.refuse("version-unknown", version);
  const common = readCommonTags(reader);
  const identity = identityOf(reader, common.domain);
  if (reader.fault !== undefined) return { ok: false, error: reader.fault };
  return parsed({ signature: { ...common, identity }, tags: list.value.tags });
}

/** The tags that ARC has too. */
export function readCommonTags(reader: TagReader): SignatureTags {
  const algorithm = readAlgorithm(reader);
  const signature = reader.octets(reader.required("b"));
  if (signature.length === 0) reader.refuse("b-empty", reader.tag("b"));
  const bodyHash = reader.octets(reader.required("bh"));
  if (bodyHash.length === 0) reader.refuse("bh-empty", reader.tag("bh"));
  const domain = reader.domain(reader.required("d"));
  const selector = reader.domain(reader.required("s"));
  const fields = fieldsOf(reader);
  const canonicalization = canonicalizationOf(reader);
  const query = reader.tag("q");
  if (query !== undefined && !listOf(query.value.toLowerCase()).some(method => method === "dns/txt"))
    reader.refuse("query-unknown", query);
  const signedAt = reader.number("t");
  const expiresAt = reader.number("x");
  if (signedAt !== undefined && expiresAt !== undefined && expiresAt <= signedAt)
    reader.refuse("x-before-t", reader.tag("x"));
  const bodyOctets = reader.number("l");
  return {
    algorithm,
    signature,
    bodyHash,
    canonicalization,
    domain,
    selector,
    fields,
    bodyOctets,
    signedAt,
    expiresAt,
  };
}

/** a= */
export function readAlgorithm(reader: TagReader): Algorithm {
  const tag = reader.required("a");
  const algorithm = tag?.value.toLowerCase() ?? "";
  if (ALGORITHMS.has(algorithm)) return algorithm as Algorithm;
  reader.refuse("algorithm-unknown", tag, "RFC 6376 3.3");
  return "rsa-sha256";
}

/** h=: names without repetition limits; From is among them. RFC 6376 5.4 */
function fieldsOf(reader: TagReader): readonly string[] {
  const tag = reader.required("h");
  if (tag === undefined) return [];
  const text = tag.value.toLowerCase();
  const plain = plainNames(text);
  const names = plain ?? listOf(text);
  if (plain === undefined && !names.every(isFieldName)) reader.refuse("h-name", tag);
  else if (!names.includes("from")) reader.refuse("from-not-signed", tag, "RFC 6376 5.4");
  return names;
}

/** The names of a list with white space around them alone; undefined where there is some within one. In one pass: most lists are such. */
function plainNames(text: string): readonly string[] | undefined {
  const names: string[] = [];
  for (let start = 0; start <= text.length; ) {
    const colon = text.indexOf(":", start);
    const stop = colon < 0 ? text.length : colon;
    const from = skipFolding(text, start, stop);
    let end = from;
    while (end < stop && isClass(text.charCodeAt(end), CharClass.fieldName)) end += 1;
    if (end === from || skipFolding(text, end, stop) < stop) return undefined;
    names.push(text.slice(from, end));
    start = stop + 1;
  }
  return names;
}

function isFieldName(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) if (!isClass(name.charCodeAt(at), CharClass.fieldName)) return false;
  return name !== "";
}

/** c=: the header's word alone stands for `simple` of the body. RFC 6376 3.5 */
function canonicalizationOf(reader: TagReader): SignatureTags["canonicalization"] {
  const tag = reader.tag("c");
  const [header = "", body = "simple", ...others] = tag?.value.toLowerCase().split("/") ?? ["simple"];
  if (others.length === 0 && isCanonicalization(header) && isCanonicalization(body)) return { header, body };
  reader.refuse("canonicalization-unknown", tag, "RFC 6376 3.4");
  return { header: "simple", body: "simple" };
}

function isCanonicalization(word: string): word is Canonicalization {
  return word === "simple" || word === "relaxed";
}

/** i=: its domain is d= or a name under it. RFC 6376 6.1.1 */
function identityOf(reader: TagReader, domain: string): string {
  const tag = reader.tag("i");
  if (tag === undefined) return `@${domain}`;
  const at = tag.value.lastIndexOf("@");
  if (at < 0) reader.refuse("i-malformed", tag);
  const identityDomain = reader.domain({ ...tag, value: tag.value.slice(at + 1) });
  if (identityDomain !== domain && !identityDomain.endsWith(`.${domain}`)) reader.refuse("domain-mismatch", tag);
  return `${tag.value.slice(0, Math.max(at, 0))}@${identityDomain}`;
}

/** Whether an identity is of the domain itself and not of a name under it: `t=s` of its key asks for that. RFC 6376 3.6.1 */
export function isOfDomain(identity: string, domain: string): boolean {
  return identity.slice(identity.lastIndexOf("@") + 1) === domain;
}

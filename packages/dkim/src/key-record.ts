import { base64Encode, type Parsed, parsed } from "@scop/wire";
import { octetsOf, parseTagList } from "./tag-list.ts";
import { listOf, TagReader } from "./tag-reader.ts";

/** A key as a domain publishes it. RFC 6376 3.6.1 */
export interface KeyRecord {
  /** k=, in lower case: `rsa`, `ed25519` or what we don't know. */
  readonly type: string;
  /** p=; empty where the key was revoked. */
  readonly octets: Uint8Array;
  /** h=, in lower case: the hashes it may be used with; undefined means any. */
  readonly hashes: readonly string[] | undefined;
  /** s=, in lower case: what it may be used for; `*` is everything. */
  readonly services: readonly string[];
  /** t=, in lower case: `y` and `s` among others. */
  readonly flags: readonly string[];
  /** n=, for administrators. */
  readonly notes: string | undefined;
}

/**
 * A TXT record with a key, one character an octet. Refused: what the grammar forbids, a version other than DKIM1 or one that does not come
 * first, no `p=`, a `p=` that is no base64. Unknown tags are passed over. RFC 6376 3.6.1
 */
export function parseKeyRecord(text: string): Parsed<KeyRecord> {
  const list = parseTagList(octetsOf(text));
  if (!list.ok) return list;
  const reader = new TagReader(list.value, "RFC 6376 3.6.1");
  const version = reader.tag("v");
  const [first] = list.value.tags.keys();
  if (version !== undefined && (first !== "v" || version.value !== "DKIM1")) reader.refuse("version-unknown", version);
  const octets = reader.octets(reader.required("p"));
  const record: KeyRecord = {
    type: reader.tag("k")?.value.toLowerCase() ?? "rsa",
    octets,
    hashes: words(reader, "h"),
    services: words(reader, "s") ?? ["*"],
    flags: words(reader, "t") ?? [],
    notes: reader.tag("n")?.value,
  };
  return reader.fault === undefined ? parsed(record) : { ok: false, error: reader.fault };
}

function words(reader: TagReader, name: string): readonly string[] | undefined {
  const tag = reader.tag(name);
  return tag === undefined ? undefined : listOf(tag.value.toLowerCase());
}

/** The text of a TXT record with this key: the inverse of `parseKeyRecord`. RFC 6376 3.6.1 */
export function formatKeyRecord(record: KeyRecord): string {
  const tags = ["v=DKIM1", `k=${record.type}`];
  if (record.hashes !== undefined) tags.push(`h=${record.hashes.join(":")}`);
  if (record.services.join() !== "*") tags.push(`s=${record.services.join(":")}`);
  if (record.flags.length > 0) tags.push(`t=${record.flags.join(":")}`);
  if (record.notes !== undefined) tags.push(`n=${record.notes}`);
  tags.push(`p=${base64Encode(record.octets)}`);
  return tags.join("; ");
}

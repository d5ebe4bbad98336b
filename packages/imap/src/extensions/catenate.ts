import { parseMessage } from "@scop/mime";
import type { AppendSink, Backend, Entry, Mailbox, Outcome } from "../backend.ts";
import { BLOB_CHUNK_OCTETS } from "../limits.ts";
import { sectionOf } from "../message-section.ts";
import type { MessageUrl } from "./message-url.ts";

/** What became of a URL of CATENATE. RFC 4469 4 */
export type UrlAnswer =
  | { readonly url: "taken"; readonly octets: number }
  /** It names nothing. */
  | { readonly url: "bad" }
  | { readonly url: "too-large" };

/** Writes what a URL names to a message, at most so many octets. A whole message goes through in stretches. */
export async function appendUrl(
  backend: Backend,
  sink: AppendSink,
  url: MessageUrl,
  octetsMax: number,
): Promise<Outcome<UrlAnswer>> {
  const mailbox = await backend.mailbox(url.mailbox);
  if (!mailbox.ok) return mailbox.failure === "missing" ? answered({ url: "bad" }) : mailbox;
  if (url.uidValidity !== undefined && url.uidValidity !== mailbox.value.uidValidity) return answered({ url: "bad" });
  const entry = await backend.entry(mailbox.value.key, url.uid);
  if (!entry.ok) return entry.failure === "missing" ? answered({ url: "bad" }) : entry;
  const { section } = url;
  const isWhole = section.path.length === 0 && section.text === "all";
  return isWhole
    ? passThrough(backend, sink, mailbox.value, entry.value, { url, octetsMax })
    : takeSection(backend, sink, mailbox.value, entry.value, { url, octetsMax });
}

interface Wanted {
  readonly url: MessageUrl;
  readonly octetsMax: number;
}

function answered(value: UrlAnswer): Outcome<UrlAnswer> {
  return { ok: true, value };
}

async function passThrough(
  backend: Backend,
  sink: AppendSink,
  mailbox: Mailbox,
  entry: Entry,
  { url, octetsMax }: Wanted,
): Promise<Outcome<UrlAnswer>> {
  const start = Math.min(url.partial?.start ?? 0, entry.size);
  const end = Math.min(entry.size, start + (url.partial?.octets ?? entry.size));
  if (end - start > octetsMax) return answered({ url: "too-large" });
  for (let at = start; at < end; at += BLOB_CHUNK_OCTETS) {
    const bytes = await backend.read(mailbox.key, entry, at, Math.min(end, at + BLOB_CHUNK_OCTETS));
    if (!bytes.ok) return bytes.failure === "missing" ? answered({ url: "bad" }) : bytes;
    const failure = await sink.write(bytes.value);
    if (failure !== undefined) return { ok: false, failure };
  }
  return answered({ url: "taken", octets: end - start });
}

async function takeSection(
  backend: Backend,
  sink: AppendSink,
  mailbox: Mailbox,
  entry: Entry,
  { url, octetsMax }: Wanted,
): Promise<Outcome<UrlAnswer>> {
  const bytes = await backend.read(mailbox.key, entry, 0, entry.size);
  if (!bytes.ok) return bytes.failure === "missing" ? answered({ url: "bad" }) : bytes;
  const octets = sectionOctets(bytes.value, url);
  if (octets === undefined) return answered({ url: "bad" });
  if (octets.length > octetsMax) return answered({ url: "too-large" });
  const failure = octets.length === 0 ? undefined : await sink.write(octets);
  return failure === undefined ? answered({ url: "taken", octets: octets.length }) : { ok: false, failure };
}

/** The octets of a message that a URL names; undefined where it has no such section. RFC 5092 7.2 */
export function sectionOctets(bytes: Uint8Array, { section, partial }: MessageUrl): Uint8Array | undefined {
  const place = sectionOf(parseMessage(bytes), section);
  if (place === undefined) return undefined;
  const octets = place.place === "octets" ? place.octets : bytes.subarray(place.start, place.end);
  const start = partial?.start ?? 0;
  return octets.subarray(start, start + (partial?.octets ?? octets.length));
}

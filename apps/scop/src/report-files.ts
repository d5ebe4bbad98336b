import { gunzipSync, inflateRawSync } from "node:zlib";
import { contentTypeOf, fileNameOf, parseMessage, partBytes, partsOf } from "@scop/mime";
import { Fault } from "./fault.ts";

/** Octets of a report that is unpacked: beyond it, it is a bomb. Ours; a day of a large domain has a few. */
const REPORT_OCTETS_MAX = 64 * 1024 * 1024;
/** Reports of one message. */
const REPORTS_MAX = 16;

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
/** The end of a directory may have a comment of 65,535 octets behind it. */
const DIRECTORY_END_OCTETS_MAX = 22 + 65_535;

/** The reports in a file: itself, what is packed in it (gzip, or the first file of a zip), or the attachments of a message. */
export function reportsIn(name: string, bytes: Uint8Array): readonly string[] {
  const isPacked = bytes[0] === 0x1f || (bytes[0] === 0x50 && bytes[1] === 0x4b);
  const first = Buffer.from(bytes.subarray(0, 1024))
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .trimStart();
  if (isPacked || first.startsWith("<") || first.startsWith("{")) return [unpacked(name, bytes)];
  const message = parseMessage(bytes);
  const parts = partsOf(message.root).filter(part => {
    const type = contentTypeOf(message, part).value.toLowerCase();
    return /^application\/(?:(?:x-)?gzip|(?:x-)?zip(?:-compressed)?|xml|tlsrpt\+(?:gzip|json)|octet-stream)$|^text\/xml$/.test(
      type,
    );
  });
  if (parts.length === 0)
    throw new Fault(`${name} has no report: neither XML, JSON, gzip nor zip, nor a message with one attached`);
  return parts
    .slice(0, REPORTS_MAX)
    .map(part => unpacked(`${name}, ${fileNameOf(message, part) ?? "attachment"}`, partBytes(message, part)));
}

function unpacked(name: string, bytes: Uint8Array): string {
  try {
    const octets = bytes[0] === 0x1f ? gunzipSync(bytes, { maxOutputLength: REPORT_OCTETS_MAX }) : unzipped(bytes);
    return Buffer.from(octets).toString("utf8");
  } catch (error) {
    throw new Fault(`${name} can't be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The first file of a zip archive, as its directory at the end says; what is none is answered as it is. APPNOTE 4.3 */
function unzipped(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 22 || view.getUint32(0, true) !== LOCAL_HEADER) return bytes;
  let end = bytes.length - 22;
  const least = Math.max(0, bytes.length - DIRECTORY_END_OCTETS_MAX);
  while (end >= least && view.getUint32(end, true) !== DIRECTORY_END) end -= 1;
  if (end < least) throw new Error("the archive has no directory");
  const entry = view.getUint32(end + 16, true);
  if (view.getUint32(entry, true) !== DIRECTORY_ENTRY) throw new Error("the archive's directory is damaged");
  const method = view.getUint16(entry + 10, true);
  const octets = view.getUint32(entry + 20, true);
  const local = view.getUint32(entry + 42, true);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const packed = bytes.subarray(start, start + octets);
  if (method === 0) return packed;
  if (method !== 8) throw new Error("the archive is packed in another way than by deflate");
  return inflateRawSync(packed, { maxOutputLength: REPORT_OCTETS_MAX });
}

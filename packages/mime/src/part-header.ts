import { utf8Bytes } from "@scop/wire";
import { type Boundary, boundaryOf, type DelimiterLine, delimits, readDelimiterLine } from "./delimiter.ts";
import { DATE_BIT, FROM_BIT } from "./field-names.ts";
import { type HeaderScan, scanHeader } from "./header.ts";
import { BOUNDARY_CHARACTERS_MAX } from "./limits.ts";
import { isIdentity, isMessageType, isMultipart, mediaTypeOf, transferEncodingOf } from "./media.ts";
import type { HeaderField, TransferEncoding } from "./model.ts";
import { note } from "./notes.ts";
import { parameter, parametersBehind } from "./parameters.ts";

/** The header of a part and what it says of the part. */
interface PartHeader {
  readonly header: readonly HeaderField[];
  readonly bodyOffset: number;
  readonly mediaType: string;
  readonly encoding: TransferEncoding;
  /** Of a multipart that is read. */
  readonly boundary: Boundary | undefined;
  /** Whether a message begins where its body does. */
  readonly isMessage: boolean;
  /** What its children are by default. RFC 2046 5.1.5 */
  readonly childType: string;
}

/** The boundary of a multipart; undefined with a note where it has none. RFC 2046 5.1.1 */
function readBoundary(scan: HeaderScan, mediaType: string): Boundary | undefined {
  const { bytes, notes, limits, contentType: field } = scan;
  const text =
    field === undefined ? undefined : parameter(parametersBehind(bytes, field, mediaType, limits), "boundary");
  const trimmed = text?.trimEnd() ?? "";
  if (field !== undefined && text !== undefined && trimmed !== "") {
    if (text.length > BOUNDARY_CHARACTERS_MAX || trimmed !== text) {
      note(notes, "boundary-malformed", field.offset, field.length, "RFC 2046 5.1.1");
    }
    return boundaryOf(utf8Bytes(trimmed));
  }
  note(notes, "boundary-missing", field?.offset ?? 0, field?.length ?? 0, "RFC 2046 5.1.1");
  return undefined;
}

/** RFC 5322 3.6: the fields that every message has. */
function noteMissing(scan: HeaderScan, at: number): void {
  if ((scan.singletons & DATE_BIT) === 0) note(scan.notes, "date-missing", at, 0, "RFC 5322 3.6");
  if ((scan.singletons & FROM_BIT) === 0) note(scan.notes, "from-missing", at, 0, "RFC 5322 3.6");
}

/** Reads the header at `at` of a part with so many parts around it. */
export function readPartHeader(scan: HeaderScan, at: number, defaultType: string, level: number): PartHeader {
  const { bytes, notes } = scan;
  const header: HeaderField[] = [];
  const bodyOffset = scanHeader(scan, header, at, bytes.length);
  const mediaType = mediaTypeOf(bytes, scan.contentType, defaultType, notes);
  const encoding = transferEncodingOf(bytes, scan.encoding, notes);
  const multipart = isMultipart(mediaType);
  const composite = multipart || isMessageType(mediaType);
  const tooDeep = composite && level + 1 >= scan.limits.depth;
  if (tooDeep) note(notes, "depth-limit", at, 0, "RFC 2046 5.1");
  const boundary = multipart && !tooDeep ? readBoundary(scan, mediaType) : undefined;
  // RFC 2046 5.2.1: a message within is not encoded. One that is, is left for the caller to decode and to parse.
  if (composite && !isIdentity(encoding)) note(notes, "encoded-composite", at, 0, "RFC 2045 6.4");
  if (level === 0 && header.length > 0) noteMissing(scan, at);
  return {
    header,
    bodyOffset,
    mediaType,
    encoding,
    boundary,
    isMessage: composite && !multipart && !tooDeep && isIdentity(encoding),
    childType: mediaType === "multipart/digest" ? "message/rfc822" : "text/plain",
  };
}

/** Which open part a line delimits. */
export interface Match {
  readonly level: number;
  readonly kind: "open" | "close";
  readonly line: DelimiterLine;
}

/** The open part, innermost first, that the line at `at` delimits. */
export function matchAt(
  bytes: Uint8Array,
  open: readonly { readonly boundary: Boundary | undefined }[],
  at: number,
): Match | undefined {
  const line = readDelimiterLine(bytes, at);
  if (line === undefined) return undefined;
  for (let level = open.length - 1; level >= 0; level -= 1) {
    const { boundary } = open[level]!;
    const kind = boundary === undefined ? undefined : delimits(bytes, line, boundary);
    if (kind !== undefined) return { level, kind, line };
  }
  return undefined;
}

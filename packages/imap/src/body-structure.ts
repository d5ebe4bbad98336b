import {
  fieldValue,
  firstField,
  type Message,
  type Parameter,
  type ParameterizedValue,
  type Part,
  parameterizedValue,
} from "@scop/mime";
import { Octet, utf8Bytes, Writer } from "@scop/wire";
import { joinContinuations } from "./continuations.ts";
import { envelope, writeField } from "./envelope.ts";
import { writeString } from "./serialise.ts";

/** Line feeds before each place that a part begins or ends at, so that nested parts are not counted again and again. */
type LineCounts = ReadonlyMap<number, number>;

interface Structure {
  readonly message: Message;
  readonly writer: Writer;
  readonly extended: boolean;
  readonly lines: LineCounts;
}

/** What is still to be written: a part, or what closes one that was begun. */
type Pending = { readonly part: Part } | { readonly close: Part };

/**
 * The structure of a message for FETCH: BODY, or with `extended` BODYSTRUCTURE. Parts wait on a stack, so that the depth of a message is
 * not the depth of our calls. RFC 3501 7.4.2
 */
export function bodyStructure(message: Message, extended: boolean): Uint8Array {
  const structure: Structure = { message, writer: new Writer(), extended, lines: countLines(message) };
  const pending: Pending[] = [{ part: message.root }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if ("close" in next) closePart(structure, next.close);
    else openPart(structure, next.part, pending);
  }
  return structure.writer.whole();
}

function openPart(structure: Structure, part: Part, pending: Pending[]): void {
  const { writer } = structure;
  writer.ascii("(");
  if (part.mediaType.startsWith("multipart/")) {
    pending.push({ close: part });
    for (const child of part.children.toReversed()) pending.push({ part: child });
    // RFC 3501 9: a multipart has at least one part.
    if (part.children.length === 0) {
      writer.ascii(`("text" "plain" NIL NIL NIL "7bit" 0 0${structure.extended ? " NIL NIL NIL NIL" : ""})`);
    }
    return;
  }
  const inner = part.mediaType === "message/rfc822" ? part.children[0] : undefined;
  writeBasic(structure, part);
  if (inner === undefined) {
    closePart(structure, part);
    return;
  }
  writer
    .ascii(" ")
    .bytes(envelope({ bytes: structure.message.bytes, header: inner.header }))
    .ascii(" ");
  pending.push({ close: part }, { part: inner });
}

/** What follows the parts of a multipart, the message in a message, or the fields of all others. */
function closePart(structure: Structure, part: Part): void {
  const { writer, extended } = structure;
  const multipart = part.mediaType.startsWith("multipart/");
  const type = contentType(structure, part);
  if (multipart) {
    writer.ascii(" ");
    writeString(writer, utf8Bytes(part.mediaType.slice("multipart/".length)));
  } else if (part.mediaType.startsWith("text/") || (part.mediaType === "message/rfc822" && part.children.length > 0)) {
    const ends = structure.lines.get(part.end)! - structure.lines.get(part.bodyOffset)!;
    // A last line without an end counts.
    const open = part.end > part.bodyOffset && structure.message.bytes[part.end - 1] !== Octet.lf;
    writer.ascii(` ${open ? ends + 1 : ends}`);
  }
  if (extended) {
    writer.ascii(" ");
    if (multipart) writeParameters(writer, type?.parameters ?? []);
    else writeField(writer, viewOf(structure, part), "content-md5");
    writeExtension(structure, part);
  }
  writer.ascii(")");
}

function viewOf(structure: Structure, part: Part): { readonly bytes: Uint8Array; readonly header: Part["header"] } {
  return { bytes: structure.message.bytes, header: part.header };
}

function contentType(structure: Structure, part: Part): ParameterizedValue | undefined {
  const field = firstField(part.header, "content-type");
  return field === undefined ? undefined : parameterizedValue(structure.message.bytes, field);
}

/** Type, subtype, parameters, id, description, encoding and octets. RFC 3501 9 body-type-basic */
function writeBasic(structure: Structure, part: Part): void {
  const { writer } = structure;
  // RFC 3501 9: MESSAGE/RFC822 always has its message; one that was not looked into is any octets.
  const hidden = part.mediaType === "message/rfc822" && part.children.length === 0;
  const mediaType = hidden ? "application/octet-stream" : part.mediaType;
  const slash = mediaType.indexOf("/");
  writeString(writer, utf8Bytes(mediaType.slice(0, slash)));
  writer.ascii(" ");
  writeString(writer, utf8Bytes(mediaType.slice(slash + 1)));
  writer.ascii(" ");
  const type = contentType(structure, part);
  // RFC 2045 5.2: what is said of a part that says nothing.
  const isDefault = type === undefined && mediaType === "text/plain";
  writeParameters(writer, isDefault ? [{ name: "charset", value: "us-ascii" }] : (type?.parameters ?? []));
  const view = viewOf(structure, part);
  writer.ascii(" ");
  writeField(writer, view, "content-id");
  writer.ascii(" ");
  writeField(writer, view, "content-description");
  writer.ascii(" ");
  const field = part.encoding === "unknown" ? firstField(part.header, "content-transfer-encoding") : undefined;
  const encoding = field === undefined ? part.encoding : fieldValue(structure.message.bytes, field);
  writeString(writer, utf8Bytes(encoding === "unknown" ? "binary" : encoding));
  writer.ascii(` ${part.end - part.bodyOffset}`);
}

/** RFC 3501 9 body-fld-param; values in pieces are put together (RFC 2231 6), charsets left to the client. */
function writeParameters(writer: Writer, parameters: readonly Parameter[]): void {
  if (parameters.length === 0) {
    writer.ascii("NIL");
    return;
  }
  for (const [index, { name, value }] of joinContinuations(parameters).entries()) {
    writer.ascii(index === 0 ? "(" : " ");
    writeString(writer, utf8Bytes(name));
    writer.ascii(" ");
    writeString(writer, utf8Bytes(value));
  }
  writer.ascii(")");
}

/** Disposition, language and location. RFC 3501 9 body-ext-1part */
function writeExtension(structure: Structure, part: Part): void {
  const { writer, message } = structure;
  const field = firstField(part.header, "content-disposition");
  const disposition = field === undefined ? undefined : parameterizedValue(message.bytes, field);
  writer.ascii(" ");
  if (disposition === undefined || disposition.value === "") writer.ascii("NIL");
  else {
    writer.ascii("(");
    writeString(writer, utf8Bytes(disposition.value));
    writer.ascii(" ");
    writeParameters(writer, disposition.parameters);
    writer.ascii(")");
  }
  writer.ascii(" ");
  writeLanguages(structure, part);
  writer.ascii(" ");
  writeField(writer, viewOf(structure, part), "content-location");
}

/** RFC 3282 2: language tags with commas between. */
function writeLanguages(structure: Structure, part: Part): void {
  const field = firstField(part.header, "content-language");
  const text = field === undefined ? "" : fieldValue(structure.message.bytes, field);
  const tags = text.split(",").map(tag => tag.trim());
  writeList(
    structure.writer,
    tags.filter(tag => tag !== ""),
  );
}

function writeList(writer: Writer, texts: readonly string[]): void {
  if (texts.length === 0) {
    writer.ascii("NIL");
    return;
  }
  for (const [index, text] of texts.entries()) {
    writer.ascii(index === 0 ? "(" : " ");
    writeString(writer, utf8Bytes(text));
  }
  writer.ascii(")");
}

/** One pass over the message, whatever its nesting. */
function countLines(message: Message): LineCounts {
  const places = new Set<number>();
  const pending: Part[] = [message.root];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    places.add(part.bodyOffset).add(part.end);
    for (const child of part.children) pending.push(child);
  }
  const counts = new Map<number, number>();
  let lines = 0;
  let feed = message.bytes.indexOf(Octet.lf);
  for (const place of [...places].sort((one, other) => one - other)) {
    while (feed >= 0 && feed < place) {
      lines += 1;
      feed = message.bytes.indexOf(Octet.lf, feed + 1);
    }
    counts.set(place, lines);
  }
  return counts;
}

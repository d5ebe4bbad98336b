import { failed, type Parsed, parsed, utf8Bytes } from "@scop/wire";
import { contentTypeOf, partsOf } from "./body.ts";
import { addressField, type NamedMailbox, textField } from "./compose-field.ts";
import { octetsOf } from "./compose-message.ts";
import { attachmentPart } from "./compose-part.ts";
import { type Boundary, boundaryOf, delimits, readDelimiterLine } from "./delimiter.ts";
import type { Attachment } from "./draft.ts";
import type { ComposedPart } from "./encode-body.ts";
import { parseHeader } from "./header.ts";
import { isMultipart } from "./media.ts";
import type { HeaderField, Message, Part } from "./model.ts";
import { parameter } from "./parameters.ts";

const LF = 10;
const CR = 13;
const HYPHEN = 45;
const SPACE = 32;
const TAB = 9;

/** The value of a field that is set: text for people, or mailboxes. */
export type FieldValue = string | readonly NamedMailbox[];

/** One change to a message. Parts are those of its index; names are in any case, and must be field names. */
export type MessageEdit =
  /** The first field of the name becomes this one, the others of the name go; without one it is added. */
  | { readonly edit: "set-field"; readonly part: Part; readonly name: string; readonly value: FieldValue }
  /** Stands before all fields of the part, as trace fields do. RFC 5321 4.4 */
  | { readonly edit: "add-field"; readonly part: Part; readonly name: string; readonly value: FieldValue }
  /** All fields of the name. */
  | { readonly edit: "remove-field"; readonly part: Part; readonly name: string }
  /** A part of a multipart, with its fields. */
  | { readonly edit: "replace-part"; readonly part: Part; readonly by: Attachment }
  /** Behind the last part of a multipart. */
  | { readonly edit: "add-part"; readonly to: Part; readonly part: Attachment }
  /** A part of a multipart, with its delimiter; not its only one. */
  | { readonly edit: "remove-part"; readonly part: Part };

/** Octets that go, and what stands in their place. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly chunks: readonly Uint8Array[];
}

/** What editing asks of the index. */
interface Editing {
  readonly message: Message;
  readonly parents: ReadonlyMap<Part, Part>;
  /** How many parts of each multipart go. */
  readonly removed: Map<Part, number>;
}

function fieldBytes(name: string, value: FieldValue): Uint8Array {
  return utf8Bytes(typeof value === "string" ? textField(name, value) : addressField(name, value));
}

/** Where a field ends, beyond a limit that cut it too. */
function endOfField(bytes: Uint8Array, field: HeaderField): number {
  let at = field.offset + field.length;
  if (at >= bytes.length || bytes[at - 1] === LF) return at;
  do at = nextLine(bytes, at);
  while (bytes[at] === SPACE || bytes[at] === TAB);
  return at;
}

function nextLine(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at < 0 ? bytes.length : at + 1;
}

/** Octets of a line end at `at`: 0 where there is none. */
function lineEndAt(bytes: Uint8Array, at: number): number {
  if (bytes[at] === LF) return 1;
  return bytes[at] === CR && bytes[at + 1] === LF ? 2 : 0;
}

/** Whether a blank line ends the header of a part. */
function isEnded(bytes: Uint8Array, { headerOffset, bodyOffset }: Part): boolean {
  if (bodyOffset === headerOffset || bytes[bodyOffset - 1] !== LF) return false;
  const line = bytes[bodyOffset - 2] === CR ? bodyOffset - 2 : bodyOffset - 1;
  return line <= headerOffset || bytes[line - 1] === LF;
}

function addField({ message: { bytes }, parents }: Editing, part: Part, field: Uint8Array): Splice {
  const at = part.headerOffset;
  // Without a header there is no line that ends it: what stands there now must not become a part of the field. At a limit of the index there
  // may be a header all the same.
  const isMissing =
    part.header.length === 0 &&
    part.bodyOffset === at &&
    parseHeader(bytes.subarray(at, part.end)).header[0]?.offset !== 0;
  const holder = parents.get(part);
  // A message within whose holder's header did not end either.
  const isJoined = holder?.bodyOffset === at && !isMultipart(holder.mediaType) && !isEnded(bytes, holder);
  // The delimiter before it may be the last line, without an end.
  const before = (holder !== undefined && bytes[at - 1] !== LF ? "\r\n" : "") + (isJoined ? "\r\n" : "");
  return { start: at, end: at, chunks: [utf8Bytes(before), field, utf8Bytes(isMissing ? "\r\n" : "")] };
}

function fieldSplices(editing: Editing, part: Part, name: string, first: Uint8Array | undefined): readonly Splice[] {
  const { bytes } = editing.message;
  const lowerName = name.toLowerCase();
  const found = part.header.filter(field => field.lowerName === lowerName);
  if (found.length === 0) return first === undefined ? [] : [addField(editing, part, first)];
  return found.map((field, index) => ({
    start: field.offset,
    end: endOfField(bytes, field),
    chunks: index === 0 && first !== undefined ? [first] : [],
  }));
}

/** The boundary of a multipart with parts in its index, or that could have them. */
function boundaryOfPart({ message }: Editing, part: Part): Boundary | undefined {
  if (!isMultipart(part.mediaType)) return undefined;
  const text = parameter(contentTypeOf(message, part), "boundary")?.trimEnd() ?? "";
  return text === "" ? undefined : boundaryOf(utf8Bytes(text));
}

/** Whether a line of what was composed would end the part, or one around it. */
function collides(editing: Editing, holder: Part, chunks: readonly Uint8Array[]): boolean {
  const boundaries: Boundary[] = [];
  for (let part: Part | undefined = holder; part !== undefined; part = editing.parents.get(part)) {
    const boundary = boundaryOfPart(editing, part);
    if (boundary !== undefined) boundaries.push(boundary);
  }
  for (const bytes of chunks) {
    for (let at = 0; at < bytes.length; at = nextLine(bytes, at)) {
      if (bytes[at] !== HYPHEN || bytes[at + 1] !== HYPHEN) continue;
      const line = readDelimiterLine(bytes, at);
      if (line !== undefined && boundaries.some(each => delimits(bytes, line, each) !== undefined)) return true;
    }
  }
  return false;
}

function composedChunks(editing: Editing, holder: Part, by: Attachment): Parsed<readonly Uint8Array[]> {
  const composed: ComposedPart = attachmentPart(by, "ascii", "any");
  const body = [...octetsOf(composed.body)];
  // Only a message, which is never encoded, can have such a line.
  if (collides(editing, holder, body)) return failed("boundary-collision", holder.headerOffset, 0, "RFC 2046 5.1.1");
  return parsed([utf8Bytes(`${composed.fields}\r\n`), ...body]);
}

/** The multipart that holds a part directly. */
function holderOf({ parents }: Editing, part: Part): Part | undefined {
  const holder = parents.get(part);
  return holder !== undefined && isMultipart(holder.mediaType) ? holder : undefined;
}

function noMultipart(part: Part): Parsed<never> {
  return failed("no-multipart", part.headerOffset, 0, "RFC 2046 5.1");
}

function replacePart(editing: Editing, part: Part, by: Attachment): Parsed<readonly Splice[]> {
  const { bytes } = editing.message;
  const holder = holderOf(editing, part);
  if (holder === undefined) return noMultipart(part);
  const chunks = composedChunks(editing, holder, by);
  if (!chunks.ok) return chunks;
  const isBeforeLine = part.end === bytes.length || lineEndAt(bytes, part.end) > 0;
  // A part without a body ends where the line of the delimiter begins.
  const behind = isBeforeLine ? [] : [utf8Bytes("\r\n")];
  return parsed([{ start: part.headerOffset, end: part.end, chunks: [...chunks.value, ...behind] }]);
}

function addPart(editing: Editing, holder: Part, by: Attachment): Parsed<readonly Splice[]> {
  const { bytes } = editing.message;
  const boundary = boundaryOfPart(editing, holder);
  if (boundary === undefined) return noMultipart(holder);
  const chunks = composedChunks(editing, holder, by);
  if (!chunks.ok) return chunks;
  const last = holder.children.at(-1);
  const delimiter = (close: string): readonly Uint8Array[] => [
    utf8Bytes("--"),
    boundary.bytes,
    utf8Bytes(`${close}\r\n`),
  ];
  const line = utf8Bytes("\r\n");
  if (last === undefined) {
    const all = [...delimiter(""), ...chunks.value, line, ...delimiter("--")];
    return parsed([{ start: holder.bodyOffset, end: holder.bodyOffset, chunks: all }]);
  }
  const isBeforeLine = last.end === bytes.length || lineEndAt(bytes, last.end) > 0;
  const all = [line, ...delimiter(""), ...chunks.value, ...(isBeforeLine ? [] : [line])];
  return parsed([{ start: last.end, end: last.end, chunks: all }]);
}

function removePart(editing: Editing, part: Part): Parsed<readonly Splice[]> {
  const { bytes } = editing.message;
  const holder = holderOf(editing, part);
  if (holder === undefined) return noMultipart(part);
  const removed = (editing.removed.get(holder) ?? 0) + 1;
  editing.removed.set(holder, removed);
  if (removed >= holder.children.length) return failed("multipart-empty", part.headerOffset, 0, "RFC 2046 5.1.1");
  // From the line of its delimiter up to that of the next one, whose own line end is then the one before.
  const start = bytes.lastIndexOf(LF, part.headerOffset - 2) + 1;
  return parsed([{ start, end: part.end + lineEndAt(bytes, part.end), chunks: [] }]);
}

function splicesOf(editing: Editing, edit: MessageEdit): Parsed<readonly Splice[]> {
  switch (edit.edit) {
    case "set-field":
      return parsed(fieldSplices(editing, edit.part, edit.name, fieldBytes(edit.name, edit.value)));
    case "add-field":
      return parsed([addField(editing, edit.part, fieldBytes(edit.name, edit.value))]);
    case "remove-field":
      return parsed(fieldSplices(editing, edit.part, edit.name, undefined));
    case "replace-part":
      return replacePart(editing, edit.part, edit.by);
    case "add-part":
      return addPart(editing, edit.to, edit.part);
    case "remove-part":
      return removePart(editing, edit.part);
  }
}

/** The message with its splices; a diagnostic where two of them take the same octets. */
function apply(bytes: Uint8Array, splices: readonly Splice[]): Parsed<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const splice of splices.toSorted((one, other) => one.start - other.start || one.end - other.end)) {
    if (splice.start < at) return failed("edits-overlap", splice.start, at - splice.start, "RFC 5322 2.1");
    if (splice.start > at) chunks.push(bytes.subarray(at, splice.start));
    chunks.push(...splice.chunks.filter(chunk => chunk.length > 0));
    at = splice.end;
  }
  if (at < bytes.length) chunks.push(bytes.subarray(at));
  return parsed(chunks);
}

/**
 * A message with some things changed and every other octet as it was: chunks, of which those that stayed are views of its bytes. Lines that
 * are written end with CRLF. `no-multipart` where a part is not within one, or none can be added to it; `multipart-empty` where no
 * part would be left; `boundary-collision` where an attached message has a delimiter line of what holds it; `edits-overlap` where
 * two edits change the same octets. Linear in the parts, and in the octets that are written. RFC 5322 2, RFC 2046 5.1
 */
export function editMessage(message: Message, edits: readonly MessageEdit[]): Parsed<readonly Uint8Array[]> {
  const parents = new Map<Part, Part>();
  for (const part of partsOf(message.root)) for (const child of part.children) parents.set(child, part);
  const editing: Editing = { message, parents, removed: new Map() };
  const splices: Splice[] = [];
  for (const edit of edits) {
    const found = splicesOf(editing, edit);
    if (!found.ok) return found;
    splices.push(...found.value);
  }
  return apply(message.bytes, splices);
}

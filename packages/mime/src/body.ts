import type { Diagnostic } from "@scop/wire";
import { firstField } from "./header.ts";
import { LINE_OCTETS_MAX } from "./limits.ts";
import type { Message, Part } from "./model.ts";
import { type ParameterizedValue, parameterizedValue, parametersBehind } from "./parameters.ts";

const LF = 10;
const CR = 13;

/** What was asked for last: who reads a part asks for its charset, and then for its name. */
let last: { readonly part: Part; readonly type: ParameterizedValue } | undefined;

/** The Content-Type of a part: its media type as the index has it, and the parameters. RFC 2045 5.1 */
export function contentTypeOf(message: Pick<Message, "bytes">, part: Part): ParameterizedValue {
  if (last?.part === part) return last.type;
  const field = firstField(part.header, "content-type");
  if (field === undefined) return { value: part.mediaType, parameters: [], diagnostics: [] };
  const type = parametersBehind(message.bytes, field, part.mediaType);
  last = { part, type };
  return type;
}

/** The Content-Disposition of a part; undefined where it has none. RFC 2183 2 */
export function dispositionOf(message: Pick<Message, "bytes">, part: Part): ParameterizedValue | undefined {
  const field = firstField(part.header, "content-disposition");
  return field === undefined ? undefined : parameterizedValue(message.bytes, field);
}

/** Whether a part with this disposition is a file to save: `attachment`, or one that nobody knows; none and an empty one are not. RFC 2183 2.8 */
export function isAttachment(disposition: string | undefined): boolean {
  return disposition !== undefined && disposition !== "" && disposition !== "inline";
}

/** Lines of a body as it stands, encoded; a last line without an end counts. For RFC 3501 7.4.2 */
export function lineCount(message: Pick<Message, "bytes">, part: Part): number {
  const { bytes } = message;
  let lines = 0;
  for (let at = part.bodyOffset; at < part.end; at += 1) if (bytes[at] === LF) lines += 1;
  return part.end > part.bodyOffset && bytes[part.end - 1] !== LF ? lines + 1 : lines;
}

/** All parts of a tree in order of their place, the given one first. */
export function partsOf(root: Part): readonly Part[] {
  const found: Part[] = [];
  const waiting: Part[] = [root];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    found.push(part);
    for (let index = part.children.length - 1; index >= 0; index -= 1) waiting.push(part.children[index]!);
  }
  return found;
}

/** The first fault of each kind within the lines of a body. */
interface Faults {
  bareLf: number;
  bareCr: number;
  nul: number;
  longLine: number;
}

function faultsOf(bytes: Uint8Array, start: number): Faults {
  const faults: Faults = { bareLf: -1, bareCr: -1, nul: -1, longLine: -1 };
  let line = start;
  for (let at = start; at < bytes.length; at += 1) {
    const octet = bytes[at]!;
    if (octet > CR) continue;
    if (octet === LF) {
      if (faults.bareLf < 0 && (at === start || bytes[at - 1] !== CR)) faults.bareLf = at;
      if (faults.longLine < 0 && at - line > LINE_OCTETS_MAX + 1) faults.longLine = line;
      line = at + 1;
    } else if (octet === CR) {
      if (faults.bareCr < 0 && bytes[at + 1] !== LF) faults.bareCr = at;
    } else if (octet === 0 && faults.nul < 0) faults.nul = at;
  }
  if (faults.longLine < 0 && bytes.length - line > LINE_OCTETS_MAX) faults.longLine = line;
  return faults;
}

/** Octets above 127 in parts that say 7bit: the first of each part. */
function noteEightBit(message: Message, diagnostics: Diagnostic[]): void {
  for (const part of partsOf(message.root)) {
    if (part.encoding === "8bit" || part.encoding === "binary" || part.children.length > 0) continue;
    let at = part.bodyOffset;
    while (at < part.end && message.bytes[at]! < 128) at += 1;
    if (at < part.end) diagnostics.push({ code: "raw-8bit", offset: at, length: 1, rule: "RFC 2045 2.7" });
  }
}

/**
 * What is wrong with the octets behind the header, which `parseMessage` does not look at: the first bare LF, bare CR, NUL and line over
 * 998 octets, and for each part that is not declared 8bit or binary its first octet above 127. Reads the whole body. RFC 5322 2.1.1, 2.3
 */
export function bodyDiagnostics(message: Message): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const { bareLf, bareCr, nul, longLine } = faultsOf(message.bytes, message.root.bodyOffset);
  if (bareLf >= 0) diagnostics.push({ code: "bare-lf", offset: bareLf, length: 1, rule: "RFC 5322 2.3" });
  if (bareCr >= 0) diagnostics.push({ code: "bare-cr", offset: bareCr, length: 1, rule: "RFC 5322 2.3" });
  if (nul >= 0) diagnostics.push({ code: "nul", offset: nul, length: 1, rule: "RFC 5322 2.3" });
  if (longLine >= 0) diagnostics.push({ code: "line-length", offset: longLine, length: 0, rule: "RFC 5322 2.1.1" });
  noteEightBit(message, diagnostics);
  return diagnostics;
}

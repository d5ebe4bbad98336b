import { find, latin1Bytes } from "@scop/wire";
import { fileNameOf } from "./file-name.ts";
import type { Charsets, Message, Part } from "./model.ts";
import { decodePartBytes } from "./part-content.ts";
import { type EmbeddedPart, readTnef, type Tnef } from "./tnef.ts";
import { uuencodedFiles } from "./uuencode.ts";

const TNEF_TYPES: ReadonlySet<string> = new Set(["application/ms-tnef", "application/vnd.ms-tnef"]);
const TNEF_NAME = "winmail.dat";
const BEGIN = latin1Bytes("begin ");

/**
 * The parts that a leaf holds in a form of its own: those of TNEF (by its types, or by the name winmail.dat) and files uuencoded within
 * text/plain. None for any other part. Offsets of diagnostics count from the start of the decoded body.
 */
export function embeddedPartsOf(message: Pick<Message, "bytes">, part: Part, charsets?: Charsets): Tnef {
  if (part.children.length === 0) {
    if (part.mediaType === "text/plain") return uuencodedPartsOf(message, part);
    if (TNEF_TYPES.has(part.mediaType) || isNamedTnef(message, part)) {
      return readTnef(decodePartBytes(message, part).value, charsets);
    }
  }
  return { parts: [], diagnostics: [] };
}

function isNamedTnef(message: Pick<Message, "bytes">, part: Part): boolean {
  return part.mediaType === "application/octet-stream" && fileNameOf(message, part)?.toLowerCase() === TNEF_NAME;
}

function uuencodedPartsOf(message: Pick<Message, "bytes">, part: Part): Tnef {
  const { bytes } = message;
  const isEncoded = part.encoding === "base64";
  // Text without the word is not decoded again.
  if (!isEncoded && find(bytes.subarray(part.bodyOffset, part.end), BEGIN) < 0) return { parts: [], diagnostics: [] };
  const { files, diagnostics } = uuencodedFiles(decodePartBytes(message, part).value);
  const parts = files.map(
    (file): EmbeddedPart => ({
      mediaType: "application/octet-stream",
      charset: undefined,
      name: file.name,
      contentId: undefined,
      bytes: file.bytes,
    }),
  );
  return { parts, diagnostics };
}

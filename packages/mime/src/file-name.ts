import { contentTypeOf, dispositionOf } from "./body.ts";
import { FILE_NAME_CHARACTERS_MAX } from "./limits.ts";
import type { Charsets, Message, Part } from "./model.ts";
import { parameter } from "./parameters.ts";

/** Text that is printable ASCII throughout, as most names are. */
const PLAIN = /^[ -~]*$/;

/** Controls, and the characters that turn the direction of text: `exe.txt` must not look like `txt.exe`. */
function isHidden(code: number): boolean {
  if (code < 32 || (code >= 127 && code < 160)) return true;
  return code === 0x200e || code === 0x200f || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

/**
 * The last name of a path, without controls and without characters that turn the direction of text, cut at 255 characters; undefined
 * where nothing is left.
 */
export function safeFileName(path: string): string | undefined {
  const last = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  if (last.length <= FILE_NAME_CHARACTERS_MAX && PLAIN.test(last)) return named(last.trim());
  let name = "";
  for (const character of last) {
    if (name.length >= FILE_NAME_CHARACTERS_MAX) break;
    if (!isHidden(character.codePointAt(0)!)) name += character;
  }
  return named(name.trim());
}

function named(name: string): string | undefined {
  return name === "" || name === "." || name === ".." ? undefined : name;
}

/**
 * The file name of a part: `filename` of Content-Disposition, else `name` of Content-Type, decoded. Folders before it, controls and
 * characters that turn the direction of text are removed, and it is cut at 255 characters; undefined where nothing is left. `parameter`
 * gives the name as it came. RFC 2183 2.3
 */
export function fileNameOf(message: Pick<Message, "bytes">, part: Part, charsets?: Charsets): string | undefined {
  const disposition = dispositionOf(message, part);
  const given = disposition === undefined ? undefined : parameter(disposition, "filename", charsets);
  const name = given ?? parameter(contentTypeOf(message, part), "name", charsets);
  return name === undefined ? undefined : safeFileName(name);
}

import { decodePartBytes, type Message } from "@scop/mime";
import { Octet } from "@scop/wire";
import type { FetchItem } from "../command.ts";
import type { MessageSource } from "../fetch-plan.ts";
import { SECTION_DEPTH_MAX } from "../limits.ts";
import { partAt } from "../message-section.ts";
import { readPartial } from "../parse-fetch.ts";
import type { Reader } from "../reader.ts";
import type { FetchData } from "../response.ts";

const BRACKET = 91;
const BRACKET_END = 93;

/** RFC 3516 7: fetch-att = "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary; `BINARY` was read. */
export function readBinaryItem(reader: Reader): FetchItem | undefined {
  const isSize = reader.word(".SIZE");
  const peek = !isSize && reader.word(".PEEK");
  const path = readPath(reader);
  if (path === undefined) return undefined;
  if (isSize) return { item: "BINARY.SIZE", path };
  if (reader.peek() !== Octet.less) return { item: "BINARY[]", peek, path, partial: undefined };
  const partial = readPartial(reader);
  return partial === undefined ? undefined : { item: "BINARY[]", peek, path, partial };
}

/** RFC 3516 7: section-binary = "[" [section-part] "]" */
function readPath(reader: Reader): readonly number[] | undefined {
  if (!reader.take(BRACKET)) return reader.fail("section-expected", "RFC 3516 7");
  const path: number[] = [];
  if (reader.take(BRACKET_END)) return path;
  do {
    const number = reader.positive("part-number-expected", "RFC 3516 7");
    if (number === undefined) return undefined;
    if (path.length === SECTION_DEPTH_MAX) return reader.fail("section-too-deep");
    path.push(number);
  } while (reader.take(Octet.dot));
  return reader.take(BRACKET_END) ? path : reader.fail("section-end-expected", "RFC 3516 7");
}

type BinaryItem = Extract<FetchItem, { item: "BINARY[]" | "BINARY.SIZE" }>;

/** A part in its natural form, or how many octets that are; the whole message is as it is. RFC 3516 4.2, 4.3 */
export function binaryData(item: BinaryItem, source: MessageSource): FetchData {
  const octets = source.read === "message" ? octetsOf(source.message, item.path) : undefined;
  if (item.item === "BINARY.SIZE") return { item: "BINARY.SIZE", path: item.path, number: octets?.length ?? 0 };
  const label = { label: "BINARY[]", path: item.path, start: item.partial?.start } as const;
  const from = item.partial?.start ?? 0;
  const most = item.partial?.octets ?? Number.POSITIVE_INFINITY;
  return { item: "string", label, octets: octets?.subarray(from, from + most) };
}

function octetsOf(message: Message, path: readonly number[]): Uint8Array | undefined {
  if (path.length === 0) return message.bytes;
  const part = partAt(message.root, path);
  return part === undefined ? undefined : decodePartBytes(message, part).value;
}

/** Whether an item asks for a part whose encoding can't be undone: such a FETCH is refused. RFC 3516 4.3 */
export function hasUnknownEncoding(items: readonly FetchItem[], source: MessageSource): boolean {
  if (source.read !== "message") return false;
  const { root } = source.message;
  return items.some(
    item =>
      (item.item === "BINARY[]" || item.item === "BINARY.SIZE") && partAt(root, item.path)?.encoding === "unknown",
  );
}

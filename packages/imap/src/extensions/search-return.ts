import { Octet } from "@scop/wire";
import type { Reader } from "../reader.ts";

const OPEN = 40;
const CLOSE = 41;

/** What an extended search is to tell, or to save. RFC 4731 3.1, RFC 5182 2.1 */
export type ReturnOption = "ALL" | "COUNT" | "MAX" | "MIN" | "SAVE";

const OPTIONS: readonly ReturnOption[] = ["ALL", "COUNT", "MAX", "MIN", "SAVE"];

/** `RETURN (options)` and the space behind it, where it is next; undefined where it is not, `false` where it can't be read. */
export function readReturnOptions(reader: Reader): readonly ReturnOption[] | undefined | false {
  if (!reader.word("RETURN ")) return undefined;
  const options: ReturnOption[] = [];
  if (!reader.take(OPEN)) return fails(reader, "list-expected");
  if (!reader.take(CLOSE)) {
    do {
      const option = OPTIONS.find(name => reader.word(name));
      if (option === undefined) return fails(reader, "return-option-unknown");
      if (!options.includes(option)) options.push(option);
    } while (reader.take(Octet.space));
    if (!reader.take(CLOSE)) return fails(reader, "list-end-expected");
  }
  // RFC 4731 3.1: nothing named means ALL.
  return reader.space() && (options.length === 0 ? ["ALL"] : options);
}

function fails(reader: Reader, code: string): false {
  reader.fail(code, "RFC 4731 3.1");
  return false;
}

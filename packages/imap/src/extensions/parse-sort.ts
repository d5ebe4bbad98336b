import type { Command } from "../command.ts";
import { readCharset, readProgram } from "../parse-search.ts";
import type { Reader } from "../reader.ts";
import { readReturnOptions } from "./search-return.ts";
import { readSortKeys } from "./sort.ts";
import type { ThreadAlgorithm } from "./thread.ts";

const ALGORITHMS: readonly ThreadAlgorithm[] = ["ORDEREDSUBJECT", "REFERENCES"];

/** RFC 5256 5: sort = ["UID" SP] "SORT" SP sort-criteria SP search-criteria; RFC 5267 5 with RETURN before them. */
export function readSort(reader: Reader, byUid: boolean): Command | undefined {
  if (!reader.space()) return undefined;
  const returns = readReturnOptions(reader);
  const keys = returns === false ? undefined : readSortKeys(reader);
  if (returns === false || keys === undefined || !reader.space()) return undefined;
  const program = readCriteria(reader);
  return program && { command: "SORT", byUid, returns, keys, program };
}

/** RFC 5256 5: thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria */
export function readThread(reader: Reader, byUid: boolean): Command | undefined {
  if (!reader.space()) return undefined;
  const algorithm = ALGORITHMS.find(name => reader.word(name));
  if (algorithm === undefined) return reader.fail("thread-algorithm-unknown", "RFC 5256 3");
  if (!reader.space()) return undefined;
  const program = readCriteria(reader);
  return program && { command: "THREAD", byUid, algorithm, program };
}

/** RFC 5256 5: search-criteria = charset 1*(SP search-key) */
function readCriteria(reader: Reader): ReturnType<typeof readProgram> {
  return readCharset(reader) && reader.space() ? readProgram(reader) : undefined;
}
